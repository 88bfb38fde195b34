"""The main job: live streams of feeds, and backfills, which are the same query until nothing is owed."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from checkpoints import fingerprint
from sinks import database, ledger, retention, runs
from sinks.errors import ConnectionLost, DatabaseDown
from sinks.queries import query
from sinks.runs import RunId
from sinks.staging import drop_leftovers
from sinks.sweeps import Why
from streaming import arrivals, clearing, connectors
from streaming.batch import Batch
from streaming.beats import Beats
from streaming.errors import StreamFailed
from streaming.feeds import FeedPlan, plans
from streaming.frames import trades
from streaming.listening import LetterBox, Listening, live_journal
from streaming.locations import spark_uri
from streaming.settings import Settings
from streaming.sweeping import Sweeping, silent
from triggers.arrival import Arrival
from triggers.errors import TryAgain
from triggers.folders import Folder
from triggers.journal import Journal
from triggers.listener import Listener
from triggers.sweep import SweepCounts, Window

__all__ = ["Feed", "Job", "trades"]

log = structlog.get_logger()

STOP_WITHIN = 12.0  # seconds that a batch under way has to finish before it is abandoned
TIDY_EVERY = 3600.0  # seconds between looks at what retention removes
KEEPER_BEAT = 0.5  # seconds between looks at what became owed by itself


@dataclass(slots=True)
class Feed:
    """One feed as this process works it."""

    plan: FeedPlan
    batch: Batch
    journal: Journal
    sweeping: Sweeping
    checkpoint: Folder
    query: Any = None
    beats: Beats | None = None
    threads: list[threading.Thread] = field(default_factory=list)


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

        `told` is called on every beat, for progress. Raises StreamFailed, CheckpointMismatch and the rooms' errors.
        """
        for plan in chosen:
            self._feed(plan, plan.discovery)
        try:
            self._listen(chosen)
            for feed in self.feeds:
                self._sweep_often(feed)
                self._start(feed, processingTime=self.settings.stream.processing_time)
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
        told: Callable[[ledger.Owed], None] = lambda _: None,
    ) -> SweepCounts:
        """Sweep a window into a journal of its own, then the same query until nothing of the feed is owed."""
        feed = self._feed(plan, f"backfill-{self.run_id}")
        counts = feed.sweeping.sweep("backfill", window, under, stop=self.stop)
        try:
            while not self.stop.is_set() and (counts.missing or self._owed(feed).files):
                self._wake(feed)
                self._start(feed, availableNow=True)
                while feed.query.isActive and not self.stop.wait(0.1):
                    told(self._owed(feed))
                self._check(feed)
                owed = self._owed(feed)
                told(owed)
                if not owed.files:
                    break
                self.stop.wait(_until(owed.due_at))
        finally:
            self._end()
        _cleared(feed.checkpoint, feed.journal.folder)
        return counts

    def sweep(self, plan: FeedPlan, told: Callable[[SweepCounts], None] = silent) -> SweepCounts:
        """Journal what the store shows and the ledger does not know; the feed's stream loads it."""
        return self._feed(plan, plan.discovery).sweeping.sweep("command", told=told, stop=self.stop)

    def sweep_now(self, why: Why = "command", *only: Feed) -> None:
        """Sweep these streamed feeds (all of them, where none is named) at once, whenever their next beat would be."""
        for feed in only or self.feeds:
            if feed.beats:
                feed.beats.now(why)

    def figures(self) -> dict[str, dict[str, Any]]:
        """Per feed, for health and metrics: what is owed, the age of the last trigger, the listener's counts."""
        return {feed.plan.name: self._figures(feed) for feed in self.feeds}

    def _figures(self, feed: Feed) -> dict[str, Any]:
        owed, listening = self._owed(feed), self.listening
        progress = feed.query.lastProgress if feed.query else None
        return {
            "up": bool(feed.query and feed.query.isActive),
            "owed_files": owed.files,
            "owed_bytes": owed.bytes,
            "trigger_age_seconds": _age(progress),
            **(listening.figures(feed.plan.name) if listening else {}),
        }

    @property
    def listeners(self) -> list[Listener]:
        """Those that work in this process."""
        return self.listening.listeners if self.listening else []

    @property
    def run_id(self) -> RunId:
        return self.run.run_id

    def _feed(self, plan: FeedPlan, name: str) -> Feed:
        with self._cursor() as cursor:
            dataset_id = ledger.ensure_feed(
                cursor, feed=plan.name, dataset=plan.dataset, source=plan.source.prefix + (plan.source.glob or ""),
                profile=plan.profile.name, profile_version=plan.profile.version, partition=plan.rules.grain,
            )  # fmt: skip
            drop_leftovers(cursor)
        backfill = name.startswith("backfill")
        live = live_journal(self.settings, plan.name)
        journal = Journal(self.settings.journals.below(plan.name, name)) if backfill else live
        checkpoint = self.settings.checkpoints.below(plan.name, name)
        sweeping = Sweeping(plan, self.dsn, self.run_id, dataset_id, journal)
        feed = Feed(plan, Batch(plan, self.dsn, self.run_id, dataset_id), journal, sweeping, checkpoint)
        if plan.profile.quotes_only:
            log.warning("Nothing will be loaded from this layout", feed=plan.name, reason=plan.profile.quotes_only)
        self.feeds.append(feed)
        return feed

    def _listen(self, chosen: list[FeedPlan]) -> None:
        if self.settings.stream.listen:
            self.listening = Listening(self.settings, chosen, LetterBox(lambda: self.dsn), self._gap)
            self.listening.start(self.stop)

    def _gap(self, name: str) -> None:
        """Something may have gone unseen in a local feed's folder."""
        self.sweep_now("gap", *[feed for feed in self.feeds if feed.plan.name == name])

    def _sweep_often(self, feed: Feed) -> None:
        often, found_by = self.settings.stream, feed.plan.discovery
        feed.beats = Beats(
            feed.sweeping,
            often.sweeps_every(found_by).total_seconds(),
            often.full_sweeps_every(found_by).total_seconds(),
            lambda: clearing.clear(feed.plan, plans(self.settings), self.dsn, self.stop),
        )
        feed.threads.append(feed.beats.start(self.stop))

    def _start(self, feed: Feed, **trigger: Any) -> None:
        connectors.check(self.session, connectors.places(self.settings, [feed.plan]), self.settings)
        fingerprint.guard(
            feed.checkpoint,
            fingerprint.Fingerprint(
                feed.plan.name,
                feed.plan.source.prefix,
                feed.plan.discovery,
                self.session.version.split(".")[0],
            ),
        )
        feed.query = (
            arrivals.stream(self.session, feed.plan, feed.journal.folder)
            .writeStream.foreachBatch(feed.batch)
            .option("checkpointLocation", spark_uri(feed.checkpoint.place))
            .queryName(f"{feed.plan.name} {self.run_id}")
            .trigger(**trigger)
            .start()
        )

    def _beat_if_it_can(self) -> None:
        """A server that is away is waited for: the batches do the same, and what is owed stays owed."""
        try:
            self._beat()
        except (ConnectionLost, DatabaseDown) as away:
            log.warning("PostgreSQL is away; waiting for it", reason=str(away))
            self.stop.wait(2)
        except TryAgain as away:
            log.warning("A store is away; waiting for it", reason=str(away))
            self.stop.wait(2)

    def _beat(self) -> None:
        self.run.hold()
        self._tidy()
        if self.listening:
            self.listening.check()
        for feed in self.feeds:
            self._check(feed)
            self._wake(feed)

    def _tidy(self) -> None:
        """Retention, by itself: once an hour."""
        if time.monotonic() - self.tidied_at < TIDY_EVERY:
            return
        self.tidied_at, kept = time.monotonic(), self.settings.retention
        with self._connected() as connection:
            retention.prune(connection, kept.rejects, kept.batches, kept.runs, kept.letters)
        for feed in self.feeds:
            feed.journal.prune(kept.journal)

    def _check(self, feed: Feed) -> None:
        if feed.beats and feed.beats.failure:
            raise feed.beats.failure
        if error := feed.query and feed.query.exception():
            raise StreamFailed(feed.plan.name, str(error))

    def _wake(self, feed: Feed) -> None:
        """Journal one of the files that became owed by themselves: a batch then takes all of them."""
        with self._cursor() as cursor:
            feed.journal.append(Arrival.from_row(row) for row in ledger.due(cursor, feed.plan.name))

    def _owed(self, feed: Feed) -> ledger.Owed:
        with self._cursor() as cursor:
            return ledger.owed(cursor, feed.plan.name)

    def _end(self) -> None:
        """Let batches under way finish, then stop the queries; what they held is given back by the run's end."""
        with self._cursor() as cursor:
            cursor.execute(query("ledger", "request_stop"), {"run_id": self.run_id})
        deadline = time.monotonic() + STOP_WITHIN
        for feed in self.feeds:
            if feed.query is not None and feed.query.isActive:
                _finish(feed.query, deadline)
                _stop(feed)
            for thread in feed.threads:
                thread.join(max(deadline - time.monotonic(), 0))
        if self.listening:
            self.listening.join(max(1.0, deadline - time.monotonic()))

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        connection = database.connect(self.dsn, "tradewind job")
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        with self._connected() as connection, database.transaction(connection) as cursor:
            yield cursor


def _stop(feed: Feed) -> None:
    """Stop the query; a batch that does not end in time is abandoned: its claims are fenced off and owed again."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        feed.query.stop()
    except (Py4JError, PySparkException) as late:
        log.warning("Abandoned a batch that did not end in time", feed=feed.plan.name, reason=str(late).split("\n")[0])


def _cleared(*folders: Folder) -> None:
    """What a backfill leaves is removed by `checkpoints prune`, if not now."""
    for folder in folders:
        try:
            folder.clear()
        except OSError as cause:
            log.warning("Could not remove what a backfill left", place=folder.place, reason=str(cause))


def _finish(running: Any, deadline: float) -> None:
    while running.status["isTriggerActive"] and running.status["isDataAvailable"] and time.monotonic() < deadline:
        time.sleep(0.05)


def _until(due: datetime | None) -> float:
    return 1.0 if due is None else min(max((due - datetime.now(UTC)).total_seconds(), 0.1), 60.0)


def _age(progress: Any) -> float:
    if not progress:
        return 0.0
    return (datetime.now(UTC) - datetime.fromisoformat(progress["timestamp"].replace("Z", "+00:00"))).total_seconds()
