-- name: lines
-- Rows as lines of CSV (RFC 4180). PostgreSQL makes them seven times as fast as Python, which has sockets to serve.
SELECT concat_ws(',', {cells}) || E'\r\n' AS line FROM ({rows}) t

-- name: text
-- One that begins as a spreadsheet's formulas do, in full width too, or with what it skips before one, gets a quote
-- before it.
coalesce(CASE WHEN {column}::text ~ E'[",\r\n]'
    THEN '"' || CASE WHEN {column}::text ~ E'^[=+@\uFF1D\uFF0B\uFF20\uFF0D\t\r\n-]' THEN '''' ELSE '' END || replace({column}::text, '"', '""') || '"'
    WHEN {column}::text ~ E'^[=+@\uFF1D\uFF0B\uFF20\uFF0D\t-]' THEN '''' || {column}::text ELSE {column}::text END, '')

-- name: plain
-- Numbers, dates, truths: nothing in them needs a quote or could be a formula.
coalesce({column}::text, '')

-- name: time
coalesce(to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '')
