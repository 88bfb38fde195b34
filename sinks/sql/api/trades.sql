-- name: dataset
SELECT dataset_id FROM tradewind.datasets WHERE name = %(dataset)s

-- name: page
-- In the order of the key, which each month's or day's table has: no page is dearer than the one before.
SELECT {columns} FROM tradewind.trades t JOIN tradewind.files f USING (file_id)
WHERE {chosen} AND (t.trade_id, t.symbol, t.venue, t.trade_date)
    > (%(trade_id)s COLLATE "C", %(last_symbol)s COLLATE "C", %(last_venue)s COLLATE "C", %(trade_date)s::date)
ORDER BY t.trade_id, t.symbol, t.venue, t.trade_date LIMIT %(limit)s

-- name: all
SELECT {columns} FROM tradewind.trades t JOIN tradewind.files f USING (file_id) WHERE {chosen}

-- name: chosen
t.dataset_id = %(dataset_id)s AND t.trade_date >= %(from_)s AND t.trade_date <= %(to)s
    AND (%(symbol)s::text IS NULL OR t.symbol = %(symbol)s) AND (%(venue)s::text IS NULL OR t.venue = %(venue)s)

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
