"""The fields of books, as every answer that has them names them."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from apiflask.fields import AwareDateTime, Date, Integer, String


def count(description: str | None = None, **options: Any) -> Integer:
    """A number of things; always there, though it may be null where `allow_none` says so."""
    return Integer(required=True, metadata=_told(description), **options)


def word(description: str | None = None, **options: Any) -> String:
    """A text that is always there."""
    return String(required=True, metadata=_told(description), **options)


def time(description: str | None = None, **options: Any) -> AwareDateTime:
    """A moment, in UTC."""
    return AwareDateTime(required=True, metadata=_told(description), **options)


def day(description: str | None = None, **options: Any) -> Date:
    return Date(required=True, metadata=_told(description), **options)


def _told(description: str | None) -> dict[str, str]:
    return {"description": description} if description else {}


class Books(Schema):
    """What records became; all but withdrawn add up to records."""

    records = count()
    inserted = count()
    updated = count()
    unchanged = count()
    duplicate = count()
    stale = count()
    pending = count()
    rejected = count()
    ignored = count()
    withdrawn = count("Trades that the version before had and this one has not.")


class FileBooks(Schema):
    """The same of one file, null while it has none."""

    lines = count("Physical lines: those of records and framing_lines.", allow_none=True)
    framing_lines = count(allow_none=True)
    records = count(allow_none=True)
    inserted = count(allow_none=True)
    updated = count(allow_none=True)
    unchanged = count(allow_none=True)
    duplicate = count(allow_none=True)
    stale = count(allow_none=True)
    pending = count(allow_none=True)
    rejected = count(allow_none=True)
    ignored = count(allow_none=True)
    withdrawn = count("Trades that the version before had and this one has not.", allow_none=True)
