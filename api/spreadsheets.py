"""CSV downloads in which no cell is a formula."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from flask import Response

from api.streams import attachment, batches

#: What a spreadsheet takes for the beginning of a formula, or skips before one.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


def download(name: str, statement: Any, plain: Iterable[str] = (), **values: object) -> Response:
    """The statement's rows as a CSV file. Texts are made harmless, but for the columns `plain`: numbers as text."""
    return attachment(f"{name}.csv", "text/csv", _lines(statement, frozenset(plain), values))


def harmless(value: str) -> str:
    """A text that a spreadsheet shows as it is: one that begins like a formula gets a quote before it."""
    return f"'{value}" if value.startswith(FORMULAS) else value


def _lines(statement: Any, plain: frozenset[str], values: dict[str, Any]) -> Iterator[bytes]:
    with batches(statement, **values) as (columns, lists):
        yield _text([columns])
        keep = [column in plain for column in columns]
        for rows in lists:
            yield _text([_cell(v, k) for v, k in zip(row, keep, strict=True)] for row in rows)


def _cell(value: Any, keep: bool) -> Any:
    if isinstance(value, str):
        return value if keep else harmless(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value


def _text(rows: Iterable[Iterable[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
