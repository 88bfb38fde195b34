"""The ledger: which object versions are known, what is owed, and which of it a run works on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from psycopg2.extensions import connection as Connection  # noqa: N812 - as in sinks.database
from psycopg2.extras import RealDictCursor

from sinks import database
from sinks.queries import query
from sinks.runs import RUN_LOCKS, RunId

STATES = (
    "discovered", "loading", "loaded", "superseded", "quarantined", "vanished", "waiting", "ignored", "unloaded"
)  # fmt: skip


class Seen(Protocol):
    """What the ledger must know of a sighting; times are aware."""

    @property
    def uri(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def modified_at(self) -> datetime: ...
    @property
    def path_date(self) -> date | None: ...
    @property
    def path_sequence(self) -> int | None: ...
    @property
    def sequence(self) -> str | None: ...
    @property
    def seen_by(self) -> str: ...
    @property
    def reason(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Claim:
    """A file that this run works on, under a fencing token."""

    file_id: int
    fence: int
    uri: str
    version: str
    size: int
    modified_at: datetime
    attempts: int
    order_key: str
    registered_at: datetime

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Claim:
        return cls(*row)

    def log_context(self) -> dict[str, object]:
        return {"file": self.uri, "version": self.version, "attempts": self.attempts}


@dataclass(frozen=True, slots=True)
class Owed:
    """What a feed still owes: files and bytes, those waiting, and when the first of these is due."""

    files: int
    bytes: int
    waiting: int
    due_at: datetime | None


def ensure_feed(
    cursor: Any, *, feed: str, dataset: str, source: str, profile: str, profile_version: str, partition: str
) -> int:
    """Make the feed and its dataset known; returns the dataset's id."""
    values = {
        "feed": feed, "dataset": dataset, "source": source, "profile": profile,
        "profile_version": profile_version, "partition": partition,
    }  # fmt: skip
    cursor.execute(query("ledger", "ensure_dataset"), values)
    cursor.execute(query("ledger", "ensure_feed"), values)
    return int(cursor.fetchone()[0])


def register(cursor: Any, feed: str, dataset_id: int, seen: Sequence[Seen]) -> int:
    """Register sightings, once each however often they are told; returns how many were new."""
    if not seen:
        return 0
    values = {
        "feed": feed, "dataset_id": dataset_id, "uris": [s.uri for s in seen],
        "versions": [s.version for s in seen], "sizes": [s.size for s in seen],
        "modified": [s.modified_at for s in seen], "dates": [s.path_date for s in seen],
        "sequences": [s.path_sequence for s in seen], "order": [s.sequence for s in seen],
        "seen_by": [s.seen_by for s in seen], "reasons": [s.reason for s in seen],
    }  # fmt: skip
    cursor.execute(query("ledger", "register"), values)
    return len(cursor.fetchall())


def contested(cursor: Any, feed: str, seen: Sequence[Seen]) -> list[tuple[int, str, str]]:
    """(file_id, uri, version) of sightings that only the store can confirm as what it shows now."""
    if not seen:
        return []
    values = {"feed": feed, "uris": [s.uri for s in seen], "versions": [s.version for s in seen]}
    cursor.execute(query("ledger", "contested"), values)
    return [(int(i), str(u), str(v)) for i, u, v in cursor.fetchall()]


def make_current(cursor: Any, file_ids: Sequence[int]) -> None:
    """The store shows these versions now: each is the newest of its uri, and owed again if it had been replaced."""
    cursor.execute(query("ledger", "make_current"), {"file_ids": list(file_ids)})
    cursor.execute(query("ledger", "revive"), {"file_ids": list(file_ids)})


def claim(cursor: Any, feed: str, run_id: RunId, max_files: int, max_bytes: int) -> list[Claim]:
    """Take owed files for this run, oldest first."""
    values = {
        "feed": feed, "run_id": run_id, "max_files": max_files, "max_bytes": max_bytes, "lock_class": RUN_LOCKS,
    }  # fmt: skip
    cursor.execute(query("ledger", "claim"), values)
    return sorted(map(Claim.from_row, cursor.fetchall()), key=lambda c: c.order_key)


def set_state(
    cursor: Any,
    run_id: RunId,
    claim: Claim,
    state: str,
    reason: str,
    due: datetime | None,
    profile_version: str,
) -> None:
    """The outcome of a claimed file without a merge: waiting until `due`, quarantined, vanished."""
    values = {
        "run_id": run_id, "file_ids": [claim.file_id], "fences": [claim.fence], "states": [state],
        "reasons": [reason], "due": [due], "lines": [None], "records": [None], "rejected": [None],
        "batch_id": None, "profile_version": profile_version,
    }  # fmt: skip
    cursor.execute(query("ledger", "set_state"), values)


def expanded(cursor: Any, run_id: RunId, claim: Claim, reason: str, profile_version: str) -> bool:
    """A claimed archive whose members are registered in this transaction; False if the claim was lost."""
    values = {
        "run_id": run_id, "file_id": claim.file_id, "fence": claim.fence, "reason": reason,
        "profile_version": profile_version,
    }  # fmt: skip
    cursor.execute(query("ledger", "expanded"), values)
    held = bool(cursor.rowcount)
    if held:
        cursor.execute(query("ledger", "supersede_archive"), {"file_id": claim.file_id})
    return held


def loaded_members(cursor: Any, feed: str, archive: str) -> list[str]:
    """The uris of an archive's members, in whatever version, that brought records."""
    # All names that begin with the archive's and `!`; the next sign is `"`.
    values = {"feed": feed, "first": f"{archive}!", "last": f'{archive}"'}
    cursor.execute(query("ledger", "loaded_members"), values)
    return [str(uri) for (uri,) in cursor.fetchall()]


def archives_vanished(cursor: Any, feed: str, versions: Iterable[tuple[str, str]]) -> None:
    """Of these (uri, version) the expanded archives: members of them could not be read any more."""
    pairs = list(versions)
    values = {"feed": feed, "uris": [u for u, _ in pairs], "versions": [v for _, v in pairs]}
    cursor.execute(query("ledger", "archives_vanished"), values)


def due(cursor: Any, feed: str) -> list[dict[str, Any]]:
    """One owed file that nobody works on and no arrival will bring back: enough to wake the stream, or none."""
    cursor.execute(query("ledger", "due"), {"feed": feed, "lock_class": RUN_LOCKS})
    names = ("feed", "uri", "version", "size", "modified_at", "sequence", "seen_by")
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def pause(cursor: Any, feed: str, *, paused: bool) -> bool:
    """Let a feed load nothing until it is resumed, or again; False if the ledger knows no such feed."""
    cursor.execute(query("ledger", "pause"), {"feed": feed, "paused": paused})
    return cursor.fetchone() is not None


def is_paused(cursor: Any, feed: str) -> bool:
    """Whether somebody has paused the feed."""
    cursor.execute(query("ledger", "is_paused"), {"feed": feed})
    row = cursor.fetchone()
    return bool(row and row[0])


def owed(cursor: Any, feed: str) -> Owed:
    """What the feed still owes."""
    cursor.execute(query("ledger", "owed"), {"feed": feed})
    return Owed(*cursor.fetchone())


def rows(connection: Connection, block: str, **values: object) -> list[dict[str, Any]]:
    """The rows of a named listing of sinks/sql/ledger.sql as dictionaries by column."""
    with database.translated(), connection, connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(query("ledger", block), values)
        return [dict(row) for row in cursor.fetchall()]
