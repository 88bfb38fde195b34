"""One merge: claimed files are staged, here or in Spark's tasks, and merged in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import stamina

from sinks import database, merge
from sinks.books import Books, SplitReport
from sinks.errors import ClaimLost, Contention
from sinks.ledger import Claim
from sinks.queries import query
from sinks.runs import RunId
from sinks.staging import Staging
from sinks.work import Work
from streaming import archives, outcomes, tasks
from streaming.feeds import FeedPlan
from streaming.passage import copying
from streaming.reading.splits import SourceFile, Split, cut

Splits = list[tuple[Split, ...]]  # one tuple for each task


@dataclass(frozen=True)
class Loading:
    """How the claimed files of one feed get into its dataset, by this run."""

    plan: FeedPlan
    dsn: str
    run_id: RunId
    dataset_id: int

    def load(
        self, connection: Any, session: Any, claims: Sequence[Claim], readable: Sequence[Claim]
    ) -> dict[int, Books]:
        """Stage and merge these files: a few small ones in one transaction here, else by Spark's tasks.

        Returns the books by file_id. Raises ClaimLost where another run has taken all of them, and the sinks' errors.
        """
        splits, batch_id = self._splits(readable), self._batch_id(connection, claims)
        if self._is_small(claims):
            return self._on_driver(connection, claims, splits, batch_id)
        return self._in_tasks(connection, session, claims, splits, batch_id)

    def _batch_id(self, connection: Any, claims: Sequence[Claim]) -> int:
        values = {
            "run_id": self.run_id,
            "feed": self.plan.name,
            "files": len(claims),
            "bytes": sum(c.size for c in claims),
        }
        with database.transaction(connection) as cursor:
            cursor.execute(query("ledger", "start_batch"), values)
            return int(cursor.fetchone()[0])

    def _is_small(self, claims: Sequence[Claim]) -> bool:
        limits = self.plan.limits
        return len(claims) <= limits.driver_files and sum(c.size for c in claims) <= limits.driver_bytes

    def _splits(self, claims: Sequence[Claim]) -> Splits:
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
        books = outcomes.keep_books(claims, reports, self.plan)
        zips = list(archives.opened(claims, books, self.plan.stores))
        for claim in claims:
            if books[claim.file_id].state == "waiting":
                books[claim.file_id].due_at = outcomes.next_try(claim)
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
