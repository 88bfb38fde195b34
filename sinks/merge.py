"""The merge: staged rows, rejects, books, ledger and notification of one batch, in ONE transaction.

READ COMMITTED throughout: REPEATABLE READ would classify against a state from before the locks were held.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import psycopg2
from psycopg2 import sql

from sinks import partitions
from sinks.books import Books, columns
from sinks.errors import BooksUnbalanced, Contention
from sinks.queries import query
from sinks.staging import Staging

MERGE_LOCKS = 7444  # class of the advisory locks on a dataset (shared, or alone) and, by its own class, on a month
MONTH_LOCKS = 7443
KEY = ("trade_id", "symbol", "venue", "trade_date")
_STATE = (
    "event_us",
    "event_nanos",
    "trade_date",
    "side",
    "price",
    "quantity",
    "currency",
    "account",
    "attributes",
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the profile and the feed declare of identity and overwriting."""

    identity: Literal["id", "content"] = "id"
    unique: Literal["dataset", "day"] = "dataset"
    scope: Literal["across", "file"] = "across"
    on_overwrite: Literal["merge", "replace"] = "merge"
    grain: partitions.Grain = "month"


@dataclass(slots=True)
class Work:
    """One batch ready to be merged: the staging of its files and what the tasks reported of them."""

    feed: str
    dataset_id: int
    run_id: int
    batch_id: int
    profile_version: str
    rules: Rules
    staging: Staging
    books: dict[int, Books]
    parts: set[int]
    staged_at: datetime | None = None
    rows: sql.Composable = field(default_factory=lambda: sql.SQL(""))
    withdrawn: list[tuple[int, date, date]] = field(default_factory=list)  # (file_id, first, last date) in this merge

    @property
    def mergeable(self) -> list[Books]:
        return [b for b in self.books.values() if b.failure is None]

    @property
    def file_ids(self) -> list[int]:
        return [b.file_id for b in self.mergeable]


def merge(cursor: Any, work: Work) -> None:
    """Merge a batch within the caller's transaction; work.books then hold the outcomes.

    Files whose claim was lost are dropped from the work. Raises nothing of its own: database errors are the caller's
    to translate and to retry whole.
    """
    for books in work.books.values():
        books.outcomes.clear()
    cursor.execute(
        "SET LOCAL lock_timeout = '60s'; SET LOCAL work_mem = '256MB'; SET LOCAL maintenance_work_mem = '1GB'"
    )
    _fence(cursor, work)
    if work.file_ids:
        _merge_rows(cursor, work)
        _keep_rejects(cursor, work, work.mergeable)
        _book(cursor, work)
        _register_again(cursor, work)
    _set_aside(cursor, work)
    _finish(cursor, work)


def _fence(cursor: Any, work: Work) -> None:
    """Only files that this run still holds are merged: a claim lost is never merged."""
    ids = sorted(work.books)
    fences = [work.books[i].fence for i in ids]
    cursor.execute(query("merge", "fence"), {"file_ids": ids, "fences": fences, "run_id": work.run_id})
    held = {file_id for (file_id,) in cursor.fetchall()}
    if lost := set(ids) - held:
        work.books = {i: b for i, b in work.books.items() if i not in lost}


def _merge_rows(cursor: Any, work: Work) -> None:
    days, amends = _survey(cursor, work)
    _identify(cursor, work)
    amended = _lock(cursor, work, days, amends)
    overwritten = _overwritten(cursor, work)
    parts = partitions.covering(work.dataset_id, days, work.rules.grain)
    missing = partitions.missing(cursor, parts)
    if amended or overwritten or len(missing) < len(parts) or not _insert_fresh(cursor, work, parts):
        _merge_general(cursor, work, missing, days)
        if amended:
            _amend(cursor, work)
        if overwritten:
            _withdraw(cursor, work, overwritten)
    _execute(cursor, work, "clear_rejects")


def _survey(cursor: Any, work: Work) -> tuple[list[date], bool]:
    """The dates of the staged trades and corrections, and whether there are amendments; foreign rows are dropped."""
    values = {"parts": list(work.parts), "file_ids": work.file_ids}
    cursor.execute(query("merge", "survey", staging=work.staging.trades), values)
    found = cursor.fetchall()
    if any(foreign for *_, foreign in found):
        cursor.execute(query("merge", "drop_foreign_rows", staging=work.staging.trades), values)
        return _survey(cursor, work)
    return [day for day, placed, *_ in found if placed and day], any(amends for _, _, amends, _ in found)


def _identify(cursor: Any, work: Work) -> None:
    """Where content is the identity, number the occurrences; else the staged rows are the incoming ones."""
    work.rows = work.staging.trades
    if work.rules.identity == "content":
        scope = sql.SQL("f.uri," if work.rules.scope == "file" else "")
        cursor.execute("DROP TABLE IF EXISTS pg_temp.incoming")
        cursor.execute(query("merge", "content_identity", staging=work.staging.trades, scope=scope))
        work.rows = sql.Identifier("pg_temp", "incoming")


def _lock(cursor: Any, work: Work, days: Sequence[date], amends: bool) -> bool:
    """Plain merges share the dataset and hold their months; what may move or withdraw rows holds the dataset.

    Whether there are amendments is asked again under the lock and returned: a correction may have begun to wait
    for a trade of this batch in between.
    """
    replaces = work.rules.on_overwrite == "replace" and _asks(cursor, work, "has_other_versions")
    alone = replaces or amends or _asks(cursor, work, "has_pending")
    _lock_dataset(cursor, work, alone=alone)
    amended = amends or _asks(cursor, work, "has_pending")
    if amended and not alone:
        _lock_dataset(cursor, work, alone=True)
    for month in sorted({day.year * 12 + day.month for day in days}):
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", (MONTH_LOCKS, work.dataset_id * 100_000 + month))
    return amended


def _lock_dataset(cursor: Any, work: Work, *, alone: bool) -> None:
    kind = sql.SQL("pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared")
    cursor.execute(sql.SQL("SELECT {}(%s, %s)").format(kind), (MERGE_LOCKS, work.dataset_id))


def _insert_fresh(cursor: Any, work: Work, parts: list[partitions.Partition]) -> bool:
    """Months without a row are built beside the table and attached; a repeated key sends us the general way."""
    cursor.execute("SAVEPOINT fresh")
    written = 0
    try:
        for part in parts:
            table = partitions.create(cursor, part)
            values = {"dataset_id": work.dataset_id, "low": part.low, "high": part.high}
            cursor.execute(query("merge", "insert_fresh", target=table, rows=work.rows), values)
            written += cursor.rowcount
            partitions.attach(cursor, part)
    except psycopg2.errors.UniqueViolation:
        cursor.execute("ROLLBACK TO SAVEPOINT fresh")
        return False
    _count_fresh(work, written)
    return True


def _count_fresh(work: Work, written: int) -> None:
    """All that was staged and not dropped as outdated was written: the tasks' counts are those of the table."""
    staged = {b.file_id: b.trades - b.outcomes.get("stale", 0) for b in work.mergeable}
    if written != sum(staged.values()):
        raise BooksUnbalanced(f"{written} trades were written of {sum(staged.values())} that had been staged")
    _count(work, "inserted", list(staged.items()))


def _merge_general(cursor: Any, work: Work, missing: list[partitions.Partition], days: Sequence[date]) -> None:
    """Classify against the table, then one UPDATE, one INSERT, revisions."""
    for part in missing:
        partitions.create(cursor, part)
        partitions.attach(cursor, part)
    cursor.execute(sql.SQL("ANALYZE {}").format(work.rows))
    _classify(cursor, work, work.rows, 0, by_day=True, days=days)
    if _asks(cursor, work, "moved_before"):
        _execute(cursor, work, "matched_elsewhere")
        _execute(cursor, work, "overtaken")
    _execute(cursor, work, "insert_new")
    _count(work, "inserted", cursor.fetchall())
    _apply(cursor, work, work.rows, "updated")
    _execute(cursor, work, "outcomes")
    for file_id, outcome, rows in cursor.fetchall():
        work.books[file_id].count(outcome, rows)


def _classify(
    cursor: Any, work: Work, rows: sql.Composable, action: int, *, by_day: bool, days: Sequence[date] = ()
) -> None:
    """Fill `losers` and `matched`; by_day looks a trade up under its own date, else over all dates."""
    key = sql.SQL(", ").join(map(sql.Identifier, KEY if by_day else KEY[:3]))
    state = sql.SQL(", ").join(sql.Identifier("i", c) for c in _STATE)
    same_day: sql.Composable = sql.SQL("AND t.trade_date = i.trade_date" if by_day else "")
    if by_day and days:  # constants let the planner leave out the other months
        low, high = sql.Literal(min(days)), sql.Literal(max(days))
        same_day += sql.SQL(" AND t.trade_date BETWEEN {} AND {}").format(low, high)
    values = {"action": action, "dataset_id": work.dataset_id}
    cursor.execute(query("merge", "forget"))
    cursor.execute(query("merge", "repeated", rows=rows, key=key), values)
    cursor.execute(query("merge", "losers", rows=rows, key=key, state=state), values)
    cursor.execute(query("merge", "matched", rows=rows, same_day=same_day), values)
    cursor.execute("ANALYZE matched")


def _apply(cursor: Any, work: Work, rows: sql.Composable, reason: str) -> None:
    """Write what is newer over what is in the table, the old state kept as a revision."""
    touched = sql.SQL("NOT (m.same AND m.reread)" if work.rules.identity == "id" else "NOT m.same")
    cursor.execute(query("merge", "changes", touched=touched))
    changes = cursor.fetchall()
    for name, changed, written, _ in changes:
        at = {
            "table": sql.Identifier("tradewind", name),
            "partition": sql.Literal(f'tradewind."{name}"'),
        }
        if changed:
            _all_found(cursor, changed, query("merge", "keep_revisions", **at), {"reason": reason})
        if written:
            _all_found(cursor, written, query("merge", "update_in_place", rows=rows, touched=touched, **at), {})
    if any(moved for *_, moved in changes):
        cursor.execute(query("merge", "move", rows=rows), {"dataset_id": work.dataset_id})


def _all_found(cursor: Any, expected: int, statement: sql.Composable, values: dict[str, Any]) -> None:
    """Somebody else's UPDATE may have moved a trade since it was matched: then all of the merge is done again."""
    cursor.execute(statement, values)
    if cursor.rowcount != expected:
        raise Contention(f"{cursor.rowcount} trades stood where {expected} had been found")


def _amend(cursor: Any, work: Work) -> None:
    """Corrections, then cancellations: under one id over all dates, or on the day where ids are unique per day."""
    rows, by_day = sql.Identifier("pg_temp", "amendments"), work.rules.unique == "day"
    cursor.execute("DROP TABLE IF EXISTS pg_temp.amendments, pg_temp.cancel_matches")
    _execute(cursor, work, "amendments")
    _execute(cursor, work, "clear_pending")
    _classify(cursor, work, rows, 1, by_day=by_day)
    _correct_partitions(cursor, work, rows)
    _apply(cursor, work, rows, "corrected")
    cursor.execute(query("merge", "correction_outcomes"))
    outcomes = cursor.fetchall()
    same_day = sql.SQL("AND t.trade_date = a.trade_date" if by_day else "")
    cursor.execute(query("merge", "cancel_matches", same_day=same_day), {"dataset_id": work.dataset_id})
    _execute(cursor, work, "keep_cancelled")
    _execute(cursor, work, "cancel")
    cursor.execute(query("merge", "cancel_outcomes"))
    _book_amendments(cursor, work, outcomes + cursor.fetchall())


def _correct_partitions(cursor: Any, work: Work, rows: sql.Composable) -> None:
    """A correction that waited may move its trade to a month that has no partition yet."""
    cursor.execute(query("merge", "days", rows=rows))
    parts = partitions.covering(work.dataset_id, [d for (d,) in cursor.fetchall()], work.rules.grain)
    for part in partitions.missing(cursor, parts):
        partitions.create(cursor, part)
        partitions.attach(cursor, part)


def _book_amendments(cursor: Any, work: Work, outcomes: list[tuple[str, int, bool, str]]) -> None:
    """Each amendment's outcome into its file's books; those that hit nothing (yet) are kept as pending."""
    kept = [i for i, _, waited, outcome in outcomes if outcome == "pending" and not waited]
    settled = [i for i, _, waited, outcome in outcomes if outcome != "pending" and waited]
    cursor.execute(query("merge", "keep_pending"), {"ids": kept, "dataset_id": work.dataset_id})
    cursor.execute(query("merge", "settle_pending"), {"ids": settled})
    for _, file_id, waited, outcome in outcomes:
        if not waited:
            work.books[file_id].count(outcome, 1)
        elif outcome != "pending":
            values = {"file_id": file_id, "outcome": outcome, "n": 1}
            cursor.execute(query("merge", "rebook_pending"), values)


def _overwritten(cursor: Any, work: Work) -> tuple[date, date] | None:
    """With on_overwrite = "replace": the dates that older versions of these uris had brought.

    Of the batch's own versions, the rows of those that are replaced already are dropped.
    """
    if work.rules.on_overwrite != "replace":
        return None
    _execute(cursor, work, "drop_outdated")
    _count(work, "stale", cursor.fetchall())
    cursor.execute(query("merge", "overwritten_dates"), {"file_ids": work.file_ids})
    low, high = cursor.fetchone()
    return (low, high) if low else None


def _withdraw(cursor: Any, work: Work, dates: tuple[date, date]) -> None:
    values = {"file_ids": work.file_ids, "dataset_id": work.dataset_id, "low": dates[0], "high": dates[1]}
    cursor.execute(query("merge", "withdraw", rows=work.rows), values)
    for file_id, rows, low, high in cursor.fetchall():
        work.books[file_id].withdrawn = rows
        work.withdrawn.append((file_id, low, high))


def _register_again(cursor: Any, work: Work) -> None:
    """After the booking, so that files of this very batch are read again as well."""
    if work.rules.identity == "content" and work.rules.scope == "file":
        return
    for file_id, low, high in work.withdrawn:
        values = {"file_id": file_id, "dataset_id": work.dataset_id, "low": low, "high": high}
        values["by_id"] = work.rules.identity == "id"
        cursor.execute(query("merge", "register_again"), values)


def _keep_rejects(cursor: Any, work: Work, books: Sequence[Books]) -> None:
    if any(b.rejected for b in books):
        entries = columns(books)
        values = {
            "parts": list(work.parts),
            "file_ids": entries["file_ids"],
            "split_lines": entries["split_lines"],
        }
        cursor.execute(query("merge", "keep_rejects", staged=work.staging.rejects), values)


def _book(cursor: Any, work: Work) -> None:
    values = {"batch_id": work.batch_id, "profile_version": work.profile_version, "feed": work.feed}
    cursor.execute(query("merge", "book"), {**columns(work.mergeable), **values})
    cursor.execute(query("merge", "supersede"), {"file_ids": work.file_ids, **values})


def _set_aside(cursor: Any, work: Work) -> None:
    """Files that are not merged: quarantined with their rejects, or vanished."""
    failed = [b for b in work.books.values() if b.failure is not None]
    if not failed:
        return
    ids = [b.file_id for b in failed]
    states, reasons = zip(*(b.failure for b in failed if b.failure), strict=True)
    values = {
        "batch_id": work.batch_id, "profile_version": work.profile_version, "run_id": work.run_id, "file_ids": ids,
        "fences": [b.fence for b in failed], "states": list(states), "reasons": list(reasons),
        "due": [None] * len(ids), "lines": [b.lines for b in failed], "records": [b.records for b in failed],
        "rejected": [b.rejected for b in failed],
    }  # fmt: skip
    cursor.execute(query("ledger", "set_state"), values)
    cursor.execute(query("ledger", "vanish_to_superseded"), {"file_ids": ids})
    cursor.execute(query("merge", "clear_rejects"), {"file_ids": ids})
    _keep_rejects(cursor, work, failed)


def _finish(cursor: Any, work: Work) -> None:
    totals = {
        name: sum(b.outcomes.get(name, 0) for b in work.mergeable) for name in ("inserted", "updated", "unchanged")
    }
    values = {
        **totals, "batch_id": work.batch_id, "records": sum(b.records for b in work.mergeable),
        "rejected": sum(b.rejected for b in work.mergeable), "staged_at": work.staged_at,
        "quarantined": sum(1 for b in work.books.values() if b.state == "quarantined"),
    }  # fmt: skip
    cursor.execute(query("merge", "end_batch"), values)
    payload = {"feed": work.feed, "batch_id": work.batch_id, "files": len(work.mergeable), **totals}
    cursor.execute(query("merge", "notify"), {"payload": json.dumps(payload)})


def _count(work: Work, outcome: str, counts: list[tuple[int, int]]) -> None:
    for file_id, rows in counts:
        work.books[file_id].count(outcome, rows)


def _asks(cursor: Any, work: Work, block: str) -> bool:
    _execute(cursor, work, block)
    return bool(cursor.fetchone()[0])


def _execute(cursor: Any, work: Work, block: str) -> None:
    values = {"dataset_id": work.dataset_id, "file_ids": work.file_ids}
    cursor.execute(query("merge", block, rows=work.rows), values)
