"""What a sweep asks of the ledger and writes into it: page by page, one statement for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from psycopg2.extras import RealDictCursor

from sinks import database
from sinks.queries import query
from sinks.runs import RunId

Why = Literal[
    "start",  # a stream began
    "beat",  # its time had come
    "command",  # `tradewind sweep`
    "backfill",  # a window, asked for by an operator
    "gap",  # a queue said that it had lost events
]
COUNTS = (
    "objects", "outside", "ignored", "known", "awaited", "missed", "overwritten", "returned", "owed_too_long",
    "vanished", "phantom",
)  # fmt: skip
TOO_LONG = timedelta(minutes=10)  # how long something may be owed, held by nobody, before a sweep tells of it
RESUMED_WITHIN = timedelta(hours=1)  # a sweep that began earlier is not taken up any more
LONGEST_MERGE = timedelta(hours=1)
PAGE = 1_000

Versions = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Extent:
    """Which sweeps are one and the same: a feed, its days and prefix, and where the listing begins."""

    feed: str
    first: date | None = None
    last: date | None = None
    under: str = ""
    started_after: str | None = None


@dataclass(frozen=True, slots=True)
class Sweep:
    """A row of `reconciliations` that is being written; `reached` is the last name of its last finished page."""

    reconciliation_id: int
    started_at: datetime
    reached: str | None
    list_calls: int
    seconds: float
    counts: Mapping[str, int]

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Sweep:
        number, started_at, reached, list_calls, seconds, *counts = row
        return cls(number, started_at, reached, list_calls, seconds, dict(zip(COUNTS, counts, strict=True)))


@dataclass(frozen=True, slots=True)
class Unlisted:
    """An owed version that a listing does not show, and the version that it shows under this uri, if any."""

    file_id: int
    uri: str
    version: str
    seen_by: str
    shown: str | None

    @property
    def count(self) -> str:
        """What a sweep counts it as: announced by an event and never there, or gone."""
        return "phantom" if self.seen_by == "events" and self.shown is None else "vanished"

    @property
    def reason(self) -> str:
        """What the ledger says of it."""
        if self.shown is not None:
            return f"replaced by {self.shown} before it was read: the new version is taken instead"
        told = "an event told of it, and it is" if self.count == "phantom" else "it is"
        return f"{told} not there when the store is listed; put the file back to load it"


def begin(cursor: Any, run_id: RunId, why: Why, extent: Extent) -> Sweep:
    """Take up a sweep of this extent that did not come to its end within the last hour, else begin one."""
    values = {
        "feed": extent.feed, "first": extent.first, "last": extent.last, "under": extent.under,
        "started_after": extent.started_after, "run_id": run_id, "why": why, "no_older": RESUMED_WITHIN,
    }  # fmt: skip
    cursor.execute(query("sweep", "resume"), values)
    row = cursor.fetchone()
    if row is None:
        cursor.execute(query("sweep", "begin"), values)
        row = cursor.fetchone()
    return Sweep.from_row(row)


def judge(cursor: Any, feed: str, versions: Versions, too_long: timedelta = TOO_LONG) -> dict[int, Any]:
    """By their place, those of these (uri, version) that are not simply known: missed, overwritten, returned, or
    owed_too_long."""
    cursor.execute(query("sweep", "judge"), _columns(feed, versions) | {"too_long": too_long})
    return dict(cursor.fetchall())


def unlisted(
    cursor: Any, feed: str, between: tuple[str, str], versions: Versions, started_at: datetime, passed: Unlisted | None
) -> list[Unlisted]:
    """What is owed after the first name up to the last and not among the listed versions, in the order of the names:
    the next at most PAGE behind `passed`."""
    values = _columns(feed, versions) | {
        "after": between[0], "last": between[1], "started_at": started_at, "limit": PAGE,
        "passed": passed.uri if passed else "", "passed_id": passed.file_id if passed else 0,
    }  # fmt: skip
    cursor.execute(query("sweep", "unlisted"), values)
    return [Unlisted(*row) for row in cursor.fetchall()]


def vanish(cursor: Any, gone: Sequence[Unlisted], started_at: datetime) -> list[Unlisted]:
    """Set these to `vanished` (`superseded` where they had been loaded); those that were still as they were seen."""
    values = {
        "file_ids": [one.file_id for one in gone],
        "reasons": [one.reason for one in gone],
        "started_at": started_at,
    }
    cursor.execute(query("sweep", "vanish"), values)
    done = {file_id for (file_id,) in cursor.fetchall()}
    return [one for one in gone if one.file_id in done]


def note(
    cursor: Any, sweep: Sweep, counts: Mapping[str, int], reached: str | None, list_calls: int, seconds: float
) -> None:
    """Write down how far a sweep has come, and what it saw until there."""
    values = {
        "reconciliation_id": sweep.reconciliation_id, "reached": reached, "list_calls": list_calls,
        "seconds": seconds, **counts,
    }  # fmt: skip
    cursor.execute(query("sweep", "note"), values)


def end(cursor: Any, sweep: Sweep, incomplete: str | None = None) -> None:
    """The listing was seen to its end; `incomplete` names places that could not be listed."""
    cursor.execute(query("sweep", "end"), {"reconciliation_id": sweep.reconciliation_id, "incomplete": incomplete})


def unsettled(cursor: Any, feed: str, moment: datetime, limit: int) -> list[str]:
    """Uris that are owed, or of which a version was superseded or vanished since `moment`; at most `limit`."""
    # A merge writes the time at which it began, and is seen when it ends.
    values = {"feed": feed, "moment": moment - LONGEST_MERGE, "limit": limit}
    cursor.execute(query("sweep", "unsettled"), values)
    return [str(uri) for (uri,) in cursor.fetchall()]


def start_after(cursor: Any, feed: str) -> str | None:
    """The name after which the next listing in name order begins; None before two sweeps have ended."""
    cursor.execute(query("sweep", "start_after"), {"feed": feed})
    row = cursor.fetchone()
    return row[0] if row else None


def history(connection: Any, feeds: Sequence[str] | None, limit: int) -> list[dict[str, Any]]:
    """The rows of `reconciliations`, the newest first: of these feeds, or of all."""
    return _rows(connection, feeds=list(feeds) if feeds else None, run_id=None, limit=limit)


def of_run(connection: Any, run_id: RunId) -> list[dict[str, Any]]:
    """The sweeps of one run, in their order."""
    return _rows(connection, feeds=None, run_id=run_id, limit=None)[::-1]


def _rows(connection: Any, **values: object) -> list[dict[str, Any]]:
    with database.translated(), connection, connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(query("sweep", "history"), values)
        return [dict(row) for row in cursor.fetchall()]


def _columns(feed: str, versions: Versions) -> dict[str, object]:
    return {"feed": feed, "uris": [uri for uri, _ in versions], "versions": [version for _, version in versions]}
