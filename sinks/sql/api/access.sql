-- name: create_token
INSERT INTO tradewind.tokens (name, role, digest, expires_at)
VALUES (%(name)s, %(role)s, %(digest)s, %(expires_at)s)
ON CONFLICT (name) DO NOTHING RETURNING token_id, name, role, created_at, expires_at

-- name: tokens
SELECT token_id, name, role, created_at, expires_at, revoked_at FROM tradewind.tokens ORDER BY token_id

-- name: revoke_token
UPDATE tradewind.tokens SET revoked_at = now() WHERE name = %(name)s AND revoked_at IS NULL RETURNING name

-- name: principal_of_token
SELECT name, role, digest FROM tradewind.tokens
WHERE digest = %(digest)s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())

-- name: start_session
-- It ends with its token, if that is sooner.
INSERT INTO tradewind.sessions (digest, token_id, expires_at)
SELECT %(digest)s, token_id, least(now() + %(life)s, expires_at) FROM tradewind.tokens
WHERE name = %(name)s AND revoked_at IS NULL RETURNING expires_at

-- name: principal_of_session
SELECT t.name, t.role, s.digest FROM tradewind.sessions s JOIN tradewind.tokens t USING (token_id)
WHERE s.digest = %(digest)s AND s.expires_at > now()
    AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())

-- name: end_session
DELETE FROM tradewind.sessions WHERE digest = %(digest)s

-- name: prune_sessions
DELETE FROM tradewind.sessions s USING tradewind.tokens t WHERE t.token_id = s.token_id
    AND (s.expires_at <= now() OR t.revoked_at IS NOT NULL)

-- name: sign_in_turn
-- One sign-in at a time, in all processes: else many at once would each be under the limit.
SELECT pg_advisory_xact_lock(7448)

-- name: prune_tries
DELETE FROM tradewind.sign_in_tries WHERE tried_at <= now() - %(within)s

-- name: tries
-- Seconds until the oldest try of the window leaves it, and how many are in it: of one address, and of all.
SELECT count(*) FILTER (WHERE address = %(address)s) AS own, count(*) AS everyone,
    extract(epoch FROM min(tried_at) FILTER (WHERE address = %(address)s) + %(within)s - now()) AS own_wait,
    extract(epoch FROM min(tried_at) + %(within)s - now()) AS wait
FROM tradewind.sign_in_tries

-- name: tried
INSERT INTO tradewind.sign_in_tries (address, tried_at) VALUES (%(address)s, clock_timestamp())

-- name: create_link
-- As a token that is in use, and for no longer than it.
INSERT INTO tradewind.links (digest, token_id, expires_at)
SELECT %(digest)s, token_id, least(now() + %(life)s, expires_at) FROM tradewind.tokens
WHERE name = %(name)s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) RETURNING expires_at

-- name: use_link
-- Of two at once the second waits here, and then finds it used.
UPDATE tradewind.links l SET used_at = now() FROM tradewind.tokens t
WHERE l.digest = %(digest)s AND l.used_at IS NULL AND l.expires_at > now() AND t.token_id = l.token_id
    AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
RETURNING t.name, t.role

-- name: link
SELECT used_at IS NOT NULL AS used FROM tradewind.links WHERE digest = %(digest)s

-- name: prune_links
DELETE FROM tradewind.links WHERE expires_at <= now() - interval '1 day'
