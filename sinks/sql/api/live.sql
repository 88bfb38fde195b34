-- name: listen
-- What the tallies' triggers and `sinks.merge` tell of. A question that waits for a lock is given up, and clients told.
SET statement_timeout = '10s'; LISTEN tradewind; LISTEN tradewind_feeds

-- name: known
-- Which of these feeds there are.
SELECT feed FROM tradewind.feeds WHERE feed = ANY(%(feeds)s::text[])
