-- name: record
INSERT INTO tradewind.audit (who, address, action, target, run_id)
VALUES (%(who)s, %(address)s, %(action)s, %(target)s::jsonb, %(run_id)s)

-- name: listing
-- The newest first; the key of a page is the last row's id.
SELECT audit_id, at, who, address, action, target, run_id FROM tradewind.audit
WHERE (%(before)s::bigint IS NULL OR audit_id < %(before)s::bigint)
    AND (%(who)s::text IS NULL OR who = %(who)s) AND (%(action)s::text IS NULL OR action = %(action)s)
ORDER BY audit_id DESC LIMIT %(limit)s
