"""Questions to the database that only read, and that end: a question too large is given up, with a way out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from apiflask import abort

from api.shared import pool
from sinks.queries import query

PATIENCE = timedelta(seconds=20)  # for one statement


@contextmanager
def limited() -> Iterator[Any]:
    """A transaction of statements that take no longer than PATIENCE each.

    Raises TookTooLong and what Pool.cursor raises.
    """
    with pool().cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", (f"{PATIENCE.total_seconds() * 1000:.0f}",))
        yield cursor


@contextmanager
def asking() -> Iterator[Any]:
    """The same that cannot write."""
    with limited() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        yield cursor


def rows(statement: Any, **values: object) -> list[dict[str, Any]]:
    """The rows of one statement, by column; times are aware and in UTC."""
    with asking() as cursor:
        cursor.execute(statement, values)
        return [dict(row) for row in cursor.fetchall()]


def one(statement: Any, otherwise: str, **values: object) -> dict[str, Any]:
    """The one row; aborts with 404 where there is none, saying `otherwise`."""
    found = rows(statement, **values)
    if not found:
        abort(404, otherwise)
    return found[0]


def feed_is_known(feed: str | None) -> None:
    """A feed that cannot be meant is no empty listing: aborts with 404."""
    if feed is not None:
        one(query("api/feeds", "known"), f"No feed is called {feed!r}.", feed=feed)
