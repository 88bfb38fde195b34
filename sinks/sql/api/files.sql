-- name: newest
-- Newest first. Of each (feed, state) that is asked for the newest file is looked up; a page can only hold files of
-- those pairs whose newest ones are the newest of all, so that no more are read, however many feeds and files there are.
WITH pairs AS (
    SELECT f.feed, s.state, (
        SELECT v.file_id FROM tradewind.files v WHERE v.feed = f.feed AND v.state = s.state {within}
        ORDER BY v.file_id DESC LIMIT 1) AS newest
    FROM tradewind.feeds f CROSS JOIN unnest(%(states)s::text[]) AS s (state)
    WHERE %(feed)s::text IS NULL OR f.feed = %(feed)s
), best AS MATERIALIZED (
    SELECT feed, state FROM pairs WHERE newest IS NOT NULL ORDER BY newest DESC LIMIT %(limit)s
), page AS MATERIALIZED (
    SELECT n.file_id FROM best b CROSS JOIN LATERAL (
        SELECT v.file_id FROM tradewind.files v WHERE v.feed = b.feed AND v.state = b.state {within}
        ORDER BY v.file_id DESC LIMIT %(limit)s) n
    ORDER BY n.file_id DESC LIMIT %(limit)s)
SELECT {columns} FROM page JOIN tradewind.files v USING (file_id) ORDER BY v.file_id DESC

-- name: newest_of_all
SELECT {columns} FROM tradewind.files v WHERE true {within} ORDER BY v.file_id DESC LIMIT %(limit)s

-- name: by_name
-- Below a prefix in the order of names, which an index has.
SELECT {columns} FROM tradewind.files v
WHERE v.uri ^@ %(prefix)s AND (%(feed)s::text IS NULL OR v.feed = %(feed)s)
    AND (%(state)s::text IS NULL OR v.state = %(state)s) {within} {after}
ORDER BY v.uri, v.file_id LIMIT %(limit)s

-- name: after
AND (v.uri, v.file_id) > (%(uri)s, %(file_id)s)

-- name: from_the_first

-- name: within
-- From the times of registration to the ids between which they lie; the times themselves are exact.
AND v.file_id < %(before)s AND v.file_id >= %(first)s AND v.file_id <= %(last)s
    AND (%(from_)s::timestamptz IS NULL OR v.registered_at >= %(from_)s)
    AND (%(to)s::timestamptz IS NULL OR v.registered_at < %(to)s)
    AND (%(seen_by)s::text IS NULL OR v.seen_by = %(seen_by)s)

-- name: bounds
-- Transactions that register overlap, so that ids and times may disagree by minutes at the most.
SELECT coalesce(tradewind.file_registered(%(from_)s::timestamptz - interval '10 minutes'), 0) AS first,
    coalesce(tradewind.file_registered(%(to)s::timestamptz + interval '10 minutes'), 9223372036854775807) AS last

-- name: columns
-- Those of `tradewind files list`.
v.file_id, v.feed, v.uri, v.version, v.size, v.modified_at, v.state, v.reason, v.lines, v.framing_lines, v.records,
v.inserted, v.updated, v.unchanged, v.duplicate, v.stale, v.pending, v.rejected, v.ignored, v.ignored_by, v.withdrawn,
v.attempts, v.seen_by, v.registered_at, v.loaded_at, v.due_at, v.min_date, v.max_date, v.cleared_at, v.cleared_how,
v.cleared_to

-- name: one
SELECT {columns}, d.name AS dataset, v.record_lines, v.effective_at, v.path_date, v.path_sequence, v.sequence, v.run_id,
    v.batch_id, v.registrations, v.profile_version, v.state_at
FROM tradewind.files v JOIN tradewind.datasets d USING (dataset_id) WHERE v.file_id = %(file_id)s

-- name: timeline
-- The common way from the file's own row and its batch, the rest as it was kept. Newest last.
WITH told AS (
    SELECT 'discovered' AS state, registered_at AS at, NULL::text AS reason, NULL::integer AS run_id, NULL::bigint AS batch_id,
        0 AS place
    FROM tradewind.files WHERE file_id = %(file_id)s AND (state <> 'ignored' OR state_at > registered_at)
    UNION ALL
    SELECT 'loading', b.started_at, NULL, b.run_id, b.batch_id, 1
    FROM tradewind.files f JOIN tradewind.batches b USING (batch_id) WHERE f.file_id = %(file_id)s
    UNION ALL
    SELECT 'loaded', loaded_at, NULL, NULL, batch_id, 2
    FROM tradewind.files WHERE file_id = %(file_id)s AND loaded_at IS NOT NULL
    UNION ALL
    SELECT state, at, reason, run_id, NULL, 3 FROM tradewind.file_states WHERE file_id = %(file_id)s
    UNION ALL
    SELECT state, state_at, reason, run_id, NULL, 4 FROM tradewind.files WHERE file_id = %(file_id)s
), once AS (
    SELECT DISTINCT ON (state, at) * FROM told ORDER BY state, at, place
), latest AS (
    SELECT * FROM once ORDER BY at DESC, place DESC LIMIT %(limit)s)
SELECT state, at, reason, run_id, batch_id FROM latest ORDER BY at, place

-- name: versions
SELECT v.file_id, v.version, v.size, v.modified_at, v.effective_at, v.state, v.loaded_at
FROM tradewind.files f JOIN tradewind.files v ON v.feed = f.feed AND v.uri = f.uri
WHERE f.file_id = %(file_id)s ORDER BY v.order_key DESC, v.file_id DESC LIMIT %(limit)s
