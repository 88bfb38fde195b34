"""The connection that hears what is committed. It asks over the same connection, so what it hears is there to read."""

from __future__ import annotations

import os
import selectors
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import structlog
from psycopg2.extras import RealDictCursor

from api.live.heard import Heard
from sinks import database
from sinks.queries import query

log = structlog.get_logger()

FEEDS = "tradewind_feeds"  # the other channel tells of merges
#: A server that vanished without a word is noticed within seconds, not when TCP gives up.
_IMPATIENT = {"keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 10_000}


class Waker:
    """Wakes whoever waits at a Listener, from another thread."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def fileno(self) -> int:
        return self._read

    def wake(self) -> None:
        with suppress(BlockingIOError):  # so many wait already that it wakes anyway
            os.write(self._write, b".")

    def sleep(self, seconds: float) -> None:
        """Until somebody wakes it, or that long."""
        with selectors.DefaultSelector() as selector:  # select() ends at descriptor 1,023, and sockets are many
            selector.register(self, selectors.EVENT_READ)
            selector.select(max(seconds, 0))
        self.rest()

    def rest(self) -> None:
        """Forget what woke it."""
        with suppress(BlockingIOError):
            while os.read(self._read, 4096):
                pass

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)


class Listener:
    """Listens from its making on; raises DatabaseDown then, ConnectionLost and the room's other errors later."""

    def __init__(self, dsn: str, waker: Waker) -> None:
        self._connection = database.connect(dsn, "tradewind live", **_IMPATIENT)
        self._connection.autocommit = True  # in a transaction nothing would be heard
        self._waker = waker
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._connection.fileno(), selectors.EVENT_READ)
        self._selector.register(waker, selectors.EVENT_READ)
        with database.translated(), self._connection.cursor() as cursor:
            cursor.execute(query("api/live", "listen"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._selector.close()
        self._connection.close()

    def wait(self, seconds: float) -> None:
        """Until something is heard, somebody wakes it, or that long."""
        if not self._connection.notifies:  # what came with an answer is heard already
            self._selector.select(max(seconds, 0))
        self._waker.rest()

    def hear(self, heard: Heard) -> None:
        """Everything that has come since the last time."""
        with database.translated():
            self._connection.poll()
        while self._connection.notifies:
            told = self._connection.notifies.pop(0)
            if told.channel == FEEDS:
                heard.changed(told.payload)
            elif not heard.merged(told.payload):
                log.warning("A notification says nothing of a merge", channel=told.channel, payload=told.payload[:200])

    def summary(self, feeds: Collection[str] | None) -> list[dict[str, Any]]:
        """The rows of these feeds (None: of all) as they stand now, fit for JSON."""
        values = {"feeds": None if feeds is None else sorted(feeds)}
        with database.translated(), self._connection.cursor(cursor_factory=RealDictCursor) as cursor:
            cursor.execute(query("api/feeds", "summary"), values)
            return [_plain(row) for row in cursor.fetchall()]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    # Seconds that pass by themselves would be wrong as soon as they are sent: who shows them has newest_file.
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if name != "freshness_seconds"
    }
