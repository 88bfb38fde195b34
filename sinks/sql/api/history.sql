-- name: steps
-- What was committed in each step, and how long the files took that were first seen in it; a step with neither has no row.
SELECT at, coalesce(c.batches, 0)::bigint AS batches, coalesce(c.files, 0)::bigint AS files,
    coalesce(c.quarantined, 0)::bigint AS quarantined, coalesce(c.records, 0)::bigint AS records,
    coalesce(c.inserted, 0)::bigint AS inserted, coalesce(c.updated, 0)::bigint AS updated,
    coalesce(c.unchanged, 0)::bigint AS unchanged, coalesce(c.rejected, 0)::bigint AS rejected,
    coalesce(s.seen, 0)::bigint AS seen, s.seen_p50_seconds, s.seen_p99_seconds
FROM ({committed}) c FULL JOIN ({lag}) s USING (at)
ORDER BY at

-- name: committed
-- A batch is committed within the hour in which it began, so that no older ones have to be looked at.
SELECT date_bin(%(step)s * interval '1 second', committed_at, %(since)s) AS at, count(*) AS batches, sum(files) AS files,
    sum(quarantined) AS quarantined, sum(records) AS records, sum(inserted) AS inserted, sum(updated) AS updated,
    sum(unchanged) AS unchanged, sum(rejected) AS rejected
FROM tradewind.batches
WHERE feed = %(feed)s AND batch_id >= %(first_batch)s AND committed_at >= %(since)s
GROUP BY 1

-- name: lag
-- As in lag.sql: a file that was owed again tells nothing of how fast it was.
SELECT date_bin(%(step)s * interval '1 second', registered_at, %(since)s) AS at, count(*) AS seen,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM loaded_at - registered_at)::float) AS seen_p50_seconds,
    percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM loaded_at - registered_at)::float) AS seen_p99_seconds
FROM tradewind.files
WHERE feed = %(feed)s AND file_id >= %(first_file)s AND registered_at >= %(since)s AND registrations = 1
    AND loaded_at IS NOT NULL
GROUP BY 1

-- name: first_batch
-- The first that began at this moment or later, by halving: they are numbered in the order in which they begin, give or
-- take those that begin at once, so one asks for a little earlier. 0 where there is none.
WITH RECURSIVE halved (low, high) AS (
    SELECT min(batch_id), max(batch_id) + 1 FROM tradewind.batches
    UNION ALL
    SELECT CASE WHEN middle.started_at >= %(moment)s THEN low ELSE middle.batch_id + 1 END,
        CASE WHEN middle.started_at >= %(moment)s THEN (low + high) / 2 ELSE high END
    FROM halved CROSS JOIN LATERAL (
        SELECT batch_id, started_at FROM tradewind.batches WHERE batch_id >= (low + high) / 2
        ORDER BY batch_id LIMIT 1) middle
    WHERE low < high)
SELECT coalesce(max(low), 0) AS first FROM halved
