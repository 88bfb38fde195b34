"""CSV downloads in which no cell is a formula."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from flask import Response
from psycopg2 import sql

from api.streams import attachment, batches
from sinks.queries import query

#: How a column is written: a text is made harmless, a time is ISO 8601 in UTC, the rest stays as it is.
Kind = Literal["text", "plain", "time"]


def download(name: str, columns: Mapping[str, Kind], rows: sql.Composable, **values: object) -> Response:
    """These columns of the statement `rows` as a CSV file, under a header."""
    cells = [query("api/csv", kind, column=sql.Identifier("t", column)) for column, kind in columns.items()]
    lines = query("api/csv", "lines", cells=sql.SQL(", ").join(cells), rows=rows)
    return attachment(f"{name}.csv", "text/csv", _chunks(",".join(columns), lines, values))


def _chunks(header: str, lines: sql.Composable, values: dict[str, Any]) -> Iterator[bytes]:
    with batches(lines, **values) as (_, lists):
        yield f"{header}\r\n".encode()
        for rows in lists:
            yield "".join(line for (line,) in rows).encode()
