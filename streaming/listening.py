"""Listeners: one a queue, for every configured feed that it tells of; a local folder is a queue of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

from streaming.feeds import FeedPlan, plans
from streaming.journaling import live_journal
from streaming.settings import Settings
from triggers.letters import KeepLetters
from triggers.listener import IDLE, Listener, Watched
from triggers.listener_counts import FeedCounts
from triggers.notifications.local import parse as parse_local
from triggers.notifications.port import Parse
from triggers.queues import Hook, Place, queue_for
from triggers.queues.local import LocalQueue
from triggers.queues.port import Queue
from triggers.stores.access import Access

PATIENCE = timedelta(seconds=2)  # one question to a service; so long may a stop take too

Reach = Callable[[Place, Access], tuple[Queue, Parse]]


class Listening:
    """The listeners that the `chosen` feeds need. A queue gives a message to one receiver only, so its listener serves
    all configured feeds of that queue, also those that another process streams: they share the journals.

    `on_gap` is called with the name of a local feed when its folder may have changed unseen. Raises SettingsError,
    PrefixMissing and QueueUnusable.
    """

    def __init__(
        self,
        settings: Settings,
        chosen: Iterable[FeedPlan],
        keep: KeepLetters,
        on_gap: Callable[[str], None] = lambda _: None,
        reach: Reach = queue_for,
    ) -> None:
        self._settings, self._keep, self._on_gap, self._reach = settings, keep, on_gap, reach
        self._of_feed: dict[str, Listener] = {}
        self._threads: dict[Listener, threading.Thread] = {}
        for feeds in _by_queue(plans(settings), {plan.name for plan in chosen}):
            self._of_feed.update(dict.fromkeys([feed.name for feed in feeds], self._listener(feeds)))

    @property
    def listeners(self) -> list[Listener]:
        """One a queue."""
        return list(dict.fromkeys(self._of_feed.values()))

    def start(self, stop: threading.Event) -> None:
        """Each in a thread of its own, until `stop` is set."""
        for listener in self.listeners:
            self._threads[listener] = listener.start(stop)

    def join(self, within: float) -> None:
        """Wait for their end after a stop, for so many seconds; what they hold is handed back by then."""
        deadline = time.monotonic() + within
        for thread in self._threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def check(self) -> None:
        """Raises what ended a listener."""
        for listener in self.listeners:
            if listener.failure:
                raise listener.failure

    def figures(self, feed: str) -> dict[str, Any]:
        """A feed's own, for health and metrics; noughts where nobody here listens for it."""
        listener = self._of_feed.get(feed)
        counts = listener.counts.feeds.get(feed, FeedCounts()) if listener else FeedCounts()
        return {"events_journaled": counts.journaled, "events_waiting": counts.waiting}

    def _listener(self, feeds: list[FeedPlan]) -> Listener:
        watched, place = [_watched(feed, self._settings) for feed in feeds], feeds[0].events
        assert not isinstance(place, Hook)  # as `_by_queue` sees to
        if place is None:
            return Listener(feeds[0].prefix, watched, self._folder(feeds[0]), parse_local, self._keep, idle=IDLE)
        queue, parse = self._reach(place, self._settings.stores.access)
        return Listener(str(place), watched, queue, parse, self._keep, idle=PATIENCE)

    def _folder(self, feed: FeedPlan) -> Queue:
        return LocalQueue(feed.prefix, on_gap=lambda: self._on_gap(feed.name))


def _watched(feed: FeedPlan, settings: Settings) -> Watched:
    journal = live_journal(settings, feed.name)
    return Watched(feed.name, feed.source, feed.stores.of(feed.prefix), journal, feed.complete)


def _by_queue(configured: list[FeedPlan], chosen: set[str]) -> Iterator[list[FeedPlan]]:
    """The feeds of each queue that at least one chosen feed needs; what a hook tells, the API journals."""
    queues: dict[object, list[FeedPlan]] = {}
    for feed in configured:
        if feed.discovery == "events" and not isinstance(feed.events, Hook):
            queues.setdefault(feed.events or feed.name, []).append(feed)
    for feeds in queues.values():
        if any(feed.name in chosen for feed in feeds):
            yield feeds
