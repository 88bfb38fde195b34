"""One micro-batch: register what was seen, then work off everything that is owed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import stamina
import structlog

from sinks import database, ledger, merge, runs
from sinks.books import Books, SplitReport
from sinks.errors import ClaimLost, ConnectionLost, Contention, DatabaseDown
from sinks.ledger import Claim
from sinks.queries import query
from sinks.runs import RunId
from sinks.staging import Staging
from sinks.work import Work
from streaming import archives, tasks
from streaming.feeds import FeedPlan
from streaming.passage import copying
from streaming.reading.splits import SourceFile, Split, cut
from streaming.registering import look_again, register
from streaming.sightings import Sighting
from triggers import completeness
from triggers.arrival import iso_utc
from triggers.errors import TriggerError, TryAgain
from triggers.stores import Listed, Stores

log = structlog.get_logger()

Splits = list[tuple[Split, ...]]  # one tuple for each task
LONGEST_WAIT = 300.0  # seconds until a file whose store did not answer is tried again


@dataclass(frozen=True)
class Batch:
    """What `foreachBatch` gets: settings only, so that it can be pickled and run anywhere."""

    plan: FeedPlan
    dsn: str
    run_id: RunId
    dataset_id: int

    def __call__(self, frame: Any, batch_id: int) -> None:  # noqa: ARG002 - Spark passes it
        """Spark's entry: the frame holds arrivals; batch_id identifies nothing and is only logged."""
        from streaming.arrivals import collect

        self.take(collect(frame, self.plan), frame.sparkSession)

    @stamina.retry(on=(ConnectionLost, DatabaseDown), attempts=None, timeout=600, wait_max=10)
    def take(self, sightings: Sequence[Sighting], session: Any) -> None:
        """Register the sightings, then drain; a server that is away is waited for, up to ten minutes.

        Done twice it changes nothing: what was registered is known, what was merged is not owed.
        """
        connection = database.connect(self.dsn, "tradewind batch")
        try:
            with database.transaction(connection) as cursor:  # what an earlier try of this batch had claimed
                runs.release(cursor, self.run_id, self.plan.name)
            register(connection, self.plan, self.dataset_id, sightings)
            while not self._stopping(connection) and self._work_off(connection, session):
                pass
        finally:
            connection.close()

    def _work_off(self, connection: Any, session: Any) -> int:
        """One merge of what is owed, oldest first; how many files were taken."""
        with database.transaction(connection) as cursor:
            claims = ledger.claim(
                cursor, self.plan.name, self.run_id, self.plan.limits.max_files, self.plan.limits.max_bytes
            )
        whole = dict(self._whole(connection, claims))
        if whole:
            self._load(connection, session, list(whole), self._splits(c for c, read in whole.items() if read))
        return len(claims)

    def _stopping(self, connection: Any) -> bool:
        with database.transaction(connection) as cursor:
            cursor.execute("SELECT stop_requested FROM tradewind.runs WHERE run_id = %s", (self.run_id,))
            return bool(cursor.fetchone()[0])

    def _whole(self, connection: Any, claims: Sequence[Claim]) -> Iterator[tuple[Claim, bool]]:
        """The files that are written to their end, and whether they are to be read: a member that its archive holds
        no more is not. The others wait, or are set aside."""
        policy, stores, now = self.plan.policy, self.plan.stores, datetime.now(UTC)
        for claim in claims:
            listed = Listed(claim.uri, claim.version, claim.size, claim.modified_at)
            try:
                verdict = completeness.judge(listed, now, claim.registered_at, policy, stores.of(claim.uri))
                # What is gone will not become whole: reading it says that it vanished.
                ready = verdict.complete or _is_gone(claim.uri, stores)
                read = ready and not archives.is_withdrawn(claim, stores)
            except TryAgain as away:
                self._set(connection, claim, "waiting", str(away), _next_try(claim))
                continue
            except TriggerError as error:
                self._set(connection, claim, "quarantined", str(error))
                continue
            if ready:
                yield claim, read
            elif verdict.broken:
                self._set(connection, claim, "quarantined", verdict.reason)
            else:
                self._set(connection, claim, "waiting", verdict.reason, verdict.due_at)

    def _set(self, connection: Any, claim: Claim, state: str, reason: str, due: datetime | None = None) -> None:
        with database.transaction(connection) as cursor:
            ledger.set_state(cursor, self.run_id, claim, state, reason, due, self.plan.profile.version)

    def _load(self, connection: Any, session: Any, claims: Sequence[Claim], splits: Splits) -> None:
        """Stage and merge these files: a few small ones in one transaction here, else by Spark's tasks."""
        with database.transaction(connection) as cursor:
            values = {
                "run_id": self.run_id,
                "feed": self.plan.name,
                "files": len(claims),
                "bytes": sum(c.size for c in claims),
            }
            cursor.execute(query("ledger", "start_batch"), values)
            batch_id = int(cursor.fetchone()[0])
        if self._is_small(claims):
            books = self._on_driver(connection, claims, splits, batch_id)
        else:
            books = self._in_tasks(connection, session, claims, splits, batch_id)
        self._told(books, claims)
        vanished = [c for c in claims if books[c.file_id].state == "vanished"]
        look_again(connection, self.plan, self.dataset_id, vanished)

    def _is_small(self, claims: Sequence[Claim]) -> bool:
        limits = self.plan.limits
        return len(claims) <= limits.driver_files and sum(c.size for c in claims) <= limits.driver_bytes

    def _splits(self, claims: Iterable[Claim]) -> Splits:
        files = [SourceFile(c.file_id, c.uri, c.version, c.size) for c in claims]
        return cut(
            files, self.plan.limits.split_bytes, by_range=self.plan.profile.may_be_cut and not self.plan.by_spark
        )

    @stamina.retry(on=Contention, attempts=10, timeout=600)
    def _on_driver(self, connection: Any, claims: Sequence[Claim], splits: Splits, batch_id: int) -> dict[int, Books]:
        staging, part = Staging("batch", temporary=True), copying.new_part()
        pieces = [split for task in splits for split in task]
        with database.transaction(connection) as cursor:
            staging.drop(cursor)
            staging.create(cursor)
            reports = copying.stage(cursor, pieces, self.plan.profile, self.plan.stores, staging, part)
            return self._merge(cursor, staging, reports, claims, batch_id)

    def _in_tasks(
        self, connection: Any, session: Any, claims: Sequence[Claim], splits: Splits, batch_id: int
    ) -> dict[int, Books]:
        staging = Staging(f"r_{self.run_id}_{batch_id}")
        with database.transaction(connection) as cursor:
            staging.create(cursor)
        try:
            reports = tasks.run(session, splits, self.plan, self.dsn, staging) if splits else []
            return self._merge_again(connection, staging, reports, claims, batch_id)
        finally:
            with database.transaction(connection) as cursor:
                staging.drop(cursor)

    @stamina.retry(on=Contention, attempts=10, timeout=600)
    def _merge_again(
        self,
        connection: Any,
        staging: Staging,
        reports: list[SplitReport],
        claims: Sequence[Claim],
        batch_id: int,
    ) -> dict[int, Books]:
        with database.transaction(connection) as cursor:
            return self._merge(cursor, staging, reports, claims, batch_id)

    def _merge(
        self,
        cursor: Any,
        staging: Staging,
        reports: list[SplitReport],
        claims: Sequence[Claim],
        batch_id: int,
    ) -> dict[int, Books]:
        books = keep_books(claims, reports, self.plan)
        zips = list(archives.opened(claims, books, self.plan.stores))
        for claim in claims:
            if books[claim.file_id].state == "waiting":
                books[claim.file_id].due_at = _next_try(claim)
        landing = {i: entry for i, entry in books.items() if entry.state != "ignored"}
        work = Work(
            feed=self.plan.name, dataset_id=self.dataset_id, run_id=self.run_id, batch_id=batch_id,
            profile_version=self.plan.profile.version, rules=self.plan.rules, staging=staging, books=landing,
            parts={r.part for r in reports}, staged_at=datetime.now(UTC),
        )  # fmt: skip
        merge.merge(cursor, work)
        if landing and not work.books:
            raise ClaimLost()
        for archive in zips:
            archives.expand(cursor, archive, self.plan, self.dataset_id, self.run_id)
        return books

    def _told(self, books: dict[int, Books], claims: Sequence[Claim]) -> None:
        for claim in claims:
            entry = books[claim.file_id]
            if entry.state == "ignored":
                continue
            if entry.failure:
                log.warning(
                    "Set a file aside",
                    feed=self.plan.name,
                    file=claim.uri,
                    state=entry.failure[0],
                    reason=entry.failure[1],
                )
            elif entry.rejected:
                log.warning(
                    "Rejected lines; `tradewind files show` lists them",
                    feed=self.plan.name,
                    file=claim.uri,
                    rejected=entry.rejected,
                )
        log.info(
            "Merged a batch",
            feed=self.plan.name,
            files=len(claims),
            records=sum(b.records for b in books.values()),
        )


def keep_books(claims: Sequence[Claim], reports: Sequence[SplitReport], plan: FeedPlan) -> dict[int, Books]:
    """The books of each claimed file from its splits' reports; files over their reject ceiling are set aside."""
    books = {c.file_id: Books(c.file_id, c.fence) for c in claims}
    for report in reports:
        books[report.file_id].add(report)
    told = {c.file_id: iso_utc(c.modified_at) for c in claims}
    for entry in books.values():
        entry.modified_at = None if entry.modified_at == told[entry.file_id] else entry.modified_at
        if entry.failure is None and plan.max_rejects.exceeded(entry.rejected, entry.records):
            reason = (
                f"{entry.rejected} of {entry.records} records rejected, more than max_rejects = {plan.max_rejects}; "
                "mend the profile or the file, then `tradewind files retry`"
            )
            entry.failure = ("quarantined", reason)
    return books


def _next_try(claim: Claim) -> datetime:
    """Soon after the first try, and ever later: the disk or the store may come back, or may not."""
    return datetime.now(UTC) + timedelta(seconds=min(2.0**claim.attempts, LONGEST_WAIT))


def _is_gone(uri: str, stores: Stores) -> bool:
    return stores.of(uri).stat(uri) is None
