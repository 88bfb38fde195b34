"""A sighting: an arrival with what the feed's profile reads off its path, ready for the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from triggers.arrival import Arrival, SeenBy
from triggers.names import ignored_reason
from triggers.stores import Listed

if TYPE_CHECKING:
    from streaming.feeds import FeedPlan


@dataclass(frozen=True, slots=True)
class Sighting:
    """What `sinks.ledger.register` takes. A `reason` makes it a version that is ignored."""

    uri: str
    version: str
    size: int
    modified_at: datetime
    path_date: date | None
    path_sequence: int | None
    sequence: str | None
    seen_by: str
    reason: str | None = None

    @classmethod
    def of(cls, seen: Listed | Arrival, plan: FeedPlan, seen_by: SeenBy, reason: str | None = None) -> Sighting:
        """From what a store or a journal shows; names that are no trade files get their reason here."""
        number = plan.profile.sequence_of(seen.uri) or ""
        return cls(
            uri=seen.uri,
            version=seen.version,
            size=seen.size,
            modified_at=seen.modified_at,
            path_date=plan.profile.date_of(seen.uri),
            path_sequence=int(number) if number.isdecimal() else None,
            sequence=getattr(seen, "sequence", None),
            seen_by=seen_by,
            reason=reason or ignored_reason(seen.uri, plan.complete, plan.source.prefix),
        )

    @classmethod
    def from_journal(cls, row: Mapping[str, Any], plan: FeedPlan) -> Sighting:
        """From a line of the journal."""
        arrival = Arrival.from_row(row)
        return cls.of(arrival, plan, arrival.seen_by)
