-- name: settled
-- Whether every feed was listed after `moment`, nothing new was found then, and nothing is owed any more.
SELECT NOT EXISTS (SELECT FROM tradewind.files WHERE state IN ('discovered', 'loading', 'waiting'))
    AND NOT EXISTS (SELECT FROM tradewind.feeds f WHERE coalesce((
        SELECT r.awaited + r.missed + r.overwritten + r.returned > 0 OR r.started_at <= %(moment)s FROM tradewind.reconciliations r
        WHERE r.feed = f.feed AND r.ended_at IS NOT NULL ORDER BY r.reconciliation_id DESC LIMIT 1), true)) AS settled

-- name: books
-- The books of each feed; a record of a file that was set aside stands in none of them.
SELECT feed, count(*) FILTER (WHERE state = 'loaded') AS loaded, count(*) FILTER (WHERE state = 'superseded') AS superseded,
    count(*) FILTER (WHERE state = 'quarantined') AS quarantined,
    count(*) FILTER (WHERE state = 'ignored') AS ignored_files,
    count(*) FILTER (WHERE state NOT IN ('loaded', 'superseded', 'quarantined', 'ignored')) AS other,
    coalesce(sum(records) FILTER (WHERE state IN ('loaded', 'superseded')), 0)::bigint AS records,
    coalesce(sum(inserted), 0)::bigint AS inserted, coalesce(sum(updated), 0)::bigint AS updated,
    coalesce(sum(unchanged), 0)::bigint AS unchanged, coalesce(sum(duplicate), 0)::bigint AS duplicate,
    coalesce(sum(stale), 0)::bigint AS stale, coalesce(sum(pending), 0)::bigint AS pending,
    coalesce(sum(rejected) FILTER (WHERE state IN ('loaded', 'superseded')), 0)::bigint AS rejected,
    coalesce(sum(ignored), 0)::bigint AS ignored
FROM tradewind.files GROUP BY feed ORDER BY feed

-- name: trades
SELECT d.name AS dataset, t.symbol, count(*) AS trades, sum(t.quantity) AS quantity, sum(t.price * t.quantity) AS turnover
FROM tradewind.trades t JOIN tradewind.datasets d USING (dataset_id)
WHERE t.status <> 'cancelled'
GROUP BY d.name, t.symbol ORDER BY d.name, t.symbol
