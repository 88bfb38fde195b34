"""Corrections and cancellations: each meets its trade, or waits for it."""

from __future__ import annotations

from typing import Any

from psycopg2 import sql

from sinks import partitions
from sinks.matching import apply, classify, find_repeated
from sinks.queries import query
from sinks.work import Work, dataset, execute


def amend(cursor: Any, work: Work) -> None:
    """Corrections, then cancellations: under one id over all dates, or on the day where ids are unique per day."""
    rows, by_day = sql.Identifier("pg_temp", "amendments"), work.rules.unique == "day"
    cursor.execute("DROP TABLE IF EXISTS pg_temp.amendments, pg_temp.cancel_matches")
    execute(cursor, work, "amendments")
    execute(cursor, work, "clear_pending")
    find_repeated(cursor, rows, 1, by_day=by_day)
    classify(cursor, rows, 1, dataset(work), by_day=by_day)
    _correct_partitions(cursor, work, rows)
    apply(cursor, work, rows, "corrected")
    cursor.execute(query("merge", "correction_outcomes"))
    outcomes = cursor.fetchall()
    same_day = sql.SQL("AND t.trade_date = a.trade_date" if by_day else "")
    cursor.execute(query("merge", "cancel_matches", same_day=same_day, existing=dataset(work)))
    execute(cursor, work, "keep_cancelled")
    execute(cursor, work, "cancel")
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
