-- name: dataset
SELECT dataset_id FROM tradewind.datasets WHERE name = %(dataset)s

-- name: page
-- In the order of the key, which each month's or day's table has: no page is dearer than the one before.
SELECT {columns} FROM tradewind.trades t JOIN tradewind.files f USING (file_id)
WHERE {chosen} AND (t.trade_id, t.symbol, t.venue, t.trade_date)
    > (%(last_id)s COLLATE "C", %(last_symbol)s COLLATE "C", %(last_venue)s COLLATE "C", %(last_date)s::date)
ORDER BY t.trade_id, t.symbol, t.venue, t.trade_date LIMIT %(limit)s

-- name: all
SELECT {columns} FROM tradewind.trades t JOIN tradewind.files f USING (file_id) WHERE {chosen}

-- name: chosen
t.dataset_id = %(dataset_id)s AND t.trade_date >= %(from_)s AND t.trade_date <= %(to)s
    AND (%(trade_id)s::text IS NULL OR t.trade_id = %(trade_id)s)
    AND (%(symbol)s::text IS NULL OR t.symbol = %(symbol)s) AND (%(venue)s::text IS NULL OR t.venue = %(venue)s)
    AND (%(side)s::text IS NULL OR coalesce(t.side, 'unknown') = %(side)s)
    AND (%(status)s::text IS NULL OR t.status = %(status)s)
    AND (%(since)s::timestamptz IS NULL OR t.event_time >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR t.event_time < %(until)s)

-- name: columns
-- Numbers as exact text, the time to the nanosecond, the line within the file.
t.trade_id, t.symbol, t.venue, t.trade_date,
to_char(t.event_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || lpad(t.event_nanos::text, 3, '0') || 'Z'
    AS event_time,
t.side, t.price::text AS price, t.quantity::text AS quantity, t.currency, t.account, t.status,
t.version::text AS version, t.attributes, t.file_id, {line} AS line, t.recorded_at

-- name: arrow_columns
-- The time as microseconds since 1970 and what is below them.
t.trade_id, t.symbol, t.venue, t.trade_date, (extract(epoch FROM t.event_time) * 1000000)::bigint AS event_us,
t.event_nanos, t.side, t.price::text AS price, t.quantity::text AS quantity, t.currency, t.account, t.status,
t.version::text AS version, t.attributes::text AS attributes, t.file_id, {line} AS line, t.recorded_at

-- name: line
CASE t.split WHEN 0 THEN t.line ELSE t.line + coalesce((SELECT sum(n) FROM unnest(f.split_lines[1:t.split]) n), 0) END::bigint

-- name: dates
-- The dates that a trade has had: a correction may have moved it from one to another, once or more.
WITH RECURSIVE moves AS (
    SELECT symbol, venue, trade_date, moved_to FROM tradewind.trade_revisions
    WHERE dataset_id = %(dataset_id)s AND trade_id = %(trade_id)s AND moved_to IS NOT NULL
), dates AS (
    SELECT %(trade_date)s::date AS day
    UNION SELECT CASE d.day WHEN m.moved_to THEN m.trade_date ELSE m.moved_to END
    FROM dates d JOIN moves m ON d.day IN (m.moved_to, m.trade_date)
    WHERE (%(symbol)s::text IS NULL OR m.symbol = %(symbol)s) AND (%(venue)s::text IS NULL OR m.venue = %(venue)s))
SELECT array_agg(day) AS days FROM dates WHERE day IS NOT NULL

-- name: of_id
t.dataset_id = %(dataset_id)s AND t.trade_id = %(trade_id)s
    AND (%(symbol)s::text IS NULL OR t.symbol = %(symbol)s) AND (%(venue)s::text IS NULL OR t.venue = %(venue)s)
    AND (%(days)s::date[] IS NULL OR t.trade_date = ANY(%(days)s::date[]))

-- name: as_they_stand
-- With the file that a state came from, and the line that cancelled the trade.
SELECT {columns}, f.feed, f.uri, t.cancelled_by, {cancelled_line} AS cancelled_line
FROM tradewind.trades t JOIN tradewind.files f USING (file_id)
LEFT JOIN tradewind.files c ON c.file_id = t.cancelled_by
WHERE {of_id} ORDER BY t.trade_date DESC, t.symbol, t.venue LIMIT %(limit)s

-- name: cancelled_line
CASE t.cancelled_split WHEN 0 THEN t.cancelled_line ELSE t.cancelled_line
    + coalesce((SELECT sum(n) FROM unnest(c.split_lines[1:t.cancelled_split]) n), 0) END::bigint

-- name: as_they_stood
SELECT {columns}, f.feed, f.uri, t.revision_id, t.reason, t.replaced_at, t.replaced_by, t.moved_to
FROM tradewind.trade_revisions t JOIN tradewind.files f USING (file_id)
WHERE {of_id} ORDER BY t.revision_id DESC LIMIT %(limit)s
