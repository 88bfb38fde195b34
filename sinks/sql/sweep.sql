-- name: resume
-- Take up a sweep of the same scope whose process died (or which this run could not finish), after its last page. One
-- that began long ago would leave too much of its beginning unseen: that is begun anew.
UPDATE tradewind.reconciliations SET run_id = %(run_id)s WHERE reconciliation_id = (
    SELECT r.reconciliation_id FROM tradewind.reconciliations r
    WHERE r.feed = %(feed)s AND r.ended_at IS NULL AND r.reached IS NOT NULL AND r.under = %(under)s
        AND r.first_day IS NOT DISTINCT FROM %(first)s::date AND r.last_day IS NOT DISTINCT FROM %(last)s::date
        AND r.started_after IS NOT DISTINCT FROM %(started_after)s::text
        AND r.started_at > now() - %(no_older)s
        AND (r.run_id IS NULL OR r.run_id = %(run_id)s OR NOT tradewind.run_lives(r.run_id))
    ORDER BY r.reconciliation_id DESC LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING reconciliation_id, started_at, reached, list_calls, seconds, objects, outside, ignored, known, awaited, missed,
    overwritten, returned, owed_too_long, vanished, phantom

-- name: begin
INSERT INTO tradewind.reconciliations (feed, run_id, why, first_day, last_day, under, started_after, started_at)
VALUES (%(feed)s, %(run_id)s, %(why)s, %(first)s, %(last)s, %(under)s, %(started_after)s, clock_timestamp())
RETURNING reconciliation_id, started_at, reached, list_calls, seconds, objects, outside, ignored, known, awaited, missed,
    overwritten, returned, owed_too_long, vanished, phantom

-- name: note
-- After each page, in the transaction of what the page changed.
UPDATE tradewind.reconciliations SET reached = coalesce(%(reached)s, reached), list_calls = %(list_calls)s,
    seconds = %(seconds)s, objects = %(objects)s, outside = %(outside)s, ignored = %(ignored)s, known = %(known)s, awaited = %(awaited)s,
    missed = %(missed)s, overwritten = %(overwritten)s, returned = %(returned)s, owed_too_long = %(owed_too_long)s,
    vanished = %(vanished)s, phantom = %(phantom)s
WHERE reconciliation_id = %(reconciliation_id)s

-- name: end
UPDATE tradewind.reconciliations SET ended_at = clock_timestamp(), incomplete = %(incomplete)s
WHERE reconciliation_id = %(reconciliation_id)s

-- name: judge
-- Of the objects of a page (by their place) those that are not simply known. What was superseded or vanished and is
-- listed has returned; what is owed for longer than `too_long`, and held by no living run, is owed for too long.
SELECT s.place::integer - 1, CASE
    WHEN f.file_id IS NULL AND EXISTS (
        SELECT FROM tradewind.files o WHERE o.feed = %(feed)s AND o.uri = s.uri) THEN 'overwritten'
    WHEN f.file_id IS NULL THEN 'missed'
    WHEN f.state IN ('superseded', 'vanished') THEN 'returned'
    ELSE 'owed_too_long' END
FROM unnest(%(uris)s::text[], %(versions)s::text[]) WITH ORDINALITY AS s (uri, version, place)
LEFT JOIN tradewind.files f ON f.feed = %(feed)s AND f.uri = s.uri AND f.version = s.version
WHERE f.file_id IS NULL OR f.state IN ('superseded', 'vanished')
    OR (f.state IN ('discovered', 'loading', 'waiting') AND coalesce(f.due_at, f.state_at) < now() - %(too_long)s
        AND NOT (f.state = 'loading' AND tradewind.run_lives(f.run_id)))

-- name: unlisted
-- Owed versions within a stretch of the listing that it does not show, with the version that it shows instead. What
-- was registered, or changed its state, since the sweep began may be younger than the listing: it is left alone, as is
-- what a living run works on. A member of a zip stands in no listing.
SELECT f.file_id, f.uri, f.version, f.seen_by, s.version
FROM tradewind.files f
LEFT JOIN unnest(%(uris)s::text[], %(versions)s::text[]) AS s (uri, version) ON s.uri = f.uri
WHERE f.feed = %(feed)s AND f.state IN ('discovered', 'loading', 'waiting') AND f.seen_by <> 'archive'
    AND f.uri > %(after)s AND f.uri <= %(last)s AND (f.uri, f.file_id) > (%(passed)s, %(passed_id)s)
    AND f.version IS DISTINCT FROM s.version AND f.registered_at < %(started_at)s AND f.state_at < %(started_at)s
    AND NOT (f.state = 'loading' AND tradewind.run_lives(f.run_id))
ORDER BY f.uri, f.file_id LIMIT %(limit)s

-- name: vanish
-- These are not there; one that was loaded before keeps its books. A claim or retry that came between stands.
UPDATE tradewind.files f SET state = CASE WHEN f.loaded_at IS NOT NULL AND f.lines = f.record_lines + f.framing_lines
        AND f.records = f.inserted + f.updated + f.unchanged + f.duplicate + f.stale + f.pending + f.rejected + f.ignored
        THEN 'superseded' ELSE 'vanished' END,
    reason = g.reason, run_id = NULL, due_at = NULL, fence = f.fence + 1, state_at = now()
FROM unnest(%(file_ids)s::bigint[], %(reasons)s::text[]) AS g (file_id, reason)
WHERE f.file_id = g.file_id AND f.state IN ('discovered', 'loading', 'waiting') AND f.state_at < %(started_at)s
    AND NOT (f.state = 'loading' AND tradewind.run_lives(f.run_id))
RETURNING f.file_id

-- name: unsettled
-- Names about which the ledger may say something else than at `moment`, though no object has moved.
SELECT uri FROM tradewind.files WHERE feed = %(feed)s AND state IN ('superseded', 'vanished') AND state_at >= %(moment)s
UNION ALL SELECT uri FROM tradewind.files WHERE feed = %(feed)s AND state IN ('discovered', 'loading', 'waiting')
LIMIT %(limit)s

-- name: start_after
-- A listing in name order begins after the newest name of the sweep before the last: what came late by less than two
-- beats is seen by itself, and the full pass sees the rest.
SELECT coalesce(reached, started_after) FROM tradewind.reconciliations
WHERE feed = %(feed)s AND ended_at IS NOT NULL AND incomplete IS NULL AND first_day IS NULL AND last_day IS NULL
    AND under = '' AND why <> 'backfill'
ORDER BY reconciliation_id DESC OFFSET 1 LIMIT 1

-- name: history
SELECT reconciliation_id, feed, why, started_at, ended_at, seconds, list_calls, objects, outside, ignored, known,
    awaited, missed, overwritten, returned, owed_too_long, vanished, phantom, first_day, last_day, nullif(under, '') AS under,
    started_after, reached, incomplete, run_id
FROM tradewind.reconciliations
WHERE (%(feeds)s::text[] IS NULL OR feed = ANY(%(feeds)s::text[])) AND (%(run_id)s::integer IS NULL OR run_id = %(run_id)s)
ORDER BY reconciliation_id DESC LIMIT %(limit)s
