"""One feed as a job works it: its journal and checkpoint, its query, its sweeps, and what it owes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from checkpoints import fingerprint
from sinks import database, ledger
from sinks.ledger import Owed
from sinks.runs import RunId
from sinks.staging import drop_leftovers
from streaming import arrivals, clearing, connectors
from streaming.batch import Batch
from streaming.beats import Beats
from streaming.errors import StreamFailed
from streaming.feeds import FeedPlan, plans
from streaming.journaling import live_journal
from streaming.locations import spark_uri
from streaming.settings import Settings
from streaming.sweeping import Sweeping
from triggers.arrival import Arrival
from triggers.folders import Folder
from triggers.journal import Journal

log = structlog.get_logger()


@dataclass(slots=True)
class Feed:
    """A feed of one run; `query` is Spark's, once it was started, `beats` those of a stream."""

    settings: Settings
    plan: FeedPlan
    dsn: str
    batch: Batch
    journal: Journal
    sweeping: Sweeping
    checkpoint: Folder
    query: Any = None
    beats: Beats | None = None
    threads: list[threading.Thread] = field(default_factory=list)

    @classmethod
    def of_stream(cls, settings: Settings, plan: FeedPlan, dsn: str, run_id: RunId) -> Feed:
        """With the journal that listeners and sweeps write, and a checkpoint for each way of discovery."""
        return cls._opened(settings, plan, dsn, run_id, plan.discovery, live_journal(settings, plan.name))

    @classmethod
    def of_backfill(cls, settings: Settings, plan: FeedPlan, dsn: str, run_id: RunId) -> Feed:
        """With a journal and a checkpoint of its own."""
        name = f"backfill-{run_id}"
        return cls._opened(settings, plan, dsn, run_id, name, Journal(settings.journals.below(plan.name, name)))

    @classmethod
    def _opened(cls, settings: Settings, plan: FeedPlan, dsn: str, run_id: RunId, name: str, journal: Journal) -> Feed:
        dataset_id = _made_known(plan, dsn)
        batch, sweeping = Batch(plan, dsn, run_id, dataset_id), Sweeping(plan, dsn, run_id, dataset_id, journal)
        if plan.profile.quotes_only:
            log.warning("Nothing will be loaded from this layout", feed=plan.name, reason=plan.profile.quotes_only)
        return cls(settings, plan, dsn, batch, journal, sweeping, settings.checkpoints.below(plan.name, name))

    def sweep_often(self, stop: threading.Event) -> None:
        """On its beat, in a thread of its own, until `stop` is set."""
        often, found_by = self.settings.stream, self.plan.discovery
        self.beats = Beats(
            self.sweeping,
            often.sweeps_every(found_by).total_seconds(),
            often.full_sweeps_every(found_by).total_seconds(),
            lambda: clearing.clear(self.plan, plans(self.settings), self.dsn, stop),
            self.plan.clearance.every,
        )
        self.threads.append(self.beats.start(stop))

    def start(self, session: Any, **trigger: Any) -> None:
        """Start the query with this trigger. Raises CheckpointMismatch, and what a missing connector gives."""
        connectors.check(session, connectors.places(self.settings, [self.plan]), self.settings)
        fingerprint.guard(self.checkpoint, self._fingerprint(session))
        self.query = (
            arrivals.stream(session, self.plan, self.journal.folder)
            .writeStream.foreachBatch(self.batch)
            .option("checkpointLocation", spark_uri(self.checkpoint.place))
            .queryName(f"{self.plan.name} {self.batch.run_id}")
            .trigger(**trigger)
            .start()
        )

    def check(self) -> None:
        """Raises what ended the sweeps, and StreamFailed for what ended the query."""
        if self.beats and self.beats.failure:
            raise self.beats.failure
        if error := self.query and self.query.exception():
            raise StreamFailed(self.plan.name, str(error))

    def wake(self) -> None:
        """Journal one of the files that became owed by themselves: a batch then takes all of them."""
        with cursor(self.dsn) as asking:
            self.journal.append(Arrival.from_row(row) for row in ledger.due(asking, self.plan.name))

    def owed(self) -> Owed:
        """What the feed still owes."""
        with cursor(self.dsn) as asking:
            return ledger.owed(asking, self.plan.name)

    def figures(self) -> dict[str, Any]:
        """For health and metrics: whether the query runs, what is owed, the age of the last trigger in seconds."""
        owed, progress = self.owed(), self.query.lastProgress if self.query else None
        return {
            "up": bool(self.query and self.query.isActive),
            "owed_files": owed.files,
            "owed_bytes": owed.bytes,
            "trigger_age_seconds": _age(progress),
        }

    def finish(self, deadline: float) -> None:
        """Let the batch under way finish, until `deadline` of the monotonic clock; then stop the query and the sweeps.

        A batch that does not end in time is abandoned: its claims are fenced off and owed again."""
        if self.query is not None and self.query.isActive:
            _wait_for_batch(self.query, deadline)
            self._stop()
        for thread in self.threads:
            thread.join(max(deadline - time.monotonic(), 0))

    def _fingerprint(self, session: Any) -> fingerprint.Fingerprint:
        plan, spark_major = self.plan, session.version.split(".")[0]
        return fingerprint.Fingerprint(plan.name, plan.source.prefix, plan.discovery, spark_major)

    def _stop(self) -> None:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            self.query.stop()
        except (Py4JError, PySparkException) as late:
            reason = str(late).split("\n")[0]
            log.warning("Abandoned a batch that did not end in time", feed=self.plan.name, reason=reason)


@contextmanager
def cursor(dsn: str) -> Iterator[Any]:
    """A transaction on a connection of its own."""
    with closing(database.connect(dsn, "tradewind job")) as connection, database.transaction(connection) as made:
        yield made


def _made_known(plan: FeedPlan, dsn: str) -> int:
    with cursor(dsn) as writing:
        dataset_id = ledger.ensure_feed(
            writing, feed=plan.name, dataset=plan.dataset, source=plan.source.prefix + (plan.source.glob or ""),
            profile=plan.profile.name, profile_version=plan.profile.version, partition=plan.rules.grain,
        )  # fmt: skip
        drop_leftovers(writing)
    return dataset_id


def _wait_for_batch(query: Any, deadline: float) -> None:
    while query.status["isTriggerActive"] and query.status["isDataAvailable"] and time.monotonic() < deadline:
        time.sleep(0.05)


def _age(progress: Any) -> float:
    if not progress:
        return 0.0
    return (datetime.now(UTC) - datetime.fromisoformat(progress["timestamp"].replace("Z", "+00:00"))).total_seconds()
