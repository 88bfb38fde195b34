-- name: queue
INSERT INTO tradewind.runs (kind, feeds, host, pid, state, command, asked_by)
VALUES (%(kind)s, %(feeds)s, %(host)s, 0, 'queued', %(command)s, %(asked_by)s) RETURNING run_id

-- name: one_at_a_time
-- Until the end of the transaction: of two that count at once, each would miss the other's.
SELECT pg_advisory_xact_lock(7449)

-- name: under_way
SELECT count(*) AS runs FROM tradewind.runs r
WHERE r.asked_by IS NOT NULL AND r.state IN ('queued', 'running') AND {state} <> 'lost'

-- name: cancel
-- A queued one ends at once; a running one stops after what it has in hand. A stream is no such run: it is paused.
UPDATE tradewind.runs SET stop_requested = true, cancelled_by = %(who)s,
    state = CASE WHEN state = 'queued' THEN 'stopped' ELSE state END,
    reason = CASE WHEN state = 'queued' THEN 'cancelled before it began' ELSE reason END,
    ended_at = CASE WHEN state = 'queued' THEN now() ELSE ended_at END
WHERE run_id = %(run_id)s AND kind <> 'stream' AND state IN ('queued', 'running')
RETURNING state

-- name: ended
-- What its process said at the end. One that died without a word has failed.
UPDATE tradewind.runs SET answer = %(answer)s, last_lines = %(last_lines)s,
    state = CASE WHEN state IN ('queued', 'running') THEN 'failed' ELSE state END,
    reason = CASE WHEN state IN ('queued', 'running') THEN %(reason)s ELSE reason END,
    ended_at = coalesce(ended_at, now())
WHERE run_id = %(run_id)s

-- name: handed
SELECT run_id FROM tradewind.runs
WHERE host = 'airflow' AND state = 'queued' AND started_at < now() - interval '30 seconds' ORDER BY run_id LIMIT 20

-- name: never_began
UPDATE tradewind.runs SET state = 'failed', reason = %(reason)s, ended_at = now()
WHERE run_id = %(run_id)s AND state = 'queued'

-- name: listed
SELECT r.run_id, r.kind, r.feeds,
    {state} AS state,
    r.started_at, r.ended_at, r.total_files, r.host, r.pid, r.command, r.asked_by, r.cancelled_by, r.reason, r.last_lines,
    coalesce(b.batches, 0) AS batches, coalesce(b.files, 0)::bigint AS files, coalesce(b.records, 0)::bigint AS records,
    coalesce(b.quarantined, 0)::bigint AS quarantined
FROM tradewind.runs r LEFT JOIN LATERAL (
    SELECT count(*) AS batches, sum(files) AS files, sum(records) AS records, sum(quarantined) AS quarantined
    FROM tradewind.batches WHERE run_id = r.run_id) b ON true
ORDER BY r.run_id DESC LIMIT %(limit)s

-- name: file
SELECT file_id, feed, uri, version, state FROM tradewind.files WHERE file_id = %(file_id)s
