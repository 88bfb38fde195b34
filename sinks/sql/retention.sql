-- name: rejects
DELETE FROM tradewind.rejects r USING tradewind.files f
WHERE f.file_id = r.file_id AND f.state <> 'quarantined' AND r.rejected_at < now() - %(age)s

-- name: batches
DELETE FROM tradewind.batches WHERE started_at < now() - %(age)s

-- name: runs
DELETE FROM tradewind.runs r WHERE r.ended_at < now() - %(age)s
    AND NOT EXISTS (SELECT FROM tradewind.files f WHERE f.run_id = r.run_id)
    AND NOT EXISTS (SELECT FROM tradewind.batches b WHERE b.run_id = r.run_id)

-- name: reconciliations
-- A sweep that found nothing is of interest for a day.
DELETE FROM tradewind.reconciliations WHERE started_at < now() - %(age)s OR (started_at < now() - interval '1 day'
    AND missed + overwritten + returned + owed_too_long + vanished + phantom = 0 AND incomplete IS NULL)

-- name: letters
DELETE FROM tradewind.dead_letters WHERE received_at < now() - %(age)s
