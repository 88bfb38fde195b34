"""Connections to PostgreSQL, shared by the threads of one API process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg2.extensions import TRANSACTION_STATUS_UNKNOWN
from psycopg2.extensions import connection as Connection  # noqa: N812 - as in sinks.database
from psycopg2.extras import RealDictCursor

from sinks import database
from sinks.errors import ConnectionLost

PATIENCE = 10.0  # seconds that a request waits for a connection


class Busy(Exception):
    """Every connection of this process is in use; try again in a moment."""


class Pool:
    """At most `size` connections; one that broke is thrown away, and the next use opens another."""

    def __init__(self, dsn: str, size: int) -> None:
        self._dsn = dsn
        self._free: list[Connection] = []
        self._places = threading.BoundedSemaphore(size)

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """A transaction whose rows are dictionaries: committed at the end, rolled back on any error.

        Raises Busy, DatabaseDown and the room's other errors.
        """
        if not self._places.acquire(timeout=PATIENCE):
            raise Busy(Busy.__doc__)
        try:
            with self._lent() as connection, database.transaction(connection), _rows(connection) as cursor:
                yield cursor
        finally:
            self._places.release()

    def rows(self, statement: Any, **values: object) -> list[dict[str, Any]]:
        """The rows of one statement, by column; times are aware and in UTC."""
        with self.cursor() as cursor:
            cursor.execute(statement, values)
            return [dict(row) for row in cursor.fetchall()]

    def close(self) -> None:
        """Close what is free."""
        while self._free:
            self._free.pop().close()

    @contextmanager
    def _lent(self) -> Iterator[Connection]:
        connection = self._alive() or database.connect(self._dsn, "tradewind api")
        try:
            yield connection
        finally:
            if connection.closed or connection.info.transaction_status == TRANSACTION_STATUS_UNKNOWN:
                connection.close()
            else:
                self._free.append(connection)

    def _alive(self) -> Connection | None:
        """A free connection whose server is still there: one restarted meanwhile must not fail a request."""
        while (connection := self._taken()) is not None:
            try:
                with database.transaction(connection) as cursor:
                    cursor.execute("SELECT 1")
                return connection
            except ConnectionLost:
                connection.close()
        return None

    def _taken(self) -> Connection | None:
        """One of the free ones; asking first whether there are any would race with the other threads."""
        try:
            return self._free.pop()
        except IndexError:
            return None


@contextmanager
def _rows(connection: Connection) -> Iterator[Any]:
    with connection.cursor(cursor_factory=RealDictCursor) as cursor:
        yield cursor
