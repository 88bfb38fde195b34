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
