"""Staging: COPY of Arrow batches into a table of their own, by the tasks or by the driver.

Each part (one try of one task) is one transaction and has a number of its own; only parts that reported are merged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from psycopg2 import sql

from sinks import database
from sinks.queries import query

TRADE_COLUMNS = (
    "part", "file_id", "split", "line", "action", "trade_id", "symbol", "venue", "trade_date", "event_us",
    "event_nanos", "side", "price", "quantity", "currency", "account", "version", "attributes",
)  # fmt: skip
REJECT_COLUMNS = ("part", "file_id", "split", "line", "column_name", "reason", "raw", "raw_escaped")

_SLOTS = 7448  # the class of the advisory locks that count the writers of a whole cluster


@dataclass(frozen=True, slots=True)
class Staging:
    """Where one attempt stages: two unlogged tables, or temporary ones of the merging connection."""

    name: str
    temporary: bool = False

    @property
    def trades(self) -> sql.Identifier:
        return self._table("trades")

    @property
    def rejects(self) -> sql.Identifier:
        return self._table("rejects")

    def _table(self, kind: str) -> sql.Identifier:
        return sql.Identifier("pg_temp" if self.temporary else "tradewind_staging", f"{self.name}_{kind}")

    def create(self, cursor: Any) -> None:
        kind = sql.SQL("TEMP" if self.temporary else "UNLOGGED")
        cursor.execute(query("merge", "create_staging", staging=self.trades, kind=kind))
        cursor.execute(query("merge", "create_staged_rejects", staging=self.rejects, kind=kind))

    def drop(self, cursor: Any) -> None:
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}, {}").format(self.trades, self.rejects))


@contextmanager
def writer(dsn: str, max_writers: int) -> Iterator[Any]:
    """A cursor that may COPY: at most max_writers of them exist at once in the whole cluster.

    One transaction, committed at the end; an error leaves nothing behind.
    """
    connection = database.connect(dsn, "tradewind waiting")
    try:
        with database.transaction(connection) as cursor:
            _take_slot(cursor, max_writers)
            cursor.execute("SET application_name = 'tradewind writer'")
            yield cursor
            # Before the commit, which gives the slot to the next: no more than max_writers ever bear the name.
            cursor.execute("SET application_name = 'tradewind waiting'")
    finally:
        connection.close()


def copy(cursor: Any, table: sql.Identifier, columns: tuple[str, ...], text: pa.Buffer) -> int:
    """COPY the text and return the rows that PostgreSQL counted."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    cursor.copy_expert(sql.SQL("COPY {} ({}) FROM STDIN").format(table, names), pa.BufferReader(text))
    return int(cursor.rowcount)


def drop_leftovers(cursor: Any) -> int:
    """Drop the staging tables of attempts that no live run owns: their names begin with the run's number."""
    cursor.execute(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'tradewind_staging'::regnamespace "
        "AND c.relkind = 'r' AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' "
        "AND l.classid = 7446 AND l.objid::text = split_part(c.relname, '_', 2) AND l.database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database()))"
    )
    names = [name for (name,) in cursor.fetchall()]
    for name in names:
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier("tradewind_staging", name)))
    return len(names)


def _take_slot(cursor: Any, max_writers: int) -> None:
    cursor.execute(
        "SELECT i FROM generate_series(1, %s) i WHERE pg_try_advisory_xact_lock(%s, i) LIMIT 1",
        (max_writers, _SLOTS),
    )
    if cursor.fetchone() is None:  # all are taken: queue up behind one of them, spread by this session's number
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 1 + pg_backend_pid() %% %s)", (_SLOTS, max_writers))
