"""The books of one file: what its lines became. The sums are held by CHECKs of the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Outcome = Literal["inserted", "updated", "unchanged", "duplicate", "stale", "pending"]
OUTCOMES: tuple[Outcome, ...] = ("inserted", "updated", "unchanged", "duplicate", "stale", "pending")

STATES = {"vanished": "vanished", "away": "waiting"}  # of a file after such a split; after any other: quarantined


@dataclass(frozen=True, slots=True)
class SplitReport:
    """What a task counted in one split and what COPY counted of it; `part` names the try it belongs to."""

    part: int
    file_id: int
    split: int
    lines: int
    framing_lines: int
    record_lines: int
    records: int
    trades: int
    rejected: int
    ignored: int
    amendments: int
    min_date: date | None
    max_date: date | None
    outcome: Literal["read", "vanished", "broken", "away", "failed"] = "read"  # failed: not the file, but the database
    reason: str | None = None
    ignored_by: str = "{}"  # of the ignored lines so many by reason: a JSON object, for it travels as a column of text
    modified_at: str | None = None  # the store's own time of what was read, ISO in UTC, where reading tells

    @classmethod
    def failed(cls, part: int, file_id: int, split: int, reason: str) -> SplitReport:
        """The report of a task that the database refused: nothing of it counts."""
        return cls(part, file_id, split, 0, 0, 0, 0, 0, 0, 0, 0, None, None, outcome="failed", reason=reason)


@dataclass(slots=True)
class Books:
    """All of one file: sums over its splits, and the outcomes that the merge counted."""

    file_id: int
    fence: int
    lines: int = 0
    framing_lines: int = 0
    record_lines: int = 0
    records: int = 0
    trades: int = 0
    rejected: int = 0
    ignored: int = 0
    ignored_by: dict[str, int] = field(default_factory=dict)  # of these so many by reason
    withdrawn: int = 0
    amendments: int = 0
    min_date: date | None = None
    max_date: date | None = None
    split_lines: dict[int, int] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    modified_at: str | None = None  # the store's own, where the ledger holds another
    failure: tuple[str, str] | None = None  # (state, reason) of a file that is not merged
    due_at: datetime | None = None  # when a waiting one is tried again
    first_reject: str | None = None  # the first rejected line, where, and why

    def add(self, report: SplitReport) -> None:
        """Enter one split. The first failure of a split is the file's."""
        for name in (
            "lines",
            "framing_lines",
            "record_lines",
            "records",
            "trades",
            "rejected",
            "ignored",
            "amendments",
        ):
            setattr(self, name, getattr(self, name) + getattr(report, name))
        for reason, rows in json.loads(report.ignored_by).items():
            self.ignored_by[reason] = self.ignored_by.get(reason, 0) + rows
        self.split_lines[report.split] = report.lines
        self.modified_at = report.modified_at or self.modified_at
        self.min_date = min(filter(None, (self.min_date, report.min_date)), default=None)
        self.max_date = max(filter(None, (self.max_date, report.max_date)), default=None)
        if report.outcome != "read" and self.failure is None:
            state = STATES.get(report.outcome, "quarantined")
            self.failure = (state, report.reason or state)

    def count(self, outcome: str, rows: int) -> None:
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + rows

    @property
    def state(self) -> str:
        """The state that the merge gives the file: loaded, or why it is set aside."""
        return self.failure[0] if self.failure else "loaded"

    @property
    def reason(self) -> str | None:
        """Why the file is set aside, with the first line that was rejected."""
        if self.failure is None:
            return None
        return f"{self.failure[1]}; {self.first_reject}" if self.first_reject else self.failure[1]

    @property
    def lines_by_split(self) -> list[int]:
        return [self.split_lines[i] for i in sorted(self.split_lines)]


def columns(books: Iterable[Books]) -> dict[str, Any]:
    """The books as one array a column, as the ledger's `book` block takes them."""
    entries = list(books)
    return {
        "file_ids": [b.file_id for b in entries],
        "lines": [b.lines for b in entries],
        "framing": [b.framing_lines for b in entries],
        "record_lines": [b.record_lines for b in entries],
        "split_lines": ["{" + ",".join(map(str, b.lines_by_split)) + "}" for b in entries],
        "records": [b.records for b in entries],
        "rejected": [b.rejected for b in entries],
        "ignored": [b.ignored for b in entries],
        "ignored_by": [json.dumps(b.ignored_by) if b.ignored_by else None for b in entries],
        "withdrawn": [b.withdrawn for b in entries],
        "min_date": [b.min_date for b in entries],
        "max_date": [b.max_date for b in entries],
        **{name: [b.outcomes.get(name, 0) for b in entries] for name in OUTCOMES},
    }
