-- name: clearable
-- Objects that nobody needs any more, the longest loaded first. Loaded: its books are final (nothing pending), its
-- rejected lines are no longer kept for looking at, no version of its uri is owed, and no replaced file can ask for it
-- again (`shared`: what it shares with others by content). An archive when all its members are so; a member goes with
-- its archive. What is marked already was left by a process that died.
SELECT f.file_id, f.uri, f.version, f.size, f.cleared_how, f.cleared_to
FROM tradewind.files f
WHERE f.feed = %(feed)s AND f.cleared_at IS NULL AND f.inserted IS NOT NULL AND f.seen_by <> 'archive'
    AND (f.state = 'loaded' AND f.loaded_at < now() - %(after)s AND {spent_file}
        OR f.state = 'ignored' AND f.state_at < now() - %(after)s AND NOT EXISTS (
            SELECT FROM tradewind.files m WHERE m.feed = f.feed AND m.seen_by = 'archive' AND m.version = f.version
                AND m.uri > f.uri || '!' AND m.uri < f.uri || '"'
                AND NOT (m.state = 'ignored' OR coalesce(m.state IN ('loaded', 'superseded')
                    AND m.loaded_at < now() - %(after)s AND {spent_member}, false))))
    AND NOT EXISTS (SELECT FROM tradewind.files o WHERE o.feed = f.feed AND o.uri = f.uri
        AND o.state IN ('discovered', 'loading', 'waiting'))
    AND NOT EXISTS (SELECT FROM tradewind.files o WHERE o.uri = f.uri AND o.feed <> f.feed
        AND o.state NOT IN ('loaded', 'superseded', 'ignored'))
    AND (f.uri, f.file_id) > (%(passed)s, %(passed_id)s)
ORDER BY f.uri, f.file_id LIMIT %(limit)s

-- name: spent
{books}.pending = 0 AND ({books}.unchanged + {books}.duplicate + {books}.stale = 0 OR NOT %(shared)s)
AND NOT EXISTS (SELECT FROM tradewind.rejects j WHERE j.file_id = {books}.file_id)

-- name: known_to
-- Of these feeds those whose ledger holds this version.
SELECT feed FROM tradewind.files
WHERE feed = ANY(%(feeds)s::text[]) AND uri = %(uri)s AND version = %(version)s

-- name: mark
-- Before the store is asked: what was begun is known, and an owed file (an operator's retry) is left alone.
UPDATE tradewind.files SET cleared_how = %(how)s, cleared_to = %(to)s
WHERE file_id = %(file_id)s AND state IN ('loaded', 'ignored') AND cleared_at IS NULL
RETURNING file_id

-- name: cleared
-- The object is gone, and with an archive its members.
UPDATE tradewind.files m SET cleared_at = now(), cleared_how = %(how)s, cleared_to = %(to)s FROM tradewind.files f
WHERE f.file_id = %(file_id)s AND (m.file_id = f.file_id OR m.feed = f.feed AND m.seen_by = 'archive'
    AND m.version = f.version AND m.uri > f.uri || '!' AND m.uri < f.uri || '"' AND f.state = 'ignored')

-- name: spared
-- It was not there in this version: nothing was done.
UPDATE tradewind.files SET cleared_how = NULL, cleared_to = NULL WHERE file_id = %(file_id)s
