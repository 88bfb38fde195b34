"""The main job: live streams of feeds, and backfills, which are the same query until nothing is owed."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from sinks import database, ledger, retention, runs
from sinks.errors import ConnectionLost, DatabaseDown
from sinks.ledger import Owed
from sinks.queries import query
from sinks.runs import RunId
from sinks.sweeps import Why
from streaming.feed_at_work import Feed, cursor
from streaming.feeds import FeedPlan
from streaming.frames import trades
from streaming.job_shown import html
from streaming.journaling import LetterBox
from streaming.listening import Listening
from streaming.opening import refuse_serverless
from streaming.settings import Settings
from streaming.sweeping import silent
from triggers.errors import TryAgain
from triggers.folders import Folder
from triggers.listener import Listener
from triggers.sweep import SweepCounts, Window

__all__ = ["Feed", "Job", "trades"]

log = structlog.get_logger()

STOP_WITHIN = 12.0  # seconds that a batch under way has to finish before it is abandoned
TIDY_EVERY = 3600.0  # seconds between looks at what retention removes
KEEPER_BEAT = 0.5  # seconds between looks at what became owed by itself
AWAY = 2.0  # seconds until a server or store that did not answer is asked again


@dataclass(slots=True)
class Job:
    """A run over some feeds: `stream` until stopped, or `backfill` until nothing is owed."""

    settings: Settings
    dsn: str
    session: Any
    run: runs.Run
    stop: threading.Event = field(default_factory=threading.Event)
    feeds: list[Feed] = field(default_factory=list)
    listening: Listening | None = None
    tidied_at: float = field(default_factory=lambda: -math.inf)

    def stream(self, chosen: list[FeedPlan], told: Callable[[], None] = lambda: None) -> None:
        """Run the live queries until `stop` is set; a query that fails ends the run with its error.

        `told` is called on every beat, for progress. Raises StreamFailed, CheckpointMismatch and the rooms' errors;
        StreamingError on serverless compute.
        """
        refuse_serverless()
        self.feeds.extend(Feed.of_stream(self.settings, plan, self.dsn, self.run_id) for plan in chosen)
        try:
            self._listen(chosen)
            for feed in self.feeds:
                feed.sweep_often(self.stop)
                feed.start(self.session, processingTime=self.settings.stream.processing_time)
            while not self.stop.wait(KEEPER_BEAT):
                self._beat_if_it_can()
                told()
        finally:
            self.stop.set()  # the listeners end with it, also where an error ended the beats
            self._end()

    def backfill(
        self,
        plan: FeedPlan,
        window: Window,
        under: str = "",
        told: Callable[[Owed], None] = lambda _: None,
    ) -> SweepCounts:
        """Sweep a window into a journal of its own, then the same query until nothing of the feed is owed."""
        feed = Feed.of_backfill(self.settings, plan, self.dsn, self.run_id)
        self.feeds.append(feed)
        counts = feed.sweeping.sweep("backfill", window, under, stop=self.stop)
        with cursor(self.dsn) as writing:
            runs.expect(writing, self.run_id, ledger.owed(writing, plan.name).files)
        try:
            while not self.stop.is_set() and (counts.missing or feed.owed().files) and self._drain(feed, told):
                pass
        finally:
            self._end()
        _cleared(feed.checkpoint, feed.journal.folder)
        return counts

    def sweep(self, plan: FeedPlan, told: Callable[[SweepCounts], None] = silent) -> SweepCounts:
        """Journal what the store shows and the ledger does not know; the feed's stream loads it."""
        feed = Feed.of_stream(self.settings, plan, self.dsn, self.run_id)
        return feed.sweeping.sweep("command", told=told, stop=self.stop)

    def sweep_now(self, why: Why = "command", *only: Feed) -> None:
        """Sweep these streamed feeds (all of them, where none is named) at once, whenever their next beat would be."""
        for feed in only or self.feeds:
            if feed.beats:
                feed.beats.now(why)

    def figures(self) -> dict[str, dict[str, Any]]:
        """Per feed, for health and metrics: what is owed, the age of the last trigger, the listener's counts."""
        heard = self.listening.figures if self.listening else lambda _: {}
        return {feed.plan.name: {**feed.figures(), **heard(feed.plan.name)} for feed in self.feeds}

    def _repr_html_(self) -> str:
        """The state as a notebook shows it, asked for now; also after the job has ended."""
        return html(self.dsn, self.run_id, ((feed.plan.name, feed.owed()) for feed in self.feeds))

    @property
    def listeners(self) -> list[Listener]:
        """Those that work in this process."""
        return self.listening.listeners if self.listening else []

    @property
    def run_id(self) -> RunId:
        return self.run.run_id

    def _listen(self, chosen: list[FeedPlan]) -> None:
        if self.settings.stream.listen:
            self.listening = Listening(self.settings, chosen, LetterBox(lambda: self.dsn), self._gap)
            self.listening.start(self.stop)

    def _gap(self, name: str) -> None:
        """Something may have gone unseen in a local feed's folder."""
        self.sweep_now("gap", *[feed for feed in self.feeds if feed.plan.name == name])

    def _drain(self, feed: Feed, told: Callable[[Owed], None]) -> int:
        """One query over all that is in the journal, and a wait for what is due later; how many files are owed then."""
        feed.wake()
        feed.start(self.session, availableNow=True)
        while feed.query.isActive and not self.stop.wait(0.1):
            told(feed.owed())
        feed.check()
        owed = feed.owed()
        told(owed)
        if owed.files:
            self.stop.wait(_until(owed.due_at))
        return owed.files

    def _beat_if_it_can(self) -> None:
        """A server that is away is waited for: the batches do the same, and what is owed stays owed."""
        try:
            self._beat()
        except (ConnectionLost, DatabaseDown) as away:
            log.warning("PostgreSQL is away; waiting for it", reason=str(away))
            self.stop.wait(AWAY)
        except TryAgain as away:
            log.warning("A store is away; waiting for it", reason=str(away))
            self.stop.wait(AWAY)

    def _beat(self) -> None:
        if self.run.hold():
            self.stop.set()
        self._tidy()
        if self.listening:
            self.listening.check()
        for feed in self.feeds:
            feed.check()
            feed.wake()

    def _tidy(self) -> None:
        """Retention, by itself: once an hour."""
        if time.monotonic() - self.tidied_at < TIDY_EVERY:
            return
        self.tidied_at, kept = time.monotonic(), self.settings.retention
        with closing(database.connect(self.dsn, "tradewind job")) as connection:
            retention.prune(connection, kept.rejects, kept.batches, kept.runs, kept.letters)
        for feed in self.feeds:
            feed.journal.prune(kept.journal)

    def _end(self) -> None:
        """Let batches under way finish, then stop the queries; what they held is given back by the run's end."""
        with cursor(self.dsn) as asking:
            asking.execute(query("ledger", "request_stop"), {"run_id": self.run_id})
        deadline = time.monotonic() + STOP_WITHIN
        for feed in self.feeds:
            feed.finish(deadline)
        if self.listening:
            self.listening.join(max(1.0, deadline - time.monotonic()))


def _cleared(*folders: Folder) -> None:
    """What a backfill leaves is removed by `checkpoints prune`, if not now."""
    for folder in folders:
        try:
            folder.clear()
        except OSError as cause:
            log.warning("Could not remove what a backfill left", place=folder.place, reason=str(cause))


def _until(due: datetime | None) -> float:
    return 1.0 if due is None else min(max((due - datetime.now(UTC)).total_seconds(), 0.1), 60.0)
