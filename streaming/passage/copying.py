"""The Arrow pass of one task: exact versions read, normalised and copied; only counts come back.

No Spark in here: the same function runs in tasks and, for a few small files, on the driver.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
from psycopg2 import sql

from sinks.books import SplitReport
from sinks.staging import REJECT_COLUMNS, TRADE_COLUMNS, Staging, copy
from streaming.errors import FileBroken
from streaming.kernels import Column
from streaming.passage.gathering import Gathered, Read, gather
from streaming.passage.parsing import SplitCounts, read_split
from streaming.passage.rendering import copy_text
from streaming.profiles.profile import Profile
from streaming.reading.splits import Split
from triggers.arrival import iso_utc
from triggers.errors import SetAside, TryAgain, VersionChanged, VersionVanished
from triggers.stores import Stores

_FLUSH = 8 * 1024 * 1024  # COPY text gathered over small files before it is sent


def new_part() -> int:
    """A number for one try of one task; a zombie's rows carry another."""
    return secrets.randbits(62)


def stage(
    cursor: Any, splits: Sequence[Split], profile: Profile, stores: Stores, staging: Staging, part: int
) -> list[SplitReport]:
    """Read, normalise and COPY these splits within the cursor's transaction; one report a split.

    What fails in a file is that file's outcome, never the task's. Database errors are raised.
    """
    trades = _Copier(cursor, staging.trades, TRADE_COLUMNS)
    rejects = _Copier(cursor, staging.rejects, REJECT_COLUMNS)
    reports: list[SplitReport] = []
    for taken in gather(splits, profile, stores):
        if isinstance(taken, Gathered):
            reports += _stage_gathered(taken, part, trades)
        else:
            reports.append(_stage_alone(taken, profile, stores, part, trades, rejects))
    trades.flush()
    rejects.flush()
    _agree(trades, rejects)
    return reports


def _stage_gathered(gathered: Gathered, part: int, trades: _Copier) -> Iterator[SplitReport]:
    trades.add(gathered.trades, (str(part), gathered.files, "0"))
    for read, counts in gathered.counts:
        yield _report(part, read.split, counts, counts.records, read.modified_at)


def _stage_alone(
    read: Read, profile: Profile, stores: Stores, part: int, trades: _Copier, rejects: _Copier
) -> SplitReport:
    split = read.split
    constants = (str(part), str(split.file_id), str(split.index))
    store = read.store(stores)
    reader = read_split(split, profile, store)
    outcome: tuple[Any, str | None] = ("read", None)
    try:
        for page in reader:
            trades.add(page.trades, constants)
            rejects.add(page.rejects, constants)
    except (VersionVanished, VersionChanged) as gone:
        outcome = ("vanished", str(gone))
    except TryAgain as away:
        outcome = ("away", str(away))
    except (FileBroken, SetAside) as broken:
        outcome = ("broken", str(broken))
    return _report(part, split, reader.counts, reader.record_lines, store.modified_at, *outcome)


def _report(
    part: int,
    split: Split,
    counts: SplitCounts,
    record_lines: int,
    modified_at: datetime | None,
    outcome: Any = "read",
    reason: str | None = None,
) -> SplitReport:
    return SplitReport(
        part=part, file_id=split.file_id, split=split.index, lines=counts.lines, framing_lines=counts.framing_lines,
        record_lines=record_lines, records=counts.records, trades=counts.trades, rejected=counts.rejected,
        ignored=counts.ignored, amendments=counts.corrections + counts.cancels, min_date=counts.min_date,
        max_date=counts.max_date, outcome=outcome, reason=reason, ignored_by=json.dumps(counts.ignored_by),
        modified_at=iso_utc(modified_at) if modified_at else None,
    )  # fmt: skip


def _agree(trades: _Copier, rejects: _Copier) -> None:
    """PostgreSQL's count of copied rows against what was handed to it."""
    if (trades.copied, rejects.copied) != (trades.sent, rejects.sent):
        raise RuntimeError(
            f"COPY counted {trades.copied} trades and {rejects.copied} rejects of {trades.sent} and {rejects.sent}"
        )


@dataclass(slots=True)
class _Copier:
    """Gathers COPY text of many small files, so that none costs a round trip of its own."""

    cursor: Any
    table: sql.Identifier
    columns: tuple[str, ...]
    sent: int = 0
    copied: int = 0
    size: int = 0
    buffers: list[pa.Buffer] = field(default_factory=list)

    def add(self, batch: pa.RecordBatch, leading: Sequence[str | Column]) -> None:
        if batch.num_rows:
            text = copy_text(batch, leading)
            self.buffers.append(text)
            self.sent += batch.num_rows
            self.size += text.size
            if self.size >= _FLUSH:
                self.flush()

    def flush(self) -> None:
        if self.buffers:
            whole = self.buffers[0] if len(self.buffers) == 1 else pa.py_buffer(b"".join(self.buffers))
            self.copied += copy(self.cursor, self.table, self.columns, whole)
            self.buffers, self.size = [], 0
