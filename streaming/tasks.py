"""The Arrow pass in Spark's tasks: one partition a task, reports come back as rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, fields
from typing import Any

import pyarrow as pa

from sinks import errors
from sinks import staging as sink
from sinks.books import SplitReport
from sinks.staging import Staging
from streaming.feeds import FeedPlan
from streaming.passage import copying
from streaming.reading.splits import Split

_TEXT = ("outcome", "reason", "ignored_by", "modified_at")
_DATES = ("min_date", "max_date")
REPORT_DDL = ", ".join(
    f"{f.name} {'string' if f.name in _TEXT else 'date' if f.name in _DATES else 'bigint'}" for f in fields(SplitReport)
)
_SCHEMA = pa.schema(
    [
        (f.name, pa.string() if f.name in _TEXT else pa.date32() if f.name in _DATES else pa.int64())
        for f in fields(SplitReport)
    ]
)


def run(
    session: Any, work: Sequence[tuple[Split, ...]], plan: FeedPlan, dsn: str, staging: Staging
) -> list[SplitReport]:
    """Stage the splits of each element of `work` in a task of its own; raises what a task raised."""
    frame = session.range(0, len(work), 1, len(work)).mapInArrow(_task(tuple(work), plan, dsn, staging), REPORT_DDL)
    reports = [SplitReport(**row.asDict()) for row in frame.collect()]
    if failed := next((r for r in reports if r.outcome == "failed"), None):
        raise errors.of(failed.reason or "")
    return reports


def _task(
    work: tuple[tuple[Split, ...], ...], plan: FeedPlan, dsn: str, staging: Staging
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def staged(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_numpy():
                reports = _staged(work[number], plan, dsn, staging)
                yield pa.RecordBatch.from_pylist([asdict(r) for r in reports], schema=_SCHEMA)

    return staged


def _staged(splits: Sequence[Split], plan: FeedPlan, dsn: str, staging: Staging) -> list[SplitReport]:
    """What the database refuses is reported, not raised: Spark would only pass on its text and try in vain."""
    part = copying.new_part()
    try:
        with sink.writer(dsn, plan.max_writers) as cursor:
            return copying.stage(cursor, splits, plan.profile, plan.stores, staging, part)
    except errors.SinkError as refused:
        first = splits[0]
        return [SplitReport.failed(part, first.file_id, first.index, errors.told(refused))]
