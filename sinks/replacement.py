"""`on_overwrite = "replace"`: what an older version of a uri brought and the new one does not hold is withdrawn."""

from __future__ import annotations

from datetime import date
from typing import Any

from sinks.queries import query
from sinks.work import Work, count, execute


def overwritten(cursor: Any, work: Work) -> tuple[date, date] | None:
    """With on_overwrite = "replace": the dates that older versions of these uris had brought.

    Of the batch's own versions, the rows of those that are replaced already are dropped.
    """
    if work.rules.on_overwrite != "replace":
        return None
    execute(cursor, work, "drop_outdated")
    count(work, "stale", cursor.fetchall())
    cursor.execute(query("merge", "overwritten_dates"), {"file_ids": work.file_ids})
    low, high = cursor.fetchone()
    return (low, high) if low else None


def withdraw(cursor: Any, work: Work, dates: tuple[date, date]) -> None:
    values = {"file_ids": work.file_ids, "dataset_id": work.dataset_id, "low": dates[0], "high": dates[1]}
    cursor.execute(query("merge", "withdraw", rows=work.rows), values)
    for file_id, rows, low, high in cursor.fetchall():
        work.books[file_id].withdrawn = rows
        work.withdrawn.append((file_id, low, high))


def register_again(cursor: Any, work: Work) -> None:
    """After the booking, so that files of this very batch are read again as well."""
    if work.rules.identity == "content" and work.rules.scope == "file":
        return
    for file_id, low, high in work.withdrawn:
        values = {"file_id": file_id, "dataset_id": work.dataset_id, "low": low, "high": high}
        values["by_id"] = work.rules.identity == "id"
        cursor.execute(query("merge", "register_again"), values)
