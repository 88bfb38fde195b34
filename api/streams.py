"""Answers of any length: rows through a cursor of the server, a few thousand at a time."""

from __future__ import annotations

import errno
import re
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain
from typing import Any

import structlog
from apiflask import APIFlask, abort
from flask import Response, request
from werkzeug.wsgi import ClosingIterator

from api.asking import asking
from api.shared import shared

log = structlog.get_logger()

AT_ONCE = 2000  # rows that are in memory
TAKES_NOTHING = timedelta(seconds=20)  # for one send; of a chunk that is partly sent there may be three
TAKES_LITTLE = timedelta(minutes=5)  # for AT_ONCE rows, after which PostgreSQL ends the transaction
PIECE = 1 << 14  # bytes that are handed to the connection at once
SLOWEST = 4096  # bytes a second that a reader has to take, on the average of each WINDOW that we wait for it
WINDOW = timedelta(minutes=1)


def init_app(app: APIFlask) -> None:
    app.before_request(_cut_who_takes_nothing)


def _cut_who_takes_nothing() -> None:
    """By the system, for each send: a thread must not wait for good for a client that reads no answer."""
    taker: socket.socket | None = request.environ.get("gunicorn.socket")
    if taker is not None:
        timeout = struct.pack("@ll", int(TAKES_NOTHING.total_seconds()), 0)
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)


@contextmanager
def batches(statement: Any, **values: object) -> Iterator[tuple[list[str], Iterator[list[tuple[Any, ...]]]]]:
    """The columns, and the rows in lists of at most AT_ONCE; what the statement refuses is raised before the first.

    Aborts with 429 where as many are under way as may be.
    """
    milliseconds = f"{TAKES_LITTLE.total_seconds() * 1000:.0f}"
    with _place(), asking() as outer, outer.connection.cursor("download") as cursor:
        outer.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", (milliseconds,))
        cursor.execute(statement, values)
        first = cursor.fetchmany(AT_ONCE)
        yield [column.name for column in cursor.description], _rest(cursor, first)


@contextmanager
def _place() -> Iterator[None]:
    """One of the few: each keeps a connection and a thread for as long as its reader likes."""
    places = shared().downloads
    if not places.acquire(blocking=False):
        cure = "Wait until one has ended, ask for pages instead, or raise api.threads: half of them may download."
        told = "As many downloads as may be at once are under way."
        abort(429, told, headers={"Retry-After": "10"}, extra_data={"cure": cure})
    try:
        yield
    finally:
        places.release()


def _rest(cursor: Any, rows: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while rows:
        yield rows
        rows = cursor.fetchmany(AT_ONCE)


def paced(chunks: Iterable[bytes], clock: Callable[[], float] = time.monotonic) -> Iterator[bytes]:
    """The chunks in pieces, as long as somebody takes them: a place is not for one who reads a byte a minute.

    Raises ConnectionResetError, over which the server closes the connection, so that nobody takes a part for the whole.
    """
    taken, waited = 0, 0.0
    for chunk in chunks:
        for begin in range(0, len(chunk), PIECE):
            piece, handed = chunk[begin : begin + PIECE], clock()
            yield piece
            taken, waited = taken + len(piece), waited + clock() - handed
            if waited >= WINDOW.total_seconds():
                if taken < SLOWEST * waited:
                    log.warning("A download was cut: its reader was too slow", bytes=taken, seconds=round(waited))
                    raise ConnectionResetError(errno.ECONNRESET, "the reader of a download was too slow")
                taken, waited = 0, 0.0


def attachment(name: str, mimetype: str, chunks: Iterator[bytes]) -> Response:
    """A file to be saved. The first chunk is made at once, so that an error can still be a problem with its status;
    one that comes later breaks the connection off, so that nobody takes a part for the whole."""
    first = next(chunks)
    whole = ClosingIterator(paced(chain([first], chunks)), getattr(chunks, "close", None))
    answer = Response(whole, mimetype=mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=re.sub(r"[^A-Za-z0-9._-]", "_", name))
    return answer
