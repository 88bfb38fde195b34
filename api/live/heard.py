"""What was heard since it was last told: which feeds changed, and the merges that changed them."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Set
from dataclasses import dataclass, field
from typing import Any

#: Merges that one message names; those beyond are counted. A burst must not grow the message.
NAMED = 20

_COUNTS = ("batch_id", "files", "inserted", "updated", "unchanged")

Room = frozenset[str] | None  # the feeds that somebody wants to hear of; None: all of them


@dataclass(slots=True)
class Heard:
    """Gathers notifications. Only the names of changed feeds matter for totals: those are read when they are told."""

    feeds: set[str] = field(default_factory=set)
    _merges: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=NAMED))
    _count: Counter[str] = field(default_factory=Counter)

    def changed(self, feed: str) -> None:
        """A feed's tallies, or the feed itself, are not what they were."""
        self.feeds.add(feed)

    def merged(self, payload: str) -> bool:
        """A merge as `sinks.merge` tells it in JSON; False for what it never says."""
        try:
            told = json.loads(payload)
            feed, counts = str(told["feed"]), {name: int(told[name]) for name in _COUNTS}
        except (ValueError, TypeError, KeyError):
            return False
        self.feeds.add(feed)
        self._merges.append({"feed": feed, **counts})
        self._count[feed] += 1
        return True

    def of(self, room: Room) -> set[str]:
        """The changed feeds that a room wants to hear of."""
        return self.feeds if room is None else self.feeds & room

    def batches(self, feeds: Set[str]) -> tuple[list[dict[str, Any]], int]:
        """The latest merges of these feeds, oldest first, and how many more there were."""
        named = [merge for merge in self._merges if merge["feed"] in feeds]
        return named, sum(self._count[feed] for feed in feeds) - len(named)
