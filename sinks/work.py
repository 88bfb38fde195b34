"""One batch ready to be merged, and the blocks of SQL that work on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from psycopg2 import sql

from sinks import partitions
from sinks.books import Books
from sinks.queries import query
from sinks.staging import Staging


@dataclass(frozen=True, slots=True)
class Rules:
    """What the profile and the feed declare of identity and overwriting."""

    identity: Literal["id", "content"] = "id"
    unique: Literal["dataset", "day"] = "dataset"
    scope: Literal["across", "file"] = "across"
    on_overwrite: Literal["merge", "replace"] = "merge"
    grain: partitions.Grain = "month"
    repeats: Literal["refuse", "newest"] = "refuse"  # of a key that stands twice in a file with different values


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


def execute(cursor: Any, work: Work, block: str) -> None:
    values = {"dataset_id": work.dataset_id, "file_ids": work.file_ids}
    cursor.execute(query("merge", block, rows=work.rows, existing=dataset(work)), values)


def asks(cursor: Any, work: Work, block: str) -> bool:
    execute(cursor, work, block)
    return bool(cursor.fetchone()[0])


def count(work: Work, outcome: str, counts: list[tuple[int, int]]) -> None:
    for file_id, rows in counts:
        work.books[file_id].count(outcome, rows)


def dataset(work: Work) -> sql.Identifier:
    return partitions.dataset_table(work.dataset_id)
