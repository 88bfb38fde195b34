-- name: record
INSERT INTO tradewind.audit (who, address, action, target, run_id)
VALUES (%(who)s, %(address)s, %(action)s, %(target)s::jsonb, %(run_id)s)

-- name: listing
SELECT audit_id, at, who, address, action, target, run_id FROM tradewind.audit
WHERE audit_id < %(before)s AND (%(who)s::text IS NULL OR who = %(who)s)
    AND (%(action)s::text IS NULL OR action = %(action)s)
ORDER BY audit_id DESC LIMIT %(limit)s
