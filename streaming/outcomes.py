"""What becomes of each file of a merge: its books, when it is tried again, and what the log says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from sinks.books import Books, SplitReport
from sinks.ledger import Claim
from streaming.feeds import FeedPlan
from triggers.arrival import iso_utc

log = structlog.get_logger()

LONGEST_WAIT = 300.0  # seconds until a file whose store did not answer is tried again


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


def next_try(claim: Claim) -> datetime:
    """Soon after the first try, and ever later: the disk or the store may come back, or may not."""
    return datetime.now(UTC) + timedelta(seconds=min(2.0**claim.attempts, LONGEST_WAIT))


def tell(feed: str, books: Mapping[int, Books], claims: Sequence[Claim]) -> None:
    """Log what a merge came to: each file set aside, each with rejects, and the whole."""
    for claim in claims:
        _tell_of(feed, claim.uri, books[claim.file_id])
    records = sum(entry.records for entry in books.values())
    log.info("Merged a batch", feed=feed, files=len(claims), records=records)


def _tell_of(feed: str, uri: str, entry: Books) -> None:
    if entry.state == "ignored":
        return
    if entry.failure:
        log.warning("Set a file aside", feed=feed, file=uri, state=entry.state, reason=entry.reason)
    elif entry.rejected:
        words = "Rejected lines; `tradewind files show` lists them"
        log.warning(words, feed=feed, file=uri, rejected=entry.rejected, first=entry.first_reject)
