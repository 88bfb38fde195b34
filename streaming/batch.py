"""One micro-batch: register what was seen, then work off everything that is owed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import stamina

from sinks import database, ledger, runs
from sinks.errors import ConnectionLost, DatabaseDown
from sinks.ledger import Claim
from sinks.queries import query
from sinks.runs import RunId
from streaming import archives, outcomes
from streaming.feeds import FeedPlan
from streaming.loading import Loading
from streaming.registering import look_again, register
from streaming.sightings import Sighting
from triggers import completeness
from triggers.errors import TriggerError, TryAgain
from triggers.stores import Listed, Stores


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
            while not self._resting(connection) and self._work_off(connection, session):
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
            self._load(connection, session, whole)
        return len(claims)

    def _resting(self, connection: Any) -> bool:
        """Whether nothing more is taken up: the run was asked to stop, or the feed is paused."""
        with database.transaction(connection) as cursor:
            cursor.execute(query("ledger", "resting"), {"run_id": self.run_id, "feed": self.plan.name})
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
                self._set(connection, claim, "waiting", str(away), outcomes.next_try(claim))
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

    def _load(self, connection: Any, session: Any, whole: dict[Claim, bool]) -> None:
        loading = Loading(self.plan, self.dsn, self.run_id, self.dataset_id)
        books = loading.load(connection, session, list(whole), [claim for claim, read in whole.items() if read])
        outcomes.tell(self.plan.name, books, list(whole))
        vanished = [claim for claim in whole if books[claim.file_id].state == "vanished"]
        look_again(connection, self.plan, self.dataset_id, vanished)


def _is_gone(uri: str, stores: Stores) -> bool:
    return stores.of(uri).stat(uri) is None
