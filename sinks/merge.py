"""The merge: staged rows, rejects, books, ledger and notification of one batch, in ONE transaction.

READ COMMITTED throughout: REPEATABLE READ would classify against a state from before the locks were held.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import psycopg2
from psycopg2 import sql

from sinks import partitions
from sinks.amendments import amend
from sinks.books import Books, columns
from sinks.errors import BooksUnbalanced
from sinks.matching import apply, classify, existing, find_repeated, match_moved
from sinks.queries import query
from sinks.repeats import set_aside
from sinks.replacement import overwritten, register_again, withdraw
from sinks.work import Work, asks, count, execute

MERGE_LOCKS = 7444  # class of the advisory locks on a dataset (shared, or alone) and, by its own class, on a month
MONTH_LOCKS = 7443
_LOCAL = "SET LOCAL lock_timeout = '60s'; SET LOCAL work_mem = '256MB'; SET LOCAL maintenance_work_mem = '1GB'"


def merge(cursor: Any, work: Work) -> None:
    """Merge a batch within the caller's transaction; work.books then hold the outcomes.

    Files whose claim was lost are dropped from the work. Raises nothing of its own: database errors are the caller's
    to translate and to retry whole.
    """
    for books in work.books.values():
        books.outcomes.clear()
    cursor.execute(_LOCAL)
    _fence(cursor, work)
    _redate(cursor, work)
    if work.file_ids:
        _merge_rows(cursor, work)
        _keep_rejects(cursor, work, work.mergeable)
        _book(cursor, work)
        register_again(cursor, work)
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


def _redate(cursor: Any, work: Work) -> None:
    """The store's own times, where an event's stood in for them until the files were read."""
    times = {i: b.modified_at for i, b in work.books.items() if b.modified_at}
    if times:
        cursor.execute(query("merge", "redate"), {"file_ids": list(times), "times": list(times.values())})


def _merge_rows(cursor: Any, work: Work) -> None:
    """Merge what is mergeable; where a file turns out not to be, the others from the start, as if it had not come."""
    cursor.execute("SAVEPOINT unmerged")
    while work.file_ids and not _merged(cursor, work):
        cursor.execute("ROLLBACK TO SAVEPOINT unmerged")
        for books in work.books.values():
            books.outcomes.clear()


def _merged(cursor: Any, work: Work) -> bool:
    """Merge the staged rows; False, with nothing written, where files had to be set aside."""
    days, amends = _survey(cursor, work)
    _identify(cursor, work)
    amended = _lock(cursor, work, days, amends)
    replaced = overwritten(cursor, work)
    parts = partitions.covering(work.dataset_id, days, work.rules.grain)
    missing = partitions.missing(cursor, parts)
    if amended or replaced or len(missing) < len(parts) or not _insert_fresh(cursor, work, parts):
        cursor.execute(sql.SQL("ANALYZE {}").format(work.rows))
        find_repeated(cursor, work.rows, 0)
        if set_aside(cursor, work):
            return False
        _merge_general(cursor, work, parts, missing)
        if amended:
            amend(cursor, work)
        if replaced:
            withdraw(cursor, work, replaced)
    execute(cursor, work, "clear_rejects")
    return True


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
    replaces = work.rules.on_overwrite == "replace" and asks(cursor, work, "has_other_versions")
    alone = replaces or amends or asks(cursor, work, "has_pending")
    _lock_dataset(cursor, work, alone=alone)
    amended = amends or asks(cursor, work, "has_pending")
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
    _count_inserted(work, written)
    return True


def _count_inserted(work: Work, written: int) -> None:
    """What was staged and has no other outcome was written: the table's count must be that of the tasks."""
    left = {b.file_id: b.trades - b.amendments - sum(b.outcomes.values()) for b in work.mergeable}
    if written != sum(left.values()):
        raise BooksUnbalanced(f"{written} trades were written where {sum(left.values())} had been staged")
    count(work, "inserted", list(left.items()))


def _merge_general(
    cursor: Any, work: Work, parts: list[partitions.Partition], missing: list[partitions.Partition]
) -> None:
    """Classify against the table (`repeated` is filled), then one UPDATE, one INSERT, revisions."""
    partitions.ensure_dataset(cursor, work.dataset_id)
    for part in missing:
        partitions.create(cursor, part)
        partitions.attach(cursor, part)
    classify(cursor, work.rows, 0, existing(work, parts))
    if asks(cursor, work, "moved_before"):
        match_moved(cursor, work)
    execute(cursor, work, "outcomes")
    for file_id, outcome, rows in cursor.fetchall():
        work.books[file_id].count(outcome, rows)
    # Rows of one month need not be led to it one by one.
    target = parts[0].table if len(parts) == 1 else sql.Identifier("tradewind", "trades")
    values = {"dataset_id": work.dataset_id}
    cursor.execute(query("merge", "insert_new", target=target, rows=work.rows), values)
    _count_inserted(work, cursor.rowcount)
    apply(cursor, work, work.rows, "updated")


def _keep_rejects(cursor: Any, work: Work, books: Sequence[Books]) -> None:
    if any(b.rejected for b in books):
        entries = columns(books)
        values = {
            "parts": list(work.parts),
            "file_ids": entries["file_ids"],
            "split_lines": entries["split_lines"],
        }
        cursor.execute(query("merge", "keep_rejects", staged=work.staging.rejects), values)
        cursor.execute(query("merge", "first_rejects"), values)
        for file_id, first in cursor.fetchall():
            work.books[file_id].first_reject = first


def _book(cursor: Any, work: Work) -> None:
    values = {"batch_id": work.batch_id, "profile_version": work.profile_version, "feed": work.feed}
    cursor.execute(query("merge", "book"), {**columns(work.mergeable), **values})
    cursor.execute(query("merge", "supersede"), {"file_ids": work.file_ids, **values})


def _set_aside(cursor: Any, work: Work) -> None:
    """Files that are not merged: quarantined with their rejects, vanished, or waiting for their store."""
    failed = [b for b in work.books.values() if b.failure is not None]
    if not failed:
        return
    ids = [b.file_id for b in failed]
    cursor.execute(query("merge", "clear_rejects"), {"file_ids": ids})
    _keep_rejects(cursor, work, failed)
    values = {
        "batch_id": work.batch_id, "profile_version": work.profile_version, "run_id": work.run_id, "file_ids": ids,
        "fences": [b.fence for b in failed], "states": [b.state for b in failed], "reasons": [b.reason for b in failed],
        "due": [b.due_at for b in failed], "lines": [b.lines for b in failed], "records": [b.records for b in failed],
        "rejected": [b.rejected for b in failed],
    }  # fmt: skip
    cursor.execute(query("ledger", "set_state"), values)
    cursor.execute(query("ledger", "vanish_to_superseded"), {"file_ids": ids})


def _finish(cursor: Any, work: Work) -> None:
    totals = {
        name: sum(b.outcomes.get(name, 0) for b in work.mergeable) for name in ("inserted", "updated", "unchanged")
    }
    values = {
        **totals, "batch_id": work.batch_id, "files": len(work.books),
        "records": sum(b.records for b in work.mergeable),
        "rejected": sum(b.rejected for b in work.mergeable), "staged_at": work.staged_at,
        "quarantined": sum(1 for b in work.books.values() if b.state == "quarantined"),
    }  # fmt: skip
    cursor.execute(query("merge", "end_batch"), values)
    payload = {"feed": work.feed, "batch_id": work.batch_id, "files": len(work.mergeable), **totals}
    cursor.execute(query("merge", "notify"), {"payload": json.dumps(payload)})
