"""The days of a feed as its files tell them: which have any, and what became of those."""

from __future__ import annotations

from datetime import date
from typing import Any

from psycopg2.extensions import connection as Connection  # noqa: N812 - as in sinks.database
from psycopg2.extras import RealDictCursor

from sinks import database
from sinks.queries import query

#: What is counted of a day: files by their state, then the books of those that are or were in the table.
COUNTS = (
    "files", "loaded", "superseded", "owed", "quarantined", "vanished", "files_ignored", "records", "inserted",
    "updated", "unchanged", "duplicate", "stale", "pending", "rejected", "ignored", "withdrawn",
)  # fmt: skip


def newest(connection: Connection, feed: str) -> date | None:
    """The last day of any of its files; None without one."""
    with database.transaction(connection) as cursor:
        cursor.execute(query("api/lag", "newest_day"), {"feed": feed})
        found: date | None = database.only(cursor.fetchone())
        return found


def between(connection: Connection, feed: str, first: date, last: date) -> dict[date, dict[str, Any]]:
    """The days from `first` to `last`, both included, that have files: `feed`, `day` and COUNTS of each."""
    values = {
        "feed": feed, "to": last, "days": (last - first).days + 1, "last_feed": "", "last_day": "infinity",
        "limit": None,
    }  # fmt: skip
    with database.transaction(connection), connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(query("api/lag", "completeness", books=query("api/lag", "books")), values)
        return {row["day"]: dict(row) for row in cursor.fetchall()}
