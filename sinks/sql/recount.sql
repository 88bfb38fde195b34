-- name: datasets
SELECT DISTINCT dataset_id FROM tradewind.feeds WHERE %(feeds)s::text[] IS NULL OR feed = ANY(%(feeds)s)

-- name: faults
-- What the books claim, recounted in one pass over each table; `fault` is false for what was counted of a feed.
-- A state of a trade stands in `trades` under the file that brought it last, or in `trade_revisions` under the one that
-- had; a cancellation keeps it in both. A row that is read again and unchanged passes to the newer file without a
-- revision: so many may be missing under the older one. Books are those of a file's last registration alone.
WITH standing AS MATERIALIZED (
    SELECT dataset_id, file_id, count(*) AS trades FROM tradewind.trades WHERE dataset_id = ANY(%(datasets)s)
    GROUP BY dataset_id, file_id
), replaced AS MATERIALIZED (
    SELECT file_id, count(*) AS states FROM tradewind.trade_revisions
    WHERE dataset_id = ANY(%(datasets)s) AND reason <> 'cancelled' GROUP BY file_id
), replacing AS MATERIALIZED (
    SELECT replaced_by AS file_id, count(*) FILTER (WHERE reason = 'cancelled') AS cancelled,
        count(*) FILTER (WHERE reason = 'withdrawn') AS withdrawn
    FROM tradewind.trade_revisions WHERE dataset_id = ANY(%(datasets)s) GROUP BY replaced_by
), waiting AS MATERIALIZED (
    SELECT file_id, count(*) AS rows FROM tradewind.pending_corrections
    WHERE dataset_id = ANY(%(datasets)s) GROUP BY file_id
), refused AS MATERIALIZED (
    SELECT file_id, count(*) AS rows FROM tradewind.rejects GROUP BY file_id
), booked AS MATERIALIZED (
    SELECT f.file_id, f.feed, f.dataset_id, f.uri, f.version, f.registrations = 1 AS once, f.loaded_at, f.min_date,
        f.max_date, f.lines, f.record_lines + f.framing_lines AS parted, f.records, f.inserted, f.updated, f.unchanged,
        f.pending, f.rejected, f.withdrawn,
        f.inserted + f.updated + f.unchanged + f.duplicate + f.stale + f.pending + f.rejected + f.ignored AS outcomes,
        coalesce(s.trades, 0) AS trades, coalesce(s.trades, 0) + coalesce(r.states, 0) AS states,
        coalesce(g.cancelled, 0) AS has_cancelled, coalesce(g.withdrawn, 0) AS has_withdrawn,
        coalesce(w.rows, 0) AS waits, coalesce(n.rows, 0) AS refused
    FROM tradewind.files f LEFT JOIN standing s USING (file_id) LEFT JOIN replaced r USING (file_id)
    LEFT JOIN replacing g USING (file_id) LEFT JOIN waiting w USING (file_id) LEFT JOIN refused n USING (file_id)
    WHERE f.dataset_id = ANY(%(datasets)s) AND f.state IN ('loaded', 'superseded')
), passed AS MATERIALIZED (
    -- By month: rows that may have passed from another file to this one. Of a file that was read again the books of the
    -- earlier time are gone, and it may have been any of its records.
    SELECT dataset_id, month, sum(CASE WHEN once THEN unchanged ELSE records END) AS rows
    FROM booked CROSS JOIN LATERAL generate_series(date_trunc('month', min_date::timestamp), max_date, '1 month') AS m (month)
    GROUP BY dataset_id, month
)
SELECT b.feed, b.file_id, b.uri, b.version, v.what, v.booked, v.counted, true AS fault
FROM booked b CROSS JOIN LATERAL (
    -- A file that is whole needs no look at what may have passed: without this each would be paired with each.
    SELECT r.states, CASE WHEN b.states < r.states THEN (
        SELECT coalesce(sum(p.rows), 0) FROM passed p WHERE p.dataset_id = b.dataset_id
            AND p.month BETWEEN date_trunc('month', b.min_date::timestamp) AND b.max_date) ELSE 0 END AS passed
    FROM (SELECT b.inserted + greatest(b.updated - b.has_cancelled, 0) AS states) r) s
CROSS JOIN LATERAL (VALUES
    ('lines', b.lines, b.parted, b.lines IS DISTINCT FROM b.parted),
    ('records', b.records, b.outcomes, b.records IS DISTINCT FROM b.outcomes),
    ('pending', b.pending, b.waits, b.pending <> b.waits),
    -- Retention removes old rejects, and one that was read again and could not be read has lost them.
    ('rejected', b.rejected, b.refused, b.refused > b.rejected
        OR (b.refused < b.rejected AND b.once AND b.loaded_at > now() - %(rejects_kept)s)),
    ('withdrawn', b.withdrawn, b.has_withdrawn, b.has_withdrawn < b.withdrawn
        OR (b.has_withdrawn > b.withdrawn AND b.once)),
    ('trades', b.inserted + b.updated + b.unchanged, CASE WHEN b.once THEN b.states ELSE b.trades END,
        CASE WHEN b.once THEN b.states ELSE b.trades END > b.inserted + b.updated + b.unchanged),
    ('trades', s.states, b.states, b.states + s.passed < s.states)) AS v (what, booked, counted, wrong)
WHERE v.wrong
UNION ALL
-- Trades of a file that the ledger does not know, or never loaded.
SELECT coalesce(f.feed, x.feed), s.file_id, f.uri, f.version, 'trades', 0, s.trades, true
FROM standing s LEFT JOIN tradewind.files f USING (file_id)
LEFT JOIN tradewind.feeds x ON f.file_id IS NULL AND x.dataset_id = s.dataset_id
WHERE f.file_id IS NULL OR f.loaded_at IS NULL
UNION ALL
-- A dataset whose files were all read once holds what they inserted, less what was withdrawn, whoever owns it now.
SELECT x.feed, NULL, NULL, NULL, 'inserted', d.inserted, d.there + d.withdrawn, true
FROM (
    SELECT dataset_id, coalesce(sum(inserted), 0)::bigint AS inserted, bool_and(registrations = 1) AS once,
        (SELECT coalesce(sum(s.trades), 0)::bigint FROM standing s WHERE s.dataset_id = f.dataset_id) AS there,
        (SELECT count(*) FROM tradewind.trade_revisions v
         WHERE v.dataset_id = f.dataset_id AND v.reason = 'withdrawn') AS withdrawn
    FROM tradewind.files f WHERE dataset_id = ANY(%(datasets)s) GROUP BY dataset_id) d
JOIN tradewind.feeds x USING (dataset_id)
WHERE d.once AND d.inserted <> d.there + d.withdrawn
UNION ALL
SELECT coalesce(t.feed, f.feed), NULL, NULL, NULL, 'summary', t.files, f.files, true
FROM (SELECT feed, state, sum(files)::bigint AS files, sum(records)::bigint AS records FROM tradewind.tallies
    GROUP BY feed, state HAVING sum(files) <> 0) t
FULL JOIN (SELECT feed, state, count(*) AS files, coalesce(sum(records), 0)::bigint AS records FROM tradewind.files
    GROUP BY feed, state) f ON f.feed = t.feed AND f.state = t.state
WHERE (t.files, t.records) IS DISTINCT FROM (f.files, f.records)
UNION ALL
SELECT x.feed, NULL, NULL, NULL, v.what, v.booked, v.counted, false
FROM tradewind.feeds x
LEFT JOIN (SELECT feed, count(*) AS files, sum(records)::bigint AS records, sum(trades)::bigint AS trades,
        sum(refused)::bigint AS refused FROM booked GROUP BY feed) b USING (feed)
CROSS JOIN LATERAL (VALUES
    ('files', NULL::bigint, coalesce(b.files, 0)), ('records', NULL, coalesce(b.records, 0)),
    ('trades', NULL, coalesce(b.trades, 0)), ('rejects', NULL, coalesce(b.refused, 0))) AS v (what, booked, counted)
WHERE x.dataset_id = ANY(%(datasets)s)
