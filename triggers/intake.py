"""One feed's part in a listener: from what is told of its objects to its journal."""

from collections.abc import Callable
from datetime import datetime

import structlog

from triggers.arrival import Arrival
from triggers.deliveries import Deliveries, Delivery
from triggers.echoes import Echoes
from triggers.errors import SetAside, TryAgain
from triggers.listener_counts import FeedCounts, ListenerCounts, Reason
from triggers.notifications.port import Appeared
from triggers.waiting import Held, WaitingRoom
from triggers.watched import Watched
from triggers.writers import Writers

log = structlog.get_logger(__name__)


class Intake:
    """Takes what is the feed's, waits until it is whole, writes it down. Messages are settled once that is durable."""

    def __init__(
        self, watched: Watched, deliveries: Deliveries, counts: ListenerCounts, writers: Callable[[str], Writers]
    ) -> None:
        self._watched, self._deliveries, self._counts = watched, deliveries, counts
        self._mine = counts.feeds.setdefault(watched.feed, FeedCounts())
        self._room, self._echoes = WaitingRoom(watched, writers), Echoes()
        self._whole: dict[tuple[str, str], tuple[Arrival, list[Delivery]]] = {}

    def soonest(self) -> datetime | None:
        """When something is to be done, whether or not a message comes."""
        return self._room.soonest()

    def appeared(self, told: Appeared, delivery: Delivery, now: datetime) -> Reason | None:
        """Take an object, and a share of its message; or say why not."""
        if reason := self._watched.leaves(told.uri):
            self._room.companion(told.uri, now)
            return reason
        self._deliveries.share(delivery)
        if shown := self._watched.shown_by(told, now):
            self._came(self._watched.arrival(shown, told.sequence), [delivery], now)
        else:
            self._deliveries.settle(self._room.hold(told.uri, told.sequence, delivery, now))
        return None

    def deleted(self, uri: str, now: datetime) -> bool:
        """An object went, by what is told; whether it was one of the feed's."""
        self._echoes.forget(uri)
        self._room.look_soon(uri, now)
        return self._watched.source.matches(uri)

    def look(self, now: datetime) -> None:
        """At what is due. A file that cannot be looked at keeps none of the others back."""
        for uri, held in self._room.due(now):
            try:
                self._look_at(uri, held, now)
            except (SetAside, TryAgain) as cause:
                self._counts.error(str(cause))
                log.warning("A file cannot be looked at; the others go on", feed=self._watched.feed, cause=str(cause))
        self._mine.waiting = len(self._room)

    def write_down(self, now: datetime) -> None:
        """Everything whole, as one file of the journal. Raises JournalUnwritable; then all of it is kept."""
        if not self._whole:
            return
        self._watched.journal.append(arrival for arrival, _ in self._whole.values())
        done, self._whole = self._whole, {}
        self._mine.journaled += len(done)
        for arrival, deliveries in done.values():
            self._echoes.remember(arrival, now)
            self._deliveries.settle(deliveries)

    def _look_at(self, uri: str, held: Held, now: datetime) -> None:
        listed = self._room.look(uri, held, now)
        if listed is None:
            self._echoes.forget(uri)
            self._drop("gone", self._room.let_go(uri))
        elif self._echoes.knows(uri, listed.version, held.sequence, now):
            self._drop("duplicate", self._room.let_go(uri))
        elif self._room.is_whole(held, listed, now):
            self._came(self._watched.arrival(listed, held.sequence), self._room.let_go(uri), now)

    def _came(self, arrival: Arrival, deliveries: list[Delivery], now: datetime) -> None:
        if self._echoes.knows(arrival.uri, arrival.version, arrival.sequence, now):
            self._drop("duplicate", deliveries)
            return
        key = (arrival.uri, arrival.version)
        if key in self._whole:
            self._counts.ignore("duplicate")
            arrival, deliveries = _later(self._whole.pop(key), (arrival, deliveries))
        self._whole[key] = arrival, deliveries

    def _drop(self, reason: Reason, deliveries: list[Delivery]) -> None:
        self._counts.ignore(reason)
        self._deliveries.settle(deliveries)


def _later(
    one: tuple[Arrival, list[Delivery]], other: tuple[Arrival, list[Delivery]]
) -> tuple[Arrival, list[Delivery]]:
    """Of one version told twice, the arrival with the later sequence, and both messages."""
    latest = max(one[0], other[0], key=lambda arrival: arrival.sequence or "")
    return latest, [*one[1], *other[1]]
