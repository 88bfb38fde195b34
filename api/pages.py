"""Pages by key: the cursor holds the last row's key, so that a page costs the same however deep it lies."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from apiflask import abort

from api.inputs import BIGGEST


def _int(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= BIGGEST:
        raise ValueError(value)
    return value


def _str(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError(value)
    return value.encode().decode()  # raises on half a surrogate pair, which JSON can write


def _date(value: Any) -> date:
    return date.fromisoformat(_str(value))


_KINDS: dict[type, Callable[[Any], Any]] = {int: _int, str: _str, date: _date}


def cut(name: str, listing: str, rows: Sequence[dict[str, Any]], limit: int, *key: str) -> dict[str, Any]:
    """`limit + 1` rows as a page: `{name: rows, "next": cursor or null}`; the columns `key` make the cursor."""
    page = list(rows[:limit])
    goes_on = len(rows) > limit
    return {name: page, "next": cursor(listing, *(page[-1][column] for column in key)) if goes_on else None}


def cursor(listing: str, *values: Any) -> str:
    """Where a listing goes on: after the row of this key."""
    told = json.dumps([listing, *(str(v) if isinstance(v, date) else v for v in values)], separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def key(listing: str, cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The key in a cursor; None without one. Aborts with 404 where it is not one that this listing gave."""
    if cursor is None:
        return None
    try:
        told = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
        return _values(listing, told, kinds)
    except (binascii.Error, ValueError, RecursionError):
        abort(
            404,
            "No page begins at this cursor.",
            detail={"query": {"cursor": ["Not a cursor of this listing."]}},
            extra_data={"cure": "Take `next` of an answer as it came, with the same filters, or begin without one."},
        )


def _values(listing: str, told: Any, kinds: Sequence[type]) -> tuple[Any, ...]:
    if not isinstance(told, list) or told[:1] != [listing]:
        raise ValueError(told)
    return tuple(_KINDS[kind](value) for kind, value in zip(kinds, told[1:], strict=True))
