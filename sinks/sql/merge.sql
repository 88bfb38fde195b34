-- name: create_staging
CREATE {kind} TABLE {staging} (
    event_us bigint, part bigint NOT NULL, file_id bigint NOT NULL, split integer NOT NULL, line integer NOT NULL,
    trade_date date, event_nanos smallint, action smallint NOT NULL, trade_id text COLLATE "C",
    symbol text COLLATE "C", venue text COLLATE "C", side text COLLATE "C", price numeric, quantity numeric,
    currency text COLLATE "C", account text COLLATE "C", version numeric, attributes jsonb)

-- name: create_staged_rejects
CREATE {kind} TABLE {staging} (
    part bigint NOT NULL, file_id bigint NOT NULL, split integer NOT NULL, line bigint NOT NULL,
    column_name text, reason text NOT NULL, raw text NOT NULL, raw_escaped boolean NOT NULL)

-- name: drop_foreign_rows
-- Rows of parts that nobody reported (a zombie's, a lost task's) and of files that are not to be merged.
DELETE FROM {staging} WHERE part <> ALL(%(parts)s::bigint[]) OR file_id <> ALL(%(file_ids)s::bigint[])

-- name: content_identity
-- Without an id, a trade is its content and the occurrence of that content: the n-th equal row of one file (or,
-- across files, of any file) is one trade, wherever and however often it is sent.
CREATE TEMP TABLE incoming ON COMMIT DROP AS
SELECT h.event_us, h.part, h.file_id, h.split, h.line, h.trade_date, h.event_nanos, h.action,
    h.hash || '-' || row_number() OVER (PARTITION BY h.file_id, h.hash ORDER BY h.split, h.line) AS trade_id,
    h.symbol, h.venue, h.side, h.price, h.quantity, h.currency, h.account, h.version, h.attributes
FROM (SELECT s.*, md5(concat_ws(E'\x1f', {scope} s.symbol, s.venue, s.event_us, s.event_nanos,
        coalesce(s.side, '~'), trim_scale(s.price), trim_scale(s.quantity), coalesce(s.currency, '~'),
        coalesce(s.account, '~'), s.attributes::text)) COLLATE "C" AS hash
      FROM {staging} s JOIN tradewind.files f USING (file_id)) h

-- name: fence
SELECT file_id FROM tradewind.files f JOIN unnest(%(file_ids)s::bigint[], %(fences)s::bigint[])
    AS c (file_id, fence) USING (file_id)
WHERE f.fence = c.fence AND f.run_id = %(run_id)s AND f.state = 'loading' ORDER BY file_id FOR UPDATE OF f

-- name: redate
-- What was read is what the store showed then: newer than every version of its uri that was known before it, also
-- where its time (S3 tells the beginning of a multipart upload) is earlier.
UPDATE tradewind.files f SET modified_at = n.modified_at, effective_at = n.effective_at,
    order_key = tradewind.order_key(f.path_date, f.path_sequence, n.effective_at, f.uri)
FROM (SELECT s.file_id, s.modified_at,
        greatest(s.modified_at, max(o.effective_at) + interval '1 microsecond') AS effective_at
      FROM unnest(%(file_ids)s::bigint[], %(times)s::timestamptz[]) AS s (file_id, modified_at)
      JOIN tradewind.files c USING (file_id)
      LEFT JOIN tradewind.files o ON o.feed = c.feed AND o.uri = c.uri AND o.file_id < c.file_id
      GROUP BY s.file_id, s.modified_at) n
WHERE f.file_id = n.file_id

-- name: survey
-- In one scan: each date, whether it has trades or corrections (which want a partition), whether amendments, and
-- whether rows that are not to be merged.
SELECT trade_date, bool_or(action < 2), bool_or(action > 0),
    bool_or(part <> ALL(%(parts)s::bigint[]) OR file_id <> ALL(%(file_ids)s::bigint[]))
FROM {staging} GROUP BY trade_date ORDER BY trade_date

-- name: days
SELECT DISTINCT trade_date FROM {rows} WHERE trade_date IS NOT NULL AND action < 2 ORDER BY 1

-- name: insert_fresh
-- Into a heap that nobody else can see yet and that has no key so far.
INSERT INTO {target} (event_time, recorded_at, file_id, dataset_id, trade_date, split, line, event_nanos, corrected,
    status, trade_id, symbol, venue, side, price, quantity, currency, account, version, attributes)
SELECT timestamptz 'epoch' + event_us * interval '1 microsecond', now(), file_id, %(dataset_id)s, trade_date, split,
    line, event_nanos, false, 'new', trade_id, symbol, venue, side, price, quantity, currency, account, version,
    attributes
FROM {rows} WHERE action = 0 AND trade_date >= %(low)s AND trade_date < %(high)s

-- name: may_repeat
SELECT count(*) > count(DISTINCT hash_record_extended(row({key}), 0)) FROM {rows} i WHERE action = %(action)s

-- name: repeated
CREATE TEMP TABLE repeated ON COMMIT DROP AS
SELECT {key} FROM {rows} i WHERE action = %(action)s {wanted} GROUP BY {key} HAVING count(*) > 1

-- name: has_repeated
SELECT EXISTS (SELECT FROM repeated)

-- name: conflicts
-- Of each file the keys that stand in it with different values: how many there are, and of the first three the first
-- line and the first one that differs from it.
WITH standing AS (
    SELECT i.ctid AS id, i.file_id, i.split, i.line, {key}, first_value(i.ctid) OVER standing AS first,
        row({state}) IS DISTINCT FROM first_value(row({state})) OVER standing AS differs
    FROM {rows} i JOIN repeated USING ({key}) WHERE i.action = 0
    WINDOW standing AS (PARTITION BY i.file_id, {key} ORDER BY i.split, i.line)
), pairs AS (
    SELECT DISTINCT ON (file_id, {key}) file_id, first, id, split, line FROM standing WHERE differs
    ORDER BY file_id, {key}, split, line
), numbered AS (
    SELECT *, count(*) OVER (PARTITION BY file_id) AS keys,
        row_number() OVER (PARTITION BY file_id ORDER BY split, line) AS number
    FROM pairs)
SELECT n.file_id, n.keys, a.trade_id, a.symbol, a.venue, a.trade_date, a.split, a.line, b.split, b.line, {one}, {other}
FROM numbered n JOIN {rows} a ON a.ctid = n.first JOIN {rows} b ON b.ctid = n.id
WHERE n.number <= 3 ORDER BY n.file_id, n.number

-- name: losers
-- Of several rows with one key the newest state wins; an equal one is a duplicate, an older one is stale.
CREATE TEMP TABLE losers ON COMMIT DROP AS
SELECT ranked.id, ranked.file_id, CASE WHEN ranked.same THEN 'duplicate' ELSE 'stale' END AS outcome FROM (
    SELECT i.ctid AS id, i.file_id, row_number() OVER newest AS place,
        row({state}) = first_value(row({state})) OVER newest AS same
    FROM {rows} i JOIN repeated USING ({key}) JOIN tradewind.files f ON f.file_id = i.file_id
    WHERE i.action = %(action)s
    WINDOW newest AS (PARTITION BY {key} ORDER BY coalesce(i.version, 0) DESC, f.order_key DESC, f.file_id DESC,
        i.split DESC, i.line DESC)) ranked
WHERE place > 1

-- name: match
-- Each winner whose trade is in the table: is its state the same (a revival is not), and is it newer?
-- The very row read again is: its file may have returned, so that it outlives a cancellation, or its profile may have
-- been mended. The old state is taken along where it will be replaced, so that its page is not read once more for it.
-- The tables of the months are named, not filtered for by date: of a new day the planner knows nothing, would
-- expect a single row of it, and pair each with each.
SELECT m.id, m.file_id, m.existing_date, m.partition, m.place, m.moved_to, m.reread, m.same, m.newer, o.*
FROM (SELECT i.ctid AS id, i.file_id, t.trade_date AS existing_date, t.tableoid AS partition, t.ctid AS place,
        nullif(i.trade_date, t.trade_date) AS moved_to,
        (t.file_id, t.split, t.line) = (i.file_id, i.split, i.line) AND t.version IS NOT DISTINCT FROM i.version
            AS reread,
        (row(i.event_us, i.event_nanos, i.trade_date, i.side, i.price, i.quantity, i.currency, i.account,
            i.attributes, i.action = 1)
        IS NOT DISTINCT FROM row((extract(epoch FROM t.event_time) * 1000000)::bigint, t.event_nanos, t.trade_date,
            t.side, t.price, t.quantity, t.currency, t.account, t.attributes, t.corrected)
        AND NOT (t.status = 'cancelled' AND (coalesce(i.version, 0), f.order_key, f.file_id, i.split, i.line)
            > (coalesce(t.cancelled_version, 0), c.order_key, c.file_id, t.cancelled_split, t.cancelled_line))) AS same,
        (coalesce(i.version, 0), f.order_key, f.file_id, i.split, i.line)
        >= (coalesce(t.version, 0), g.order_key, g.file_id, t.split, t.line) AS newer,
        t.event_time, t.recorded_at, t.file_id AS old_file_id, t.dataset_id, t.trade_date, t.split, t.line,
        t.event_nanos, t.status, t.trade_id, t.symbol, t.venue, t.side, t.price, t.quantity, t.currency, t.account,
        t.version, t.attributes
    FROM {rows} i
    JOIN tradewind.files f ON f.file_id = i.file_id
    JOIN {existing} t ON t.trade_id = i.trade_id AND t.symbol = i.symbol AND t.venue = i.venue {same_day}
    JOIN tradewind.files g ON g.file_id = t.file_id
    LEFT JOIN tradewind.files c ON c.file_id = t.cancelled_by
    WHERE i.action = %(action)s {only}) m
LEFT JOIN LATERAL (SELECT m.event_time, m.recorded_at, m.old_file_id, m.dataset_id, m.trade_date, m.split, m.line,
    m.event_nanos, m.status, m.trade_id, m.symbol, m.venue, m.side, m.price, m.quantity, m.currency, m.account,
    m.version, m.attributes WHERE m.newer AND NOT m.same) o ON true

-- name: winners
AND i.ctid NOT IN (SELECT id FROM losers)

-- name: matched
CREATE TEMP TABLE matched ON COMMIT DROP AS {match}

-- name: matched_elsewhere
-- A correction may have moved a trade to another date: its older states still belong to it.
INSERT INTO matched {match}

-- name: only_moved
AND i.ctid NOT IN (SELECT id FROM matched) AND (i.trade_id, i.symbol, i.venue, i.trade_date) IN (
    SELECT trade_id, symbol, venue, trade_date FROM tradewind.trade_revisions
    WHERE dataset_id = %(dataset_id)s AND moved_to IS NOT NULL)

-- name: moved_before
SELECT EXISTS (SELECT FROM tradewind.trade_revisions WHERE dataset_id = %(dataset_id)s AND moved_to IS NOT NULL)

-- name: insert_new
-- In the order of the key, so that its pages are gone through once.
INSERT INTO {target} (event_time, recorded_at, file_id, dataset_id, trade_date, split, line, event_nanos,
    corrected, status, trade_id, symbol, venue, side, price, quantity, currency, account, version, attributes)
SELECT timestamptz 'epoch' + event_us * interval '1 microsecond', now(), file_id, %(dataset_id)s, trade_date,
    split, line, event_nanos, false, 'new', trade_id, symbol, venue, side, price, quantity, currency, account,
    version, attributes
FROM {rows} i WHERE action = 0 AND NOT EXISTS (SELECT FROM losers l WHERE l.id = i.ctid)
    AND NOT EXISTS (SELECT FROM matched m WHERE m.id = i.ctid)
ORDER BY trade_id, symbol, venue, trade_date

-- name: keep_revisions
INSERT INTO tradewind.trade_revisions (replaced_at, replaced_by, reason, moved_to, event_time, recorded_at, file_id,
    dataset_id, trade_date, split, line, event_nanos, status, trade_id, symbol, venue, side, price, quantity, currency,
    account, version, attributes)
SELECT now(), file_id, %(reason)s, moved_to, event_time, recorded_at, old_file_id, dataset_id, trade_date, split, line,
    event_nanos, status, trade_id, symbol, venue, side, price, quantity, currency, account, version, attributes
FROM matched WHERE newer AND NOT same ORDER BY trade_id

-- name: update_in_place
-- Found again by its place, in the order of the pages: no key is looked up twice.
-- A newer sighting of an unchanged state moves the trade's place in the order too, else a state in between that
-- comes late would win over it. A cancellation stays in force while it is newer than the state.
UPDATE {table} t SET event_time = timestamptz 'epoch' + i.event_us * interval '1 microsecond',
    recorded_at = CASE WHEN i.same THEN t.recorded_at ELSE now() END, file_id = i.file_id, split = i.split,
    line = i.line, event_nanos = i.event_nanos, corrected = i.action = 1,
    status = CASE WHEN t.cancelled_by IS NOT NULL AND (
            SELECT (coalesce(t.cancelled_version, 0), c.order_key, c.file_id, t.cancelled_split, t.cancelled_line)
                > (coalesce(i.version, 0), f.order_key, f.file_id, i.split, i.line)
            FROM tradewind.files c, tradewind.files f WHERE c.file_id = t.cancelled_by AND f.file_id = i.file_id)
        THEN 'cancelled' WHEN i.action = 1 THEN 'corrected' ELSE 'new' END,
    side = i.side, price = i.price, quantity = i.quantity, currency = i.currency, account = i.account,
    version = i.version, attributes = i.attributes
FROM (SELECT m.place, m.same, r.* FROM matched m JOIN {rows} r ON r.ctid = m.id
      WHERE m.partition = {partition}::regclass AND m.newer AND m.moved_to IS NULL AND {touched}
      ORDER BY m.place) i
WHERE t.ctid = i.place

-- name: changes
-- Per partition: how many trades are written in place, how many move to another date.
SELECT c.relname, count(*) FILTER (WHERE m.moved_to IS NULL AND {touched}),
    count(*) FILTER (WHERE m.moved_to IS NOT NULL)
FROM matched m JOIN pg_class c ON c.oid = m.partition WHERE m.newer GROUP BY c.relname ORDER BY c.relname

-- name: overtaken
-- Of several rows that found one trade (under its own date and under one it has left) only the newest writes it.
UPDATE matched m SET newer = false FROM (
    SELECT m.id, row_number() OVER (PARTITION BY m.partition, m.place ORDER BY coalesce(i.version, 0) DESC,
        f.order_key DESC, f.file_id DESC, i.split DESC, i.line DESC) AS rank
    FROM matched m JOIN {rows} i ON i.ctid = m.id JOIN tradewind.files f ON f.file_id = i.file_id WHERE m.newer) r
WHERE r.id = m.id AND r.rank > 1

-- name: move
-- The correction changed the date: the row leaves its partition and is written anew.
WITH gone AS (
    DELETE FROM {existing} t USING matched m JOIN {rows} i ON i.ctid = m.id
    WHERE m.newer AND m.existing_date <> i.trade_date AND t.trade_id = i.trade_id AND t.symbol = i.symbol
        AND t.venue = i.venue AND t.trade_date = m.existing_date
    RETURNING m.id, t.cancelled_by, t.cancelled_split, t.cancelled_line, t.cancelled_version)
INSERT INTO tradewind.trades (event_time, recorded_at, file_id, dataset_id, trade_date, split, line, event_nanos,
    corrected, status, trade_id, symbol, venue, side, price, quantity, currency, account, version, attributes,
    cancelled_by, cancelled_split, cancelled_line, cancelled_version)
SELECT timestamptz 'epoch' + i.event_us * interval '1 microsecond', now(), i.file_id, %(dataset_id)s, i.trade_date,
    i.split, i.line, i.event_nanos, i.action = 1,
    CASE WHEN g.cancelled_by IS NOT NULL AND (coalesce(g.cancelled_version, 0), c.order_key, c.file_id,
            g.cancelled_split, g.cancelled_line) > (coalesce(i.version, 0), f.order_key, f.file_id, i.split, i.line)
        THEN 'cancelled' WHEN i.action = 1 THEN 'corrected' ELSE 'new' END,
    i.trade_id, i.symbol, i.venue, i.side, i.price, i.quantity, i.currency, i.account, i.version, i.attributes,
    g.cancelled_by, g.cancelled_split, g.cancelled_line, g.cancelled_version
FROM gone g JOIN {rows} i ON i.ctid = g.id JOIN tradewind.files f ON f.file_id = i.file_id
LEFT JOIN tradewind.files c ON c.file_id = g.cancelled_by

-- name: outcomes
SELECT file_id, outcome, count(*) FROM (
    SELECT file_id, outcome FROM losers
    UNION ALL
    SELECT file_id, CASE WHEN same THEN 'unchanged' WHEN newer THEN 'updated' ELSE 'stale' END FROM matched) o
GROUP BY file_id, outcome

-- name: forget
DROP TABLE IF EXISTS pg_temp.repeated, pg_temp.losers, pg_temp.matched

-- name: amendments
-- Corrections and cancellations of this batch, and earlier ones that may have waited for a trade of this batch.
CREATE TEMP TABLE amendments ON COMMIT DROP AS
SELECT i.file_id, i.split, i.line, i.action, i.trade_id, i.symbol, i.venue, i.trade_date, i.event_us, i.event_nanos,
    i.side, i.price, i.quantity, i.currency, i.account, i.version, i.attributes, false AS waited
FROM {rows} i WHERE i.action > 0
UNION ALL
SELECT p.file_id, p.split, p.line, p.action, p.trade_id, p.symbol, p.venue, p.trade_date, p.event_us, p.event_nanos,
    p.side, p.price, p.quantity, p.currency, p.account, p.version, p.attributes, true
FROM tradewind.pending_corrections p
WHERE p.dataset_id = %(dataset_id)s AND p.file_id <> ALL(%(file_ids)s::bigint[])
    AND EXISTS (SELECT FROM {rows} i WHERE i.trade_id = p.trade_id)

-- name: has_pending
SELECT EXISTS (SELECT FROM tradewind.pending_corrections WHERE dataset_id = %(dataset_id)s)

-- name: cancel_matches
-- The newest cancellation of each trade against the trade: in force when newer than its state and than any
-- cancellation before it. The same one read again counts: its file may have returned and be newer than it was.
CREATE TEMP TABLE cancel_matches ON COMMIT DROP AS
SELECT a.ctid AS id, a.file_id, t.trade_id, t.symbol, t.venue, t.trade_date, a.waited,
    t.status = 'cancelled' AS already,
    (coalesce(a.version, 0), f.order_key, f.file_id, a.split, a.line)
        > (coalesce(t.version, 0), g.order_key, g.file_id, t.split, t.line) AS newer,
    t.cancelled_by IS NULL OR (coalesce(a.version, 0), f.order_key, f.file_id, a.split, a.line)
        >= (coalesce(t.cancelled_version, 0), c.order_key, c.file_id, t.cancelled_split, t.cancelled_line) AS latest,
    row_number() OVER (PARTITION BY t.trade_id, t.symbol, t.venue, t.trade_date
        ORDER BY coalesce(a.version, 0) DESC, f.order_key DESC, f.file_id DESC, a.split DESC, a.line DESC) AS place
FROM amendments a JOIN tradewind.files f ON f.file_id = a.file_id
JOIN {existing} t ON t.trade_id = a.trade_id
    AND t.symbol = coalesce(a.symbol, t.symbol) AND t.venue = coalesce(a.venue, t.venue) {same_day}
JOIN tradewind.files g ON g.file_id = t.file_id
LEFT JOIN tradewind.files c ON c.file_id = t.cancelled_by
WHERE a.action = 2

-- name: keep_cancelled
INSERT INTO tradewind.trade_revisions (replaced_at, replaced_by, reason, event_time, recorded_at, file_id, dataset_id,
    trade_date, split, line, event_nanos, status, trade_id, symbol, venue, side, price, quantity, currency, account,
    version, attributes)
SELECT now(), m.file_id, 'cancelled', t.event_time, t.recorded_at, t.file_id, t.dataset_id, t.trade_date, t.split,
    t.line, t.event_nanos, t.status, t.trade_id, t.symbol, t.venue, t.side, t.price, t.quantity, t.currency, t.account,
    t.version, t.attributes
FROM cancel_matches m JOIN {existing} t ON t.trade_id = m.trade_id AND t.symbol = m.symbol
    AND t.venue = m.venue AND t.trade_date = m.trade_date
WHERE m.place = 1 AND m.newer AND m.latest AND NOT m.already

-- name: cancel
UPDATE {existing} t SET cancelled_by = a.file_id, cancelled_split = a.split, cancelled_line = a.line,
    cancelled_version = a.version, status = CASE WHEN m.newer THEN 'cancelled' ELSE t.status END,
    recorded_at = CASE WHEN m.newer AND NOT m.already THEN now() ELSE t.recorded_at END
FROM cancel_matches m JOIN amendments a ON a.ctid = m.id
WHERE t.trade_id = m.trade_id AND t.symbol = m.symbol AND t.venue = m.venue AND t.trade_date = m.trade_date
    AND m.place = 1 AND m.latest

-- name: cancel_outcomes
-- A cancellation that hits nothing waits for its trade.
SELECT a.ctid::text, a.file_id, a.waited, coalesce(m.outcome, 'pending') FROM amendments a LEFT JOIN (
    SELECT id, CASE WHEN bool_or(place = 1 AND newer AND latest AND NOT already) THEN 'updated'
        WHEN bool_or(already AND (place = 1 OR NOT latest)) THEN 'unchanged'
        WHEN bool_or(place > 1) THEN 'duplicate' ELSE 'stale' END AS outcome
    FROM cancel_matches GROUP BY id) m ON m.id = a.ctid
WHERE a.action = 2

-- name: correction_outcomes
SELECT a.ctid::text, a.file_id, a.waited, coalesce(l.outcome, m.outcome, 'pending') FROM amendments a
LEFT JOIN losers l ON l.id = a.ctid
LEFT JOIN (SELECT id, CASE WHEN bool_or(same) THEN 'unchanged' WHEN bool_or(newer) THEN 'updated' ELSE 'stale' END
    AS outcome FROM matched GROUP BY id) m ON m.id = a.ctid
WHERE a.action = 1

-- name: settle_pending
DELETE FROM tradewind.pending_corrections p USING amendments a
WHERE a.waited AND a.ctid = ANY(%(ids)s::tid[]) AND p.file_id = a.file_id AND p.split = a.split AND p.line = a.line

-- name: keep_pending
INSERT INTO tradewind.pending_corrections (file_id, dataset_id, split, line, action, trade_id, symbol, venue,
    trade_date, event_us, event_nanos, side, price, quantity, currency, account, version, attributes)
SELECT file_id, %(dataset_id)s, split, line, action, trade_id, symbol, venue, trade_date, event_us, event_nanos, side,
    price, quantity, currency, account, version, attributes
FROM amendments WHERE NOT waited AND ctid = ANY(%(ids)s::tid[])

-- name: clear_pending
DELETE FROM tradewind.pending_corrections WHERE file_id = ANY(%(file_ids)s::bigint[])

-- name: rebook_pending
-- A correction that waited has found its trade: its file's books move it from pending to its outcome.
UPDATE tradewind.files f SET pending = f.pending - s.n,
    updated = f.updated + CASE WHEN s.outcome = 'updated' THEN s.n ELSE 0 END,
    unchanged = f.unchanged + CASE WHEN s.outcome = 'unchanged' THEN s.n ELSE 0 END,
    duplicate = f.duplicate + CASE WHEN s.outcome = 'duplicate' THEN s.n ELSE 0 END,
    stale = f.stale + CASE WHEN s.outcome = 'stale' THEN s.n ELSE 0 END
FROM (SELECT %(file_id)s::bigint AS file_id, %(outcome)s::text AS outcome, %(n)s::bigint AS n) s
WHERE f.file_id = s.file_id

-- name: has_other_versions
SELECT EXISTS (SELECT FROM tradewind.files f JOIN tradewind.files o ON o.feed = f.feed AND o.uri = f.uri
    AND o.file_id <> f.file_id WHERE f.file_id = ANY(%(file_ids)s::bigint[]))

-- name: drop_outdated
-- on_overwrite = "replace": the rows of a version that is replaced already, or by another file of this batch.
WITH outdated AS (
    SELECT old.file_id FROM tradewind.files old WHERE old.file_id = ANY(%(file_ids)s::bigint[]) AND EXISTS (
        SELECT FROM tradewind.files new WHERE new.feed = old.feed AND new.uri = old.uri
        AND (new.order_key, new.file_id) > (old.order_key, old.file_id) AND new.state <> 'unloaded'
        AND (new.loaded_at IS NOT NULL OR new.file_id = ANY(%(file_ids)s::bigint[])))
), dropped AS (
    DELETE FROM {rows} i USING outdated o WHERE i.file_id = o.file_id RETURNING i.file_id)
SELECT file_id, count(*) FROM dropped GROUP BY file_id

-- name: withdraw
-- on_overwrite = "replace": trades that an older version of the uri brought and the new one does not hold.
WITH pairs AS (
    SELECT new.file_id AS new_id, old.file_id AS old_id, old.min_date, old.max_date
    FROM tradewind.files new JOIN tradewind.files old ON old.feed = new.feed AND old.uri = new.uri
        AND old.file_id <> new.file_id AND (old.order_key, old.file_id) < (new.order_key, new.file_id)
        AND old.loaded_at IS NOT NULL
    WHERE new.file_id = ANY(%(file_ids)s::bigint[])
), gone AS (
    DELETE FROM tradewind.trades t USING pairs p
    WHERE t.file_id = p.old_id AND t.dataset_id = %(dataset_id)s
        AND t.trade_date BETWEEN %(low)s AND %(high)s
        AND NOT EXISTS (SELECT FROM {rows} i WHERE i.file_id = p.new_id AND i.trade_id = t.trade_id
            AND i.symbol = t.symbol AND i.venue = t.venue AND i.trade_date = t.trade_date)
    RETURNING p.new_id, t.*
), kept AS (
    INSERT INTO tradewind.trade_revisions (replaced_at, replaced_by, reason, event_time, recorded_at, file_id,
        dataset_id, trade_date, split, line, event_nanos, status, trade_id, symbol, venue, side, price, quantity,
        currency, account, version, attributes)
    SELECT now(), new_id, 'withdrawn', event_time, recorded_at, file_id, dataset_id, trade_date, split, line,
        event_nanos, status, trade_id, symbol, venue, side, price, quantity, currency, account, version, attributes
    FROM gone)
SELECT new_id, count(*), min(trade_date), max(trade_date) FROM gone GROUP BY new_id

-- name: overwritten_dates
SELECT min(old.min_date), max(old.max_date) FROM tradewind.files new JOIN tradewind.files old
    ON old.feed = new.feed AND old.uri = new.uri AND old.file_id <> new.file_id AND old.loaded_at IS NOT NULL
WHERE new.file_id = ANY(%(file_ids)s::bigint[])

-- name: register_again
-- What was withdrawn may also stand in other files: they are read again. By content these booked it as unchanged or
-- duplicate; by id the newest sighting owns the trade, so that any file of these dates may have brought it before,
-- or have amended it by its key alone (such a file has no dates).
UPDATE tradewind.files SET state = 'discovered', registrations = registrations + 1, state_at = now(),
    reason = 'a trade it shares with a replaced file was withdrawn'
WHERE dataset_id = %(dataset_id)s AND state = 'loaded' AND file_id <> %(file_id)s
    AND ((min_date <= %(high)s AND max_date >= %(low)s) OR (min_date IS NULL AND %(by_id)s))
    AND (%(by_id)s OR unchanged + duplicate + stale > 0)

-- name: keep_rejects
INSERT INTO tradewind.rejects (file_id, line, column_name, reason, raw, raw_escaped)
SELECT r.file_id, r.line + coalesce((SELECT sum(n) FROM unnest(o.split_lines) WITH ORDINALITY AS u (n, k)
    WHERE k <= r.split), 0), r.column_name, r.reason, r.raw, r.raw_escaped
FROM {staged} r JOIN unnest(%(file_ids)s::bigint[], %(split_lines)s::text[]) AS l (file_id, lines) USING (file_id)
CROSS JOIN LATERAL (SELECT l.lines::bigint[] AS split_lines) o
WHERE r.part = ANY(%(parts)s::bigint[])

-- name: first_rejects
SELECT r.file_id, format('line %%s: %%s: %%s', r.line, coalesce(r.column_name, 'the line'), r.reason)
FROM unnest(%(file_ids)s::bigint[]) AS f (file_id) CROSS JOIN LATERAL (
    SELECT * FROM tradewind.rejects r WHERE r.file_id = f.file_id ORDER BY r.line LIMIT 1) r

-- name: clear_rejects
DELETE FROM tradewind.rejects WHERE file_id = ANY(%(file_ids)s::bigint[])

-- name: book
UPDATE tradewind.files f SET state = 'loaded', reason = NULL, run_id = NULL, loaded_at = now(), state_at = now(),
    batch_id = %(batch_id)s, profile_version = %(profile_version)s, lines = b.lines, framing_lines = b.framing,
    record_lines = b.record_lines, split_lines = b.split_lines::bigint[], records = b.records,
    inserted = b.inserted, updated = b.updated, unchanged = b.unchanged, duplicate = b.duplicate, stale = b.stale,
    pending = b.pending, rejected = b.rejected, ignored = b.ignored, ignored_by = b.ignored_by::jsonb,
    withdrawn = b.withdrawn, min_date = b.min_date, max_date = b.max_date
FROM unnest(%(file_ids)s::bigint[], %(lines)s::bigint[], %(framing)s::bigint[], %(record_lines)s::bigint[],
    %(split_lines)s::text[], %(records)s::bigint[], %(inserted)s::bigint[], %(updated)s::bigint[],
    %(unchanged)s::bigint[], %(duplicate)s::bigint[], %(stale)s::bigint[], %(pending)s::bigint[],
    %(rejected)s::bigint[], %(ignored)s::bigint[], %(ignored_by)s::text[], %(withdrawn)s::bigint[],
    %(min_date)s::date[], %(max_date)s::date[])
    AS b (file_id, lines, framing, record_lines, split_lines, records, inserted, updated, unchanged, duplicate, stale,
          pending, rejected, ignored, ignored_by, withdrawn, min_date, max_date)
WHERE f.file_id = b.file_id

-- name: supersede
-- Of the loaded versions of a uri only the newest is `loaded`.
UPDATE tradewind.files f SET state = 'superseded', state_at = now()
WHERE f.state = 'loaded' AND f.feed = %(feed)s
    AND f.uri IN (SELECT uri FROM tradewind.files WHERE file_id = ANY(%(file_ids)s::bigint[]))
    AND EXISTS (SELECT FROM tradewind.files n WHERE n.feed = f.feed AND n.uri = f.uri AND n.loaded_at IS NOT NULL
        AND n.state IN ('loaded', 'superseded') AND (n.order_key, n.file_id) > (f.order_key, f.file_id))

-- name: end_batch
UPDATE tradewind.batches SET files = %(files)s, records = %(records)s, inserted = %(inserted)s, updated = %(updated)s,
    unchanged = %(unchanged)s, rejected = %(rejected)s, quarantined = %(quarantined)s, staged_at = %(staged_at)s,
    committed_at = clock_timestamp()
WHERE batch_id = %(batch_id)s

-- name: notify
SELECT pg_notify('tradewind', %(payload)s)
