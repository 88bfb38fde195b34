-- name: of_file
SELECT r.reject_id, r.file_id, r.line, r.column_name, r.reason, r.raw, r.raw_escaped, r.rejected_at
FROM tradewind.rejects r
WHERE r.file_id = %(file_id)s AND (r.line, r.reject_id) > (%(line)s, %(reject_id)s)
ORDER BY r.line, r.reject_id LIMIT %(limit)s

-- name: of_feed
-- Newest file first, its lines in their order. A file's rejects are only read as far as the page needs them.
SELECT r.reject_id, f.file_id, f.uri, r.line, r.column_name, r.reason, r.raw, r.raw_escaped, r.rejected_at
FROM tradewind.files f CROSS JOIN LATERAL (
    SELECT * FROM tradewind.rejects r WHERE r.file_id = f.file_id
        AND (r.line, r.reject_id) > (CASE f.file_id WHEN %(file_id)s THEN %(line)s ELSE 0 END,
            CASE f.file_id WHEN %(file_id)s THEN %(reject_id)s ELSE 0 END)
    ORDER BY r.line, r.reject_id LIMIT %(limit)s) r
WHERE f.feed = %(feed)s AND f.rejected > 0 AND f.file_id <= %(file_id)s
ORDER BY f.file_id DESC, r.line, r.reject_id LIMIT %(limit)s

-- name: reasons
-- Of the newest rejects, lest millions be read. A reason quotes what it refuses, which is another text in each line.
WITH newest AS MATERIALIZED (
    SELECT f.file_id, r.column_name, regexp_replace(r.reason, '"([^"\\]|\\.)*"', '"…"', 'g') AS reason
    FROM tradewind.files f CROSS JOIN LATERAL (
        SELECT * FROM tradewind.rejects r WHERE r.file_id = f.file_id LIMIT %(most)s) r
    WHERE f.feed = %(feed)s AND f.rejected > 0 ORDER BY f.file_id DESC LIMIT %(most)s)
SELECT column_name, reason, count(*) AS rejects, count(DISTINCT file_id) AS files, max(file_id) AS file_id,
    (SELECT count(*) FROM newest) AS counted
FROM newest GROUP BY column_name, reason ORDER BY rejects DESC, reason LIMIT %(limit)s

-- name: all_of_file
SELECT f.feed, f.uri, f.version, r.line, r.column_name, r.reason, r.raw, r.raw_escaped, r.rejected_at
FROM tradewind.rejects r JOIN tradewind.files f USING (file_id)
WHERE r.file_id = %(file_id)s ORDER BY r.line, r.reject_id

-- name: all_of_feed
SELECT f.feed, f.uri, f.version, r.line, r.column_name, r.reason, r.raw, r.raw_escaped, r.rejected_at
FROM tradewind.files f JOIN tradewind.rejects r USING (file_id)
WHERE f.feed = %(feed)s AND f.rejected > 0 ORDER BY f.file_id DESC, r.line, r.reject_id

-- name: file
SELECT file_id FROM tradewind.files WHERE file_id = %(file_id)s
