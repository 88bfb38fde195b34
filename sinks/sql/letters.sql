-- name: keep
INSERT INTO tradewind.dead_letters (queue, message_id, body, reason, deliveries, received_at)
VALUES (%(queue)s, %(message_id)s, %(body)s, %(reason)s, %(deliveries)s, %(received_at)s)
ON CONFLICT (queue, message_id, sha256(body)) DO UPDATE
    SET deliveries = GREATEST(dead_letters.deliveries, EXCLUDED.deliveries)

-- name: list
SELECT letter_id, queue, message_id, reason, deliveries, octet_length(body) AS bytes, received_at
FROM tradewind.dead_letters
WHERE %(queue)s::text IS NULL OR queue = %(queue)s
ORDER BY letter_id LIMIT %(limit)s

-- name: show
SELECT letter_id, queue, message_id, reason, deliveries, octet_length(body) AS bytes, received_at, body
FROM tradewind.dead_letters WHERE letter_id = ANY(%(letters)s::bigint[]) ORDER BY letter_id

-- name: drop
DELETE FROM tradewind.dead_letters WHERE letter_id = ANY(%(letters)s::bigint[]) RETURNING letter_id
