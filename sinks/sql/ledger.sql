-- name: ensure_dataset
INSERT INTO tradewind.datasets (name, partition) VALUES (%(dataset)s, %(partition)s) ON CONFLICT DO NOTHING

-- name: ensure_feed
INSERT INTO tradewind.feeds AS f (feed, dataset_id, source, profile, profile_version)
SELECT %(feed)s, dataset_id, %(source)s, %(profile)s, %(profile_version)s
FROM tradewind.datasets WHERE name = %(dataset)s
ON CONFLICT (feed) DO UPDATE SET dataset_id = excluded.dataset_id, source = excluded.source,
    profile = excluded.profile, profile_version = excluded.profile_version, updated_at = now()
RETURNING dataset_id

-- name: register
-- One statement for any number of sightings. A version the ledger knows is left as it is.
INSERT INTO tradewind.files (feed, dataset_id, uri, version, size, modified_at, effective_at, path_date,
    path_sequence, order_key, sequence, seen_by, state, reason)
SELECT DISTINCT ON (s.uri, s.version) %(feed)s, %(dataset_id)s, s.uri, s.version, s.size, s.modified_at,
    s.modified_at, s.path_date, s.path_sequence,
    tradewind.order_key(s.path_date, s.path_sequence, s.modified_at, s.uri), s.sequence, s.seen_by,
    CASE WHEN s.reason IS NULL THEN 'discovered' ELSE 'ignored' END, s.reason
FROM unnest(%(uris)s::text[], %(versions)s::text[], %(sizes)s::bigint[], %(modified)s::timestamptz[],
    %(dates)s::date[], %(sequences)s::bigint[], %(order)s::text[], %(seen_by)s::text[], %(reasons)s::text[])
    AS s (uri, version, size, modified_at, path_date, path_sequence, sequence, seen_by, reason)
ON CONFLICT (feed, uri, version) DO NOTHING
RETURNING file_id, uri, version

-- name: contested
-- Sightings of a uri of which the ledger holds another version that is not clearly older, or of a version that
-- is not current: only what the store shows now may become (again) the newest.
SELECT DISTINCT f.file_id, f.uri, f.version
FROM tradewind.files f
JOIN unnest(%(uris)s::text[], %(versions)s::text[]) AS s (uri, version) ON f.uri = s.uri AND f.version = s.version
WHERE f.feed = %(feed)s AND f.state <> 'ignored' AND (f.state IN ('superseded', 'vanished') OR EXISTS (
    SELECT FROM tradewind.files o WHERE o.feed = f.feed AND o.uri = f.uri AND o.version <> f.version
    AND o.effective_at >= f.effective_at))

-- name: make_current
-- The store shows these versions now: each becomes newer than every other version of its uri.
UPDATE tradewind.files f SET effective_at = n.effective_at,
    order_key = tradewind.order_key(f.path_date, f.path_sequence, n.effective_at, f.uri),
    state = CASE WHEN f.state IN ('superseded', 'vanished') THEN 'discovered' ELSE f.state END,
    registrations = f.registrations + (f.state IN ('superseded', 'vanished'))::integer,
    reason = NULL, state_at = now()
FROM (SELECT c.file_id, greatest(c.modified_at, max(o.effective_at) + interval '1 microsecond') AS effective_at
      FROM tradewind.files c JOIN tradewind.files o
        ON o.feed = c.feed AND o.uri = c.uri AND o.file_id <> c.file_id
      WHERE c.file_id = ANY(%(file_ids)s::bigint[]) GROUP BY c.file_id, c.modified_at) n
WHERE f.file_id = n.file_id

-- name: revive
UPDATE tradewind.files SET state = 'discovered', registrations = registrations + 1, reason = NULL, state_at = now()
WHERE file_id = ANY(%(file_ids)s::bigint[]) AND state IN ('superseded', 'vanished')

-- name: claim
-- Oldest first; at most max_files and about max_bytes; what another run holds is skipped, what a dead run held is
-- taken over: its advisory lock is gone.
WITH dead AS (
    SELECT run_id FROM tradewind.runs r WHERE NOT EXISTS (
        SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = %(lock_class)s
        AND l.objid = r.run_id::oid AND l.objsubid = 2
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
    AND EXISTS (SELECT FROM tradewind.files f WHERE f.feed = %(feed)s AND f.state = 'loading' AND f.run_id = r.run_id)
), owed AS MATERIALIZED (
    SELECT file_id, size, coalesce(path_date, modified_at::date) AS day, modified_at, uri FROM tradewind.files
    WHERE feed = %(feed)s AND (state = 'discovered' OR (state = 'waiting' AND due_at <= now())
        OR (state = 'loading' AND (run_id IS NULL OR run_id IN (SELECT run_id FROM dead))))
    ORDER BY coalesce(path_date, modified_at::date), modified_at, uri
    LIMIT %(max_files)s FOR UPDATE SKIP LOCKED
), cut AS (
    SELECT file_id, sum(size) OVER (ORDER BY day, modified_at, uri) - size AS before FROM owed
)
UPDATE tradewind.files f SET state = 'loading', run_id = %(run_id)s, fence = f.fence + 1,
    attempts = f.attempts + 1, state_at = now(), due_at = NULL
FROM cut WHERE f.file_id = cut.file_id AND cut.before < %(max_bytes)s
RETURNING f.file_id, f.fence, f.uri, f.version, f.size, f.modified_at, f.attempts, f.order_key, f.registered_at

-- name: owed
SELECT count(*) AS files, coalesce(sum(size), 0)::bigint AS bytes,
    count(*) FILTER (WHERE state = 'waiting') AS waiting, min(due_at) AS due_at
FROM tradewind.files WHERE feed = %(feed)s AND state IN ('discovered', 'loading', 'waiting')

-- name: pause
UPDATE tradewind.feeds SET paused = %(paused)s WHERE feed = %(feed)s RETURNING feed

-- name: is_paused
SELECT paused FROM tradewind.feeds WHERE feed = %(feed)s

-- name: due
-- What became owed by itself: a waiting file whose time has come, a retried one, the claims of a dead run.
SELECT feed, uri, version, size, modified_at, sequence, 'operator' FROM tradewind.files f
WHERE feed = %(feed)s AND ((state = 'waiting' AND due_at <= now())
    OR (state = 'discovered' AND state_at < now() - interval '1 second')
    OR (state = 'loading' AND state_at < now() - interval '2 seconds' AND NOT EXISTS (
        SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = %(lock_class)s
        AND l.objid = f.run_id::oid AND l.objsubid = 2)))
    AND NOT EXISTS (SELECT FROM tradewind.feeds p WHERE p.feed = f.feed AND p.paused)
ORDER BY file_id LIMIT 1

-- name: release
UPDATE tradewind.files SET state = 'discovered', run_id = NULL, fence = fence + 1, state_at = now()
WHERE run_id = %(run_id)s AND state = 'loading' AND (%(feed)s::text IS NULL OR feed = %(feed)s)

-- name: set_state
-- The outcome of claimed files that are not merged; a claim lost changes nothing. One that was loaded before and could
-- only not be read this time keeps its books.
UPDATE tradewind.files f SET state = s.state, reason = s.reason, due_at = s.due_at, run_id = NULL, state_at = now(),
    lines = CASE WHEN s.state IN ('waiting', 'vanished') AND f.loaded_at IS NOT NULL THEN f.lines ELSE s.lines END,
    records = CASE WHEN s.state IN ('waiting', 'vanished') AND f.loaded_at IS NOT NULL THEN f.records
        ELSE s.records END,
    rejected = CASE WHEN s.state IN ('waiting', 'vanished') AND f.loaded_at IS NOT NULL THEN f.rejected
        ELSE s.rejected END,
    batch_id = %(batch_id)s, profile_version = %(profile_version)s
FROM unnest(%(file_ids)s::bigint[], %(fences)s::bigint[], %(states)s::text[], %(reasons)s::text[],
    %(due)s::timestamptz[], %(lines)s::bigint[], %(records)s::bigint[], %(rejected)s::bigint[])
    AS s (file_id, fence, state, reason, due_at, lines, records, rejected)
WHERE f.file_id = s.file_id AND f.fence = s.fence AND f.state = 'loading' AND f.run_id = %(run_id)s

-- name: vanish_to_superseded
-- A version that was loaded before and cannot be read any more keeps its books, if it was not refused since.
UPDATE tradewind.files SET state = 'superseded'
WHERE file_id = ANY(%(file_ids)s::bigint[]) AND state = 'vanished' AND loaded_at IS NOT NULL
    AND lines = record_lines + framing_lines
    AND records = inserted + updated + unchanged + duplicate + stale + pending + rejected + ignored

-- name: retry
-- By its archive's name a member is meant too. No LIKE: signs of a name stand for themselves alone.
UPDATE tradewind.files SET state = 'discovered', reason = NULL, due_at = NULL, registrations = registrations + 1,
    state_at = now()
WHERE feed = %(feed)s AND state = ANY(%(states)s::text[])
    AND (%(version)s::text IS NULL OR version = %(version)s)
    AND (%(uri)s::text IS NULL OR uri = %(uri)s OR right(uri, length(%(uri)s::text) + 1) = '/' || %(uri)s
        OR starts_with(uri, %(uri)s || '!') OR strpos(uri, '/' || %(uri)s || '!') > 0)
RETURNING file_id, uri, version, size, modified_at

-- name: ignore
-- What was never loaded: a loaded file's rows are in the table, and ignoring it would hide where they come from.
UPDATE tradewind.files SET state = 'ignored', reason = %(reason)s, due_at = NULL, run_id = NULL, state_at = now()
WHERE feed = %(feed)s AND state IN ('discovered', 'waiting', 'quarantined', 'vanished') AND loaded_at IS NULL
    AND (%(version)s::text IS NULL OR version = %(version)s)
    AND (uri = %(uri)s OR right(uri, length(%(uri)s::text) + 1) = '/' || %(uri)s
        OR starts_with(uri, %(uri)s || '!') OR strpos(uri, '/' || %(uri)s || '!') > 0)
RETURNING file_id, uri, version

-- name: start_run
INSERT INTO tradewind.runs (kind, feeds, host, pid) VALUES (%(kind)s, %(feeds)s, %(host)s, %(pid)s) RETURNING run_id

-- name: begin_run
-- One that was queued by whoever asked for it.
UPDATE tradewind.runs SET state = 'running', host = %(host)s, pid = %(pid)s, started_at = now()
WHERE run_id = %(run_id)s AND state = 'queued' AND NOT stop_requested RETURNING run_id

-- name: cancelled
SELECT cancelled_by IS NOT NULL FROM tradewind.runs WHERE run_id = %(run_id)s

-- name: resting
SELECT r.stop_requested OR coalesce((SELECT paused FROM tradewind.feeds WHERE feed = %(feed)s), false)
FROM tradewind.runs r WHERE r.run_id = %(run_id)s

-- name: expect
UPDATE tradewind.runs SET total_files = %(files)s WHERE run_id = %(run_id)s

-- name: end_run
UPDATE tradewind.runs SET state = %(state)s, reason = %(reason)s, ended_at = now() WHERE run_id = %(run_id)s

-- name: start_batch
INSERT INTO tradewind.batches (run_id, feed, files, bytes) VALUES (%(run_id)s, %(feed)s, %(files)s, %(bytes)s)
RETURNING batch_id

-- name: summary
SELECT f.feed, count(v.file_id) FILTER (WHERE v.state IN ('loaded', 'superseded') AND v.loaded_at IS NOT NULL) AS files,
    count(v.file_id) FILTER (WHERE v.state IN ('discovered', 'loading', 'waiting')) AS owed,
    coalesce(sum(v.inserted), 0)::bigint AS inserted, coalesce(sum(v.updated), 0)::bigint AS updated,
    coalesce(sum(v.rejected), 0)::bigint AS rejected,
    count(v.file_id) FILTER (WHERE v.state = 'quarantined') AS quarantined,
    max(v.loaded_at) AS last_load,
    extract(epoch FROM now() - max(v.modified_at) FILTER (WHERE v.state = 'loaded'))::float AS freshness_seconds
FROM tradewind.feeds f LEFT JOIN tradewind.files v USING (feed) GROUP BY f.feed ORDER BY f.feed

-- name: files
SELECT file_id, feed, uri, version, size, modified_at, state, reason, lines, framing_lines, records, inserted,
    updated, unchanged, duplicate, stale, pending, rejected, ignored, ignored_by, withdrawn, attempts, seen_by,
    registered_at, loaded_at, due_at, min_date, max_date, cleared_at, cleared_how, cleared_to
FROM tradewind.files
WHERE (%(feed)s::text IS NULL OR feed = %(feed)s) AND (%(state)s::text IS NULL OR state = %(state)s)
    AND (%(uri)s::text IS NULL OR uri = %(uri)s OR right(uri, length(%(uri)s::text) + 1) = '/' || %(uri)s
        OR starts_with(uri, %(uri)s || '!') OR strpos(uri, '/' || %(uri)s || '!') > 0)
ORDER BY file_id LIMIT %(limit)s

-- name: rejects
SELECT file_id, line, column_name, reason, raw, raw_escaped FROM tradewind.rejects
WHERE file_id = %(file_id)s ORDER BY line LIMIT %(limit)s

-- name: request_stop
UPDATE tradewind.runs SET stop_requested = true WHERE run_id = %(run_id)s

-- name: run_told
-- One run, and the files it found before it.
SELECT run_id, kind, state, reason, started_at, ended_at, total_files FROM tradewind.runs WHERE run_id = %(run_id)s

-- name: run_summary
-- What one run merged and set aside.
SELECT count(b.batch_id) AS batches, coalesce(sum(b.files), 0)::bigint AS files,
    coalesce(sum(b.records), 0)::bigint AS records, coalesce(sum(b.inserted), 0)::bigint AS inserted,
    coalesce(sum(b.updated), 0)::bigint AS updated, coalesce(sum(b.unchanged), 0)::bigint AS unchanged,
    coalesce(sum(b.rejected), 0)::bigint AS rejected, coalesce(sum(b.quarantined), 0)::bigint AS quarantined
FROM tradewind.runs r LEFT JOIN tradewind.batches b USING (run_id) WHERE r.run_id = %(run_id)s

-- name: expanded
-- A zip's own row once its members are registered: ignored, with books of noughts. They tell it from what is ignored
-- by name, and let it be superseded. A claim lost changes nothing.
UPDATE tradewind.files SET state = 'ignored', reason = %(reason)s, run_id = NULL, state_at = now(),
    profile_version = %(profile_version)s, lines = 0, framing_lines = 0, record_lines = 0, records = 0, inserted = 0,
    updated = 0, unchanged = 0, duplicate = 0, stale = 0, pending = 0, rejected = 0, ignored = 0, withdrawn = 0
WHERE file_id = %(file_id)s AND fence = %(fence)s AND state = 'loading' AND run_id = %(run_id)s

-- name: supersede_archive
-- Earlier versions of an archive; should one return, it is expanded again.
UPDATE tradewind.files o SET state = 'superseded', state_at = now() FROM tradewind.files n
WHERE n.file_id = %(file_id)s AND o.feed = n.feed AND o.uri = n.uri AND o.state IN ('ignored', 'loaded')
    AND o.inserted IS NOT NULL AND (o.order_key, o.file_id) < (n.order_key, n.file_id)

-- name: loaded_members
-- Members of any version of an archive whose newest loaded version brought records.
SELECT uri FROM (
    SELECT DISTINCT ON (uri) uri, records FROM tradewind.files
    WHERE feed = %(feed)s AND uri > %(first)s AND uri < %(last)s AND loaded_at IS NOT NULL
    ORDER BY uri, order_key DESC, file_id DESC) newest
WHERE records > 0

-- name: archives_vanished
-- Of these versions the ones that were expanded: a member could not be read, so that they are owed again if they
-- return.
UPDATE tradewind.files f SET state = 'vanished', state_at = now(),
    reason = 'gone or replaced before all of its members were read'
FROM unnest(%(uris)s::text[], %(versions)s::text[]) AS s (uri, version)
WHERE f.feed = %(feed)s AND f.uri = s.uri AND f.version = s.version AND f.state = 'ignored' AND f.inserted IS NOT NULL
