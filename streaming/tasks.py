"""The Arrow pass in Spark's tasks: one partition a task, reports come back as rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

import pyarrow as pa

from sinks import errors
from sinks import staging as sink
from sinks.books import SplitReport
from sinks.staging import Staging
from streaming import through_spark
from streaming.feeds import FeedPlan
from streaming.passage import copying
from streaming.reading.splits import Split
from triggers.errors import VersionVanished
from triggers.stores import Stores

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
    if plan.by_spark:
        reports = _through_spark(session, [split for splits in work for split in splits], plan, dsn, staging)
    else:
        tasks = session.range(0, len(work), 1, len(work))
        reports = _collected(tasks.mapInArrow(_task(tuple(work), plan, dsn, staging), REPORT_DDL))
    if failed := next((r for r in reports if r.outcome == "failed"), None):
        raise errors.of(failed.reason or "")
    return reports


def _collected(frame: Any) -> list[SplitReport]:
    return [SplitReport(**row.asDict()) for row in frame.collect()]


def _through_spark(
    session: Any, splits: Sequence[Split], plan: FeedPlan, dsn: str, staging: Staging
) -> list[SplitReport]:
    """The same where Spark brings the bytes: a task has the files of its rows, each a row with all its content."""
    by_file: dict[str, list[Split]] = defaultdict(list)
    for split in splits:
        by_file[plan.stores.archive_of(split.uri) or split.uri].append(split)
    frame = through_spark.contents(session, list(by_file))
    reports = []
    if frame is not None:
        task = _on_rows(dict(by_file), plan, dsn, staging)
        reports = _collected(frame.mapInArrow(task, REPORT_DDL))
    told = {(report.file_id, report.split) for report in reports}
    return reports + [_vanished(split) for split in splits if (split.file_id, split.index) not in told]


def _on_rows(
    by_file: dict[str, list[Split]], plan: FeedPlan, dsn: str, staging: Staging
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def staged(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            rows = [through_spark.row(found, plan.source.prefix) for found in batch.to_pylist()]
            splits = [split for row in rows for split in by_file.get(row.uri, [])]
            held = replace(plan, stores=Stores.held(rows))
            reports = _staged(splits, held, dsn, staging) if splits else []
            yield pa.RecordBatch.from_pylist([asdict(r) for r in reports], schema=_SCHEMA)

    return staged


def _vanished(split: Split) -> SplitReport:
    """Spark brought no such file: it went, or it has no bytes."""
    gone = str(VersionVanished(split.uri, split.version))
    return SplitReport(
        copying.new_part(),
        split.file_id,
        split.index,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        None,
        None,
        outcome="vanished",
        reason=gone,
    )


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
