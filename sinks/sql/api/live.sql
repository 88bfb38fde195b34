-- name: listen
-- What the tallies' triggers and `sinks.merge` tell of.
LISTEN tradewind; LISTEN tradewind_feeds

-- name: known
-- Which of these feeds there are.
SELECT feed FROM tradewind.feeds WHERE feed = ANY(%(feeds)s::text[])
