"""Answers of any length: rows through a cursor of the server, a few thousand at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

from flask import Response
from werkzeug.wsgi import ClosingIterator

from api.asking import asking

AT_ONCE = 2000  # rows that are in memory


@contextmanager
def batches(statement: Any, **values: object) -> Iterator[tuple[list[str], Iterator[list[tuple[Any, ...]]]]]:
    """The columns, and the rows in lists of at most AT_ONCE; what the statement refuses is raised before the first."""
    with asking() as outer, outer.connection.cursor("download") as cursor:
        cursor.execute(statement, values)
        first = cursor.fetchmany(AT_ONCE)
        yield [column.name for column in cursor.description], _rest(cursor, first)


def _rest(cursor: Any, rows: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while rows:
        yield rows
        rows = cursor.fetchmany(AT_ONCE)


def attachment(name: str, mimetype: str, chunks: Iterator[bytes]) -> Response:
    """A file to be saved. The first chunk is made at once, so that an error can still be a problem with its status;
    one that comes later breaks the connection off, so that nobody takes a part for the whole."""
    first = next(chunks)
    whole = ClosingIterator(chain([first], chunks), getattr(chunks, "close", None))
    answer = Response(whole, mimetype=mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=re.sub(r"[^A-Za-z0-9._-]", "_", name))
    return answer
