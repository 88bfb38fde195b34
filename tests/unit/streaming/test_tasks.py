"""Reports come back from tasks as rows, whole."""

import json
from dataclasses import asdict
from datetime import date
from typing import Any

import pyarrow as pa

from sinks.books import Books, SplitReport
from streaming import tasks


def report(split: int, **ignored: int) -> SplitReport:
    counts: dict[str, Any] = {
        "lines": 9,
        "framing_lines": 1,
        "record_lines": 8,
        "records": 8,
        "trades": 5,
        "rejected": 1,
    }
    return SplitReport(
        7, 1, split, **counts, ignored=sum(ignored.values()), amendments=0, min_date=date(2025, 1, 2), max_date=None,
        ignored_by=json.dumps(ignored),
    )  # fmt: skip


def test_a_report_is_the_same_after_its_way_as_a_row() -> None:
    sent = report(0, quote=2)
    batch = pa.RecordBatch.from_pylist([asdict(sent)], schema=tasks._SCHEMA)
    assert SplitReport(**batch.to_pylist()[0]) == sent
    assert [part.split()[0] for part in tasks.REPORT_DDL.split(", ")] == batch.schema.names


def test_the_reasons_of_all_splits_are_summed_in_the_books() -> None:
    books = Books(1, 1)
    for one in (report(0, quote=2), report(1, quote=1, order=1), report(2)):
        books.add(one)
    assert (books.ignored, books.ignored_by) == (4, {"quote": 3, "order": 1})
