-- name: batches
SELECT b.batch_id, b.run_id, b.feed, b.files, b.bytes, b.records, b.inserted, b.updated, b.unchanged, b.rejected,
    b.quarantined, b.started_at, b.staged_at, b.committed_at
FROM tradewind.batches b
WHERE b.batch_id < %(before)s AND (%(feed)s::text IS NULL OR b.feed = %(feed)s)
    AND (%(run_id)s::integer IS NULL OR b.run_id = %(run_id)s)
ORDER BY b.batch_id DESC LIMIT %(limit)s

-- name: batch
SELECT b.batch_id, b.run_id, b.feed, b.files, b.bytes, b.records, b.inserted, b.updated, b.unchanged, b.rejected,
    b.quarantined, b.started_at, b.staged_at, b.committed_at
FROM tradewind.batches b WHERE b.batch_id = %(batch_id)s

-- name: runs
SELECT {columns} FROM tradewind.runs r
WHERE r.run_id < %(before)s AND (%(kind)s::text IS NULL OR r.kind = %(kind)s)
    AND (%(state)s::text IS NULL OR {state} = %(state)s) AND (%(feed)s::text IS NULL OR %(feed)s = ANY(r.feeds))
ORDER BY r.run_id DESC LIMIT %(limit)s

-- name: run
SELECT {columns} FROM tradewind.runs r WHERE r.run_id = %(run_id)s

-- name: columns
r.run_id, r.kind, r.feeds, r.host, r.pid, {state} AS state, r.reason, r.stop_requested, r.total_files, r.started_at,
r.ended_at, r.command, r.asked_by, r.cancelled_by, r.last_lines, r.answer

-- name: state
-- As `tradewind runs list` tells it: lost is one whose process no longer holds its lock, or never came; in Airflow it may
-- wait for long, and Airflow is asked.
CASE WHEN r.state = 'running' AND NOT tradewind.run_lives(r.run_id)
    OR r.state = 'queued' AND r.started_at < now()
        - CASE WHEN r.host = 'airflow' THEN interval '1 day' ELSE interval '5 minutes' END THEN 'lost' ELSE r.state END

-- name: progress
-- What is committed; a stream has no total.
SELECT count(b.batch_id) AS batches, coalesce(sum(b.files), 0)::bigint AS files,
    coalesce(sum(b.records), 0)::bigint AS records, coalesce(sum(b.inserted), 0)::bigint AS inserted,
    coalesce(sum(b.updated), 0)::bigint AS updated, coalesce(sum(b.unchanged), 0)::bigint AS unchanged,
    coalesce(sum(b.rejected), 0)::bigint AS rejected, coalesce(sum(b.quarantined), 0)::bigint AS quarantined,
    max(b.committed_at) AS last_commit
FROM tradewind.batches b WHERE b.run_id = %(run_id)s AND b.committed_at IS NOT NULL

-- name: missing
-- Feeds whose last stream neither lives nor came to an orderly end: it is gone, or it failed. A paused feed expects none.
SELECT f.feed FROM tradewind.feeds f JOIN (
    SELECT DISTINCT ON (s.feed) s.feed, r.run_id, r.state FROM tradewind.runs r CROSS JOIN unnest(r.feeds) AS s (feed)
    WHERE r.kind = 'stream' AND r.state <> 'queued' ORDER BY s.feed, r.run_id DESC) last USING (feed)
WHERE NOT f.paused AND (last.state IN ('failed', 'lost')
    OR (last.state = 'running' AND NOT tradewind.run_lives(last.run_id)))
ORDER BY f.feed
