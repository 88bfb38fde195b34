"""The core record: one object version that somebody saw. It imports nothing from the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

SeenBy = Literal[
    "listing",  # Spark's own file source
    "events",  # a listener on a queue
    "sweep",  # our own listing against the ledger
    "backfill",  # a sweep of a window, asked for by an operator
    "operator",  # a retry, replay or reload
    "archive",  # the directory of a zip that holds it
]

JSON_SCHEMA_DDL = (
    "feed string, uri string, version string, size long, modified_at string, sequence string, seen_by string"
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One version of one object, as it goes through the journal into the ledger.

    `uri` is raw, never percent-encoded; `modified_at` is the store's own time, aware, in UTC;
    `sequence` orders events of one uri only, where the store gives such a thing.
    """

    feed: str
    uri: str
    version: str
    size: int
    modified_at: datetime
    sequence: str | None
    seen_by: SeenBy

    def to_json(self) -> dict[str, Any]:
        """The journal's line: every field, `modified_at` as ISO with microseconds and Z."""
        return {
            "feed": self.feed,
            "uri": self.uri,
            "version": self.version,
            "size": self.size,
            "modified_at": iso_utc(self.modified_at),
            "sequence": self.sequence,
            "seen_by": self.seen_by,
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Arrival":
        """From a journal line or a ledger row; `modified_at` may be text or an aware datetime."""
        return cls(
            feed=row["feed"],
            uri=row["uri"],
            version=row["version"],
            size=int(row["size"]),
            modified_at=utc_of(row["modified_at"]),
            sequence=row["sequence"],
            seen_by=row["seen_by"],
        )

    def log_context(self) -> dict[str, Any]:
        """The fields that every log line about this arrival carries."""
        return {"feed": self.feed, "uri": self.uri, "version": self.version, "seen_by": self.seen_by}


def iso_utc(moment: datetime) -> str:
    """`2026-01-02T03:04:05.000000Z`: always microseconds, always Z, so that text sorts as time.

    Raises ValueError for a naive datetime.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone: pass an aware datetime")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def utc_of(value: str | datetime) -> datetime:
    """The aware UTC datetime behind ISO text or an aware datetime. Raises ValueError for naive ones."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone: journal lines end in Z")
    return moment.astimezone(UTC)


def utc_of_ns(nanoseconds: int) -> datetime:
    """Nanoseconds since 1970 as UTC, cut to microseconds; past the calendar's ends, the nearer end."""
    try:
        return _EPOCH + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        return _LATEST if nanoseconds > 0 else _EARLIEST
