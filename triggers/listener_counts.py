"""What a listener tells of itself: counts since its start, and how it stands now."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

Reason = Literal[
    "not_an_object",  # a test event, or news of something else than an object that comes or goes
    "elsewhere",  # an object of no feed here: another bucket, another prefix
    "by_name",  # below a feed's prefix, and no trade file: a marker, a hidden name, not what its glob takes
    "deleted",  # an object went; what was loaded from it stays
    "duplicate",  # the same version again, within what is remembered
    "gone",  # the object was not there any more when it was looked for
]


@dataclass(slots=True)
class FeedCounts:
    """Of one feed: arrivals in the journal, and files that are not known to be whole yet."""

    journaled: int = 0
    waiting: int = 0


@dataclass(slots=True)
class ListenerCounts:
    """Messages `received`, and what became of their notifications; `backlog` is what the queue holds, where it tells.

    `last_event_at` (UTC) is when the last message came, `lag` how many seconds before that its event had happened.
    """

    received: int = 0
    letters: int = 0
    errors: int = 0
    backlog: int | None = None
    lag: float | None = None
    last_event_at: datetime | None = None
    last_error: str | None = None
    ignored: dict[Reason, int] = field(default_factory=dict)
    feeds: dict[str, FeedCounts] = field(default_factory=dict)

    @property
    def journaled(self) -> int:
        """Arrivals in the journals of all feeds."""
        return sum(counts.journaled for counts in list(self.feeds.values()))

    @property
    def waiting(self) -> int:
        """Files of all feeds that are not known to be whole."""
        return sum(counts.waiting for counts in list(self.feeds.values()))

    def ignore(self, reason: Reason, times: int = 1) -> None:
        """One notification led to nothing."""
        self.ignored[reason] = self.ignored.get(reason, 0) + times

    def came(self, now: datetime, happened: Sequence[datetime | None]) -> None:
        """A message, now; its events happened then, where that is told."""
        self.last_event_at = now
        if times := [at for at in happened if at is not None]:
            self.lag = max(0.0, (now - min(times)).total_seconds())

    def error(self, cause: str) -> None:
        """Something could not be done."""
        self.errors += 1
        self.last_error = cause

    def told(self) -> dict[str, Any]:
        """All of it, for programs."""
        return {
            "received": self.received, "journaled": self.journaled, "waiting": self.waiting, "letters": self.letters,
            "errors": self.errors, "ignored": dict(self.ignored), "backlog": self.backlog, "lag": self.lag,
            "last_event_at": self.last_event_at, "last_error": self.last_error,
            "feeds": {feed: asdict(counts) for feed, counts in self.feeds.items()},
        }  # fmt: skip
