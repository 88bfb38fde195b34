"""Runs: who is at work, seen to be alive by a lock, and what they hold given back at their end."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, NewType

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - as in sinks.database

from sinks import database
from sinks.errors import ConnectionLost, RunWithdrawn
from sinks.queries import query

RunId = NewType("RunId", int)
RunKind = Literal["stream", "backfill", "sweep", "command"]
RUN_LOCKS, FEED_LOCKS = 7446, 7445  # classes of advisory locks: a run alive, the one stream of a feed


class Run:
    """A run of this process: alive while its session holds an advisory lock, so that a dead one is seen at once."""

    def __init__(self, dsn: str, kind: RunKind, feeds: Sequence[str], asked: RunId | None = None) -> None:
        """A new run, or with `asked` the one that was queued. Raises RunWithdrawn if it was cancelled since."""
        self._dsn = dsn
        self._connection = database.connect(dsn, "tradewind run")
        self.run_id = _start(self._connection, kind, feeds, asked)

    def hold(self) -> bool:
        """Make sure that the lock is held: a server that was restarted has forgotten it. True if cancelled.

        Raises DatabaseDown and ConnectionLost while the server is away.
        """
        try:
            return _cancelled(self._connection, self.run_id)
        except ConnectionLost:
            self._connection.close()
            self._connection = database.connect(self._dsn, "tradewind run")
            _lock(self._connection, self.run_id)
            return False

    def cancelled(self) -> bool:
        """Whether somebody has cancelled this run. Raises DatabaseDown and ConnectionLost while the server is away."""
        connection = database.connect(self._dsn, "tradewind run")
        try:
            return _cancelled(connection, self.run_id)
        finally:
            connection.close()

    def end(self, state: str, reason: str | None = None) -> None:
        """Give back the claims and note the outcome."""
        _end(self._dsn, self.run_id, state, reason)
        self._connection.close()


@contextmanager
def run(
    dsn: str,
    kind: RunKind,
    feeds: Sequence[str],
    asked: RunId | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Run]:
    """A run for the time of the block; at its end the claims are given back and the outcome is noted.

    `asked` is one that was queued; `stopped` tells at the end whether the work was left before it was done.
    """
    this = Run(dsn, kind, feeds, asked)
    try:
        yield this
    except BaseException as error:
        this.end("stopped" if isinstance(error, KeyboardInterrupt) or stopped() else "failed", str(error))
        raise
    this.end("stopped" if stopped() else "done")


def release(cursor: Any, run_id: RunId, feed: str | None = None) -> int:
    """Give back what this run claimed (of one feed) and did not finish; a merge still under way is fenced off."""
    cursor.execute(query("ledger", "release"), {"run_id": run_id, "feed": feed})
    return int(cursor.rowcount)


def expect(cursor: Any, run_id: RunId, files: int) -> None:
    """Note how many files a run has before it, so that its progress can be told."""
    cursor.execute(query("ledger", "expect"), {"run_id": run_id, "files": files})


def lock_feed(connection: Connection, feed: str, *, wait: bool = False) -> bool:
    """Become the one stream of a feed, for as long as the connection lives; False if there is one already."""
    function = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
    with database.transaction(connection) as cursor:
        cursor.execute(sql.SQL("SELECT {}(%s, hashtext(%s))").format(sql.SQL(function)), (FEED_LOCKS, feed))
        return wait or bool(cursor.fetchone()[0])


def _start(connection: Connection, kind: RunKind, feeds: Sequence[str], asked: RunId | None) -> RunId:
    values = {"kind": kind, "feeds": list(feeds), "host": socket.gethostname(), "pid": os.getpid(), "run_id": asked}
    if asked is not None:
        _lock(connection, asked)  # first: a run that is seen as running and holds no lock is taken for dead
    with database.transaction(connection) as cursor:
        cursor.execute(query("ledger", "start_run" if asked is None else "begin_run"), values)
        row = cursor.fetchone()
    if row is None:
        raise RunWithdrawn(f"run {asked}")
    if asked is None:
        _lock(connection, RunId(row[0]))
    return RunId(row[0])


def _lock(connection: Connection, run_id: RunId) -> None:
    with database.transaction(connection) as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", (RUN_LOCKS, run_id))


def _cancelled(connection: Connection, run_id: RunId) -> bool:
    with database.transaction(connection) as cursor:
        cursor.execute(query("ledger", "cancelled"), {"run_id": run_id})
        return bool(cursor.fetchone()[0])


def _end(dsn: str, run_id: RunId, state: str, reason: str | None) -> None:
    # A connection of its own: the one that held the lock may be the very thing that failed.
    connection = database.connect(dsn, "tradewind run")
    try:
        with database.transaction(connection) as cursor:
            release(cursor, run_id)
            cursor.execute(query("ledger", "end_run"), {"run_id": run_id, "state": state, "reason": reason})
    finally:
        connection.close()
