"""The books recounted: what the ledger claims of each file, against the rows that are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from psycopg2.extensions import connection as Connection  # noqa: N812 - as in sinks.database

from sinks import database
from sinks.queries import query


@dataclass(frozen=True, slots=True)
class Fault:
    """One number of the books that the tables do not bear out; without a file where a dataset or the summary is meant.

    `what` is `lines`, `records`, `pending`, `rejected`, `withdrawn`, `trades`, `inserted` or `summary`.
    """

    feed: str
    file_id: int | None
    uri: str | None
    version: str | None
    what: str
    booked: int | None
    counted: int | None

    @property
    def place(self) -> tuple[str, bool, int, str]:
        """For an order too: files as they came, then what is of no file."""
        return self.feed, self.file_id is None, self.file_id or 0, self.what


@dataclass(slots=True)
class Recount:
    """What was counted of a feed's loaded and superseded files, and the faults, by file."""

    feed: str
    files: int = 0
    records: int = 0
    trades: int = 0
    rejects: int = 0
    faults: list[Fault] = field(default_factory=list)


def recount(connection: Connection, feeds: Sequence[str] | None, rejects_kept: timedelta) -> list[Recount]:
    """Every feed (or these, with all of their datasets' trades read once), in the order of their names; one that never
    ran has noughts.

    Older rejects than `rejects_kept` may have been removed by retention. What does not balance is counted a second time
    and told if it is found again: a merge may have committed between the parts of a count.
    """
    first = _counted(connection, feeds, rejects_kept)
    if not any(found.faults for found in first):
        return first
    before = {fault.place for found in first for fault in found.faults}
    again = _counted(connection, feeds, rejects_kept)
    for found in again:
        found.faults = [fault for fault in found.faults if fault.place in before]
    return again


def _counted(connection: Connection, feeds: Sequence[str] | None, rejects_kept: timedelta) -> list[Recount]:
    with database.transaction(connection) as cursor:
        cursor.execute(query("recount", "datasets"), {"feeds": None if feeds is None else list(feeds)})
        datasets = [dataset_id for (dataset_id,) in cursor.fetchall()]
        cursor.execute(query("recount", "faults"), {"datasets": datasets, "rejects_kept": rejects_kept})
        rows = cursor.fetchall()
    found: dict[str, Recount] = {}
    for *values, fault in rows:
        _enter(found.setdefault(values[0], Recount(values[0])), values, fault=fault)
    for of in found.values():
        of.faults.sort(key=lambda fault: fault.place)
    wanted = found if feeds is None else set(feeds)
    return [found.get(name) or Recount(name) for name in sorted(wanted)]


def _enter(of: Recount, values: list[Any], *, fault: bool) -> None:
    if fault:
        of.faults.append(Fault(*values))
    else:
        setattr(of, values[4], values[6])
