"""Dead letters: messages of queues that nobody could read, kept with their bodies until somebody has looked at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sinks import database
from sinks.queries import query


def keep(connection: Any, letters: Iterable[Mapping[str, Any]]) -> None:
    """All of them or none; a redelivery of a letter that is there adds no second row.

    Each has queue, message_id, body (bytes), reason, deliveries, received_at (aware). Raises the room's errors.
    """
    with database.transaction(connection) as cursor:
        for letter in letters:
            cursor.execute(query("letters", "keep"), {**letter, "reason": _keepable(letter["reason"])})


def listed(connection: Any, queue: str | None = None, limit: int = 1000) -> list[dict[str, Any]]:
    """Without their bodies, the oldest first; `bytes` is the body's size."""
    return _rows(connection, "list", queue=queue, limit=limit)


def shown(connection: Any, letters: Sequence[int]) -> list[dict[str, Any]]:
    """These letters with their bodies as bytes; one that is not there is left out."""
    rows = _rows(connection, "show", letters=list(letters))
    return [{**row, "body": bytes(row["body"])} for row in rows]


def drop(connection: Any, letters: Sequence[int]) -> list[int]:
    """Forget these; gives back those that were there."""
    return [row["letter_id"] for row in _rows(connection, "drop", letters=list(letters))]


def _rows(connection: Any, name: str, **values: Any) -> list[dict[str, Any]]:
    with database.transaction(connection) as cursor:
        cursor.execute(query("letters", name), values)
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _keepable(reason: str) -> str:
    # Neither NUL nor half of a surrogate pair can stand in PostgreSQL's text, and a reason may quote the message.
    return reason.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
