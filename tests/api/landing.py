"""Feeds and loaded files put into the ledger as a merge does: files, books, and one notification in one transaction."""

from __future__ import annotations

import itertools
import json
from typing import Any

from psycopg2.extras import RealDictCursor

from sinks import database

_numbers = itertools.count(1)

_FEED = """
INSERT INTO tradewind.feeds (feed, dataset_id, source, profile, profile_version)
SELECT %(feed)s, dataset_id, 'in', 'p', '1' FROM tradewind.datasets WHERE name = %(feed)s"""
_FILES = """
INSERT INTO tradewind.files (feed, dataset_id, uri, version, size, modified_at, effective_at, order_key, seen_by, state,
    loaded_at, lines, framing_lines, record_lines, records, inserted, updated, unchanged, duplicate, stale, pending,
    rejected, ignored, withdrawn)
SELECT feed, dataset_id, %(batch_id)s || '/' || n, 'v', 10, now(), now(), n::text, 'sweep', 'loaded', now(),
    %(rows)s + 1, 1, %(rows)s, %(rows)s, %(rows)s - 1, 1, 0, 0, 0, 0, 0, 0, 0
FROM tradewind.feeds, generate_series(1, %(files)s) n WHERE feed = %(feed)s"""
#: Counted from the files themselves, not from the tallies.
_TOTALS = """
SELECT feed, count(v.file_id) FILTER (WHERE state IN ('loaded', 'superseded')) AS files,
    coalesce(sum(records), 0)::bigint AS records, coalesce(sum(inserted), 0)::bigint AS inserted,
    coalesce(sum(updated), 0)::bigint AS updated
FROM tradewind.feeds LEFT JOIN tradewind.files v USING (feed) GROUP BY feed"""

Totals = dict[str, tuple[int, ...]]


def add_feeds(dsn: str, *feeds: str) -> None:
    connection = database.connect(dsn)
    with database.transaction(connection) as cursor:
        for feed in feeds:
            cursor.execute("INSERT INTO tradewind.datasets (name) VALUES (%s)", (feed,))
            cursor.execute(_FEED, {"feed": feed})
    connection.close()


def land(connection: Any, feed: str, files: int = 1, rows: int = 5) -> int:
    """One batch, committed; its number."""
    batch_id = begin_landing(connection, feed, files, rows)
    connection.commit()
    return batch_id


def begin_landing(connection: Any, feed: str, files: int = 1, rows: int = 5) -> int:
    """The same but for the commit."""
    batch_id = next(_numbers)
    told = {"feed": feed, "batch_id": batch_id, "files": files, "inserted": files * (rows - 1), "updated": files}
    with connection.cursor() as cursor:
        cursor.execute(_FILES, {"feed": feed, "batch_id": batch_id, "files": files, "rows": rows})
        cursor.execute("SELECT pg_notify('tradewind', %s)", (json.dumps(told | {"unchanged": 0}),))
    return batch_id


def totals(dsn: str) -> Totals:
    """What every feed holds: files, records, inserted, updated."""
    connection = database.connect(dsn)
    with database.transaction(connection), connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(_TOTALS)
        rows = {row["feed"]: figures(row) for row in cursor.fetchall()}
    connection.close()
    return rows


def figures(row: Any) -> tuple[int, ...]:
    return row["files"], row["records"], row["inserted"], row["updated"]
