-- name: freshness
-- From arrival to row: of the files that were registered within the window and loaded since. A file that was owed again
-- tells nothing of how fast it was; one of an archive was written long before it was seen, hence both times.
SELECT f.feed, coalesce(w.files, 0) AS files, w.seen_p50_seconds, w.seen_p99_seconds, w.written_p50_seconds,
    w.written_p99_seconds, t.last_load, t.newest_file, extract(epoch FROM now() - t.newest_file)::float AS freshness_seconds,
    o.oldest_owed
FROM tradewind.feeds f
LEFT JOIN (
    SELECT v.feed, count(*) AS files,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY v.seen) AS seen_p50_seconds,
        percentile_cont(0.99) WITHIN GROUP (ORDER BY v.seen) AS seen_p99_seconds,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY v.written) AS written_p50_seconds,
        percentile_cont(0.99) WITHIN GROUP (ORDER BY v.written) AS written_p99_seconds
    FROM (
        SELECT feed, extract(epoch FROM loaded_at - registered_at)::float AS seen,
            extract(epoch FROM loaded_at - modified_at)::float AS written
        FROM tradewind.files
        WHERE file_id >= %(first)s AND registered_at >= %(since)s AND registrations = 1 AND loaded_at IS NOT NULL
            AND (%(feed)s::text IS NULL OR feed = %(feed)s)) v
    GROUP BY v.feed) w USING (feed)
LEFT JOIN (
    SELECT feed, max(last_at) FILTER (WHERE state = 'loaded') AS last_load,
        max(newest_at) FILTER (WHERE state = 'loaded') AS newest_file
    FROM tradewind.tallies WHERE %(feed)s::text IS NULL OR feed = %(feed)s GROUP BY feed) t USING (feed)
CROSS JOIN LATERAL (
    SELECT min(first.registered_at) AS oldest_owed
    FROM unnest(ARRAY['discovered', 'loading', 'waiting']) AS s (state) CROSS JOIN LATERAL (
        SELECT v.registered_at FROM tradewind.files v WHERE v.feed = f.feed AND v.state = s.state
        ORDER BY v.file_id LIMIT 1) first) o
WHERE %(feed)s::text IS NULL OR f.feed = %(feed)s
ORDER BY f.feed

-- name: newest_day
-- Of all feeds, or of one; by the index files_by_day, as the pages below.
SELECT max(newest.day) AS day
FROM tradewind.feeds f CROSS JOIN LATERAL (
    SELECT coalesce(v.path_date, v.min_date, (v.modified_at AT TIME ZONE 'UTC')::date) AS day
    FROM tradewind.files v WHERE v.feed = f.feed ORDER BY day DESC LIMIT 1) newest
WHERE %(feed)s::text IS NULL OR f.feed = %(feed)s

-- name: completeness
-- The day is the path's, else the first of the file's trades, else that of its last change, in UTC.
SELECT feed, day, count(*) AS files,
    count(*) FILTER (WHERE state = 'loaded') AS loaded,
    count(*) FILTER (WHERE state = 'superseded') AS superseded,
    count(*) FILTER (WHERE state IN ('discovered', 'loading', 'waiting')) AS owed,
    count(*) FILTER (WHERE state = 'quarantined') AS quarantined,
    count(*) FILTER (WHERE state = 'vanished') AS vanished,
    count(*) FILTER (WHERE state = 'ignored') AS files_ignored,
    {books}
FROM (
    SELECT v.*, coalesce(path_date, min_date, (modified_at AT TIME ZONE 'UTC')::date) AS day
    FROM tradewind.files v WHERE %(feed)s::text IS NULL OR feed = %(feed)s) f
WHERE day > %(to)s::date - %(days)s AND day <= %(to)s::date
    AND (%(feed)s::text IS NULL OR day < %(last_day)s::date) -- of one feed, the index begins there
    AND feed >= %(last_feed)s AND (feed > %(last_feed)s OR day < %(last_day)s::date)
GROUP BY feed, day ORDER BY feed, day DESC LIMIT %(limit)s

-- name: books
-- Of what is or was in the table.
coalesce(sum(records) FILTER (WHERE state IN ('loaded', 'superseded')), 0)::bigint AS records,
coalesce(sum(inserted) FILTER (WHERE state IN ('loaded', 'superseded')), 0)::bigint AS inserted,
coalesce(sum(updated) FILTER (WHERE state IN ('loaded', 'superseded')), 0)::bigint AS updated,
coalesce(sum(unchanged) FILTER (WHERE state IN ('loaded', 'superseded')), 0)::bigint AS unchanged,
coalesce(sum(duplicate) FILTER (WHERE state IN ('loaded', 'superseded')), 0)::bigint AS duplicate,
coalesce(sum(stale) FILTER (WHERE state IN ('loaded', 'superseded')), 0)::bigint AS stale,
coalesce(sum(pending) FILTER (WHERE state IN ('loaded', 'superseded')), 0)::bigint AS pending,
coalesce(sum(rejected) FILTER (WHERE state IN ('loaded', 'superseded')), 0)::bigint AS rejected,
coalesce(sum(ignored) FILTER (WHERE state IN ('loaded', 'superseded')), 0)::bigint AS ignored,
coalesce(sum(withdrawn) FILTER (WHERE state IN ('loaded', 'superseded')), 0)::bigint AS withdrawn

-- name: reconciliations
-- As `tradewind sweep --history` shows them.
SELECT reconciliation_id, feed, why, started_at, ended_at, seconds, list_calls, objects, outside, ignored, known,
    awaited, missed, overwritten, returned, owed_too_long, vanished, phantom, first_day, last_day, nullif(under, '') AS under,
    started_after, reached, incomplete, run_id
FROM tradewind.reconciliations
WHERE reconciliation_id < %(before)s AND (%(feed)s::text IS NULL OR feed = %(feed)s)
    AND (%(run_id)s::integer IS NULL OR run_id = %(run_id)s)
ORDER BY reconciliation_id DESC LIMIT %(limit)s
