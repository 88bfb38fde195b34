"""File versions loaded by hand: registered, claimed, staged and merged, with rows written down in the test."""

from __future__ import annotations

import dataclasses
import io
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sinks import database, ledger, runs, staging
from sinks.books import Books, SplitReport
from sinks.merge import merge as merge_work
from sinks.queries import query
from sinks.recount import recount
from sinks.work import Rules, Work

START = datetime(2025, 1, 10, tzinfo=UTC)
EPOCH = date(1970, 1, 1)
NEW, CORRECT, CANCEL = 0, 1, 2
PART = 1
#: What must not depend on the way a trade came: surrogate ids, provenance and recording times are left out.
STATE = (
    "trade_id, symbol, venue, trade_date, event_time, event_nanos, side, price, quantity, currency, account, "
    "version, attributes, corrected, status"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One staged record; key-only cancellations leave everything but the id out."""

    trade_id: str | None
    price: str | None = "1"
    day: date | None = date(2025, 1, 2)
    action: int = NEW
    symbol: str | None = "S"
    venue: str | None = "V"
    version: int | None = None
    quantity: str | None = "1"

    def text(self, part: int, file_id: int, line: int) -> str:
        event_us = None if self.day is None else (self.day - EPOCH).days * 86_400_000_000
        values = (
            part, file_id, 0, line, self.action, self.trade_id, self.symbol, self.venue, self.day, event_us, 5,
            None if self.price is None else "buy", self.price, self.quantity, None, None, self.version, None,
        )  # fmt: skip
        return "\t".join(r"\N" if value is None else str(value) for value in values) + "\n"


def correct(trade_id: str, price: str = "1", **other: Any) -> Row:
    return Row(trade_id, price, action=CORRECT, **other)


def cancel(trade_id: str, **other: Any) -> Row:
    return Row(trade_id, action=CANCEL, **other)


def cancel_by_key(trade_id: str) -> Row:
    return Row(trade_id, None, None, CANCEL, None, None, None, None)


@dataclass(frozen=True, slots=True)
class File:
    """One object version; the hour says when it was modified."""

    uri: str
    hour: int
    rows: tuple[Row, ...]
    path_date: date | None = None
    path_sequence: int | None = None
    sequence: str | None = None
    seen_by: str = "listing"
    reason: str | None = None
    size: int = 10
    tag: str = ""

    @property
    def version(self) -> str:
        return f"{self.hour}{self.tag}"

    @property
    def modified_at(self) -> datetime:
        return START + timedelta(hours=self.hour)


def file(uri: str, hour: int, *rows: Row, **other: Any) -> File:
    return File(uri, hour, rows, **other)


@dataclass(slots=True)
class Desk:
    """A feed with a dataset of its own in a shared database, and one run that loads into it."""

    dsn: str
    connection: Any
    run_id: runs.RunId
    rules: Rules = field(default_factory=Rules)
    name: str = field(default_factory=lambda: f"feed-{uuid.uuid4().hex[:12]}")
    dataset: str = ""
    dataset_id: int = 0
    contents: dict[tuple[str, str], tuple[Row, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dataset = self.dataset or self.name
        with database.transaction(self.connection) as cursor:
            self.dataset_id = ledger.ensure_feed(
                cursor, feed=self.name, dataset=self.dataset, source="x", profile="p", profile_version="1",
                partition=self.rules.grain,
            )  # fmt: skip

    def sibling(self, **rules: Any) -> Desk:
        """Another feed of the same dataset."""
        changed = dataclasses.replace(self.rules, **rules)
        return Desk(self.dsn, self.connection, self.run_id, changed, dataset=self.dataset)

    def register(self, *files: File) -> int:
        self.contents.update({(f.uri, f.version): f.rows for f in files})
        with database.transaction(self.connection) as cursor:
            return ledger.register(cursor, self.name, self.dataset_id, files)

    def claim(self, max_files: int = 100, max_bytes: int = 10**9) -> list[ledger.Claim]:
        with database.transaction(self.connection) as cursor:
            return ledger.claim(cursor, self.name, self.run_id, max_files, max_bytes)

    def load(self, *files: File) -> dict[str, dict[str, int]]:
        """Register and merge these as one batch; the outcomes that are not nought by uri."""
        self.register(*files)
        return self.outcomes(self.merge(self.claim()))

    def load_each(self, *files: File) -> None:
        for one in files:
            self.load(one)

    def drain(self) -> int:
        """Merge whatever is owed until nothing is; how many batches it took."""
        batches = 0
        while claims := self.claim():
            self.merge(claims)
            batches += 1
            assert batches < 20, "the files register one another again without an end"
        return batches

    def again(self, *uris: str) -> None:
        """Ask for files to be loaded again, as `tradewind files retry` and a reload do."""
        for uri in uris:
            values = {"feed": self.name, "uri": uri, "version": None, "states": ["loaded", "superseded", "quarantined"]}
            with database.transaction(self.connection) as cursor:
                cursor.execute(query("ledger", "retry"), values)

    def show(self, one: File) -> None:
        """The store shows this version now."""
        with database.transaction(self.connection) as cursor:
            doubtful = ledger.contested(cursor, self.name, [one])
            ledger.make_current(cursor, [i for i, _, _ in doubtful])

    def merge(self, claims: Sequence[ledger.Claim], **changes: Any) -> dict[int, Books]:
        with self.staged(claims, **changes) as (cursor, work):
            merge_work(cursor, work)
        return work.books

    @contextmanager
    def staged(
        self, claims: Sequence[ledger.Claim], zombie: Sequence[Row] = (), unbalanced: int = 0, batch_id: int = 0
    ) -> Iterator[tuple[Any, Work]]:
        """A transaction in which the claims' rows are staged, and the work to be merged in it."""
        stage = staging.Staging("b", temporary=True)
        with database.transaction(self.connection) as cursor:
            stage.drop(cursor)
            stage.create(cursor)
            books = {}
            for one in claims:
                rows = self.contents[one.uri, one.version]
                books[one.file_id] = _books(one, rows, unbalanced)
                _copy(cursor, stage, PART, one.file_id, rows)
                _copy(cursor, stage, PART + 1, one.file_id, zombie)
            cursor.execute(
                query("ledger", "start_batch"),
                {"run_id": self.run_id, "feed": self.name, "files": len(claims), "bytes": 1},
            )
            batch_id = cursor.fetchone()[0]
            yield (
                cursor,
                Work(self.name, self.dataset_id, self.run_id, batch_id, "1", self.rules, stage, books, {PART}),
            )

    def outcomes(self, books: dict[int, Books]) -> dict[str, dict[str, int]]:
        uris = {row["file_id"]: row["uri"] for row in self.files()}
        return {uris[i]: {k: v for k, v in b.outcomes.items() if v} for i, b in books.items()}

    def ask(self, statement: str, values: object = None) -> list[tuple[Any, ...]]:
        with database.transaction(self.connection) as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall()) if cursor.description else []

    def files(self) -> list[dict[str, Any]]:
        return ledger.rows(self.connection, "files", feed=self.name, state=None, uri=None, limit=1000)

    def states(self) -> dict[str, str]:
        return {f"{row['uri']}@{row['version']}": row["state"] for row in self.files()}

    def booked(self, uri: str) -> dict[str, int]:
        """The outcomes in the ledger of the uri's newest registration, noughts left out."""
        row = next(r for r in reversed(self.files()) if r["uri"] == uri)
        names = ("inserted", "updated", "unchanged", "duplicate", "stale", "pending", "rejected", "withdrawn")
        return {name: row[name] for name in names if row[name]}

    def trades(self) -> list[tuple[Any, ...]]:
        """(id, date, price, status) of the dataset's trades, by id."""
        return self.ask(
            "SELECT trade_id, trade_date::text, price::text, status FROM tradewind.trades "
            "WHERE dataset_id = %s ORDER BY trade_id, symbol, trade_date",
            (self.dataset_id,),
        )

    def prices(self) -> dict[str, str]:
        return {trade_id: price for trade_id, _, price, _ in self.trades()}

    def state(self) -> list[tuple[Any, ...]]:
        """All that must not depend on the order or the way of loading."""
        return self.ask(
            f"SELECT {STATE} FROM tradewind.trades WHERE dataset_id = %s ORDER BY 1, 2, 3, 4", (self.dataset_id,)
        )

    def revisions(self) -> list[tuple[Any, ...]]:
        return self.ask(
            "SELECT trade_id, reason, price::text FROM tradewind.trade_revisions "
            "WHERE dataset_id = %s ORDER BY revision_id",
            (self.dataset_id,),
        )

    def pending(self) -> int:
        held = self.ask("SELECT 1 FROM tradewind.pending_corrections WHERE dataset_id = %s", (self.dataset_id,))
        return len(held)

    def assert_balanced(self) -> None:
        """Nothing is owed, all books balance, and the pending rows are those that the books name."""
        names = ("inserted", "updated", "unchanged", "duplicate", "stale", "pending", "rejected", "ignored")
        for row in self.files():
            assert row["state"] in ("loaded", "superseded"), row
            assert row["records"] == sum(row[name] for name in names), row
            assert all(row[name] >= 0 for name in names), row
        assert self.pending() == sum(row["pending"] for row in self.files())
        assert self.faults() == []

    def faults(self) -> list[tuple[str | None, str, int | None, int | None]]:
        """(uri, what, booked, counted) of each number that the tables do not bear out."""
        found = recount(self.connection, [self.name], timedelta(days=90))
        return [(one.uri, one.what, one.booked, one.counted) for feed in found for one in feed.faults]


def _books(claim: ledger.Claim, rows: Sequence[Row], unbalanced: int) -> Books:
    days = [row.day for row in rows if row.day is not None]
    count, amendments = len(rows), sum(row.action != NEW for row in rows)
    books = Books(claim.file_id, claim.fence)
    books.add(
        SplitReport(
            PART,
            claim.file_id,
            0,
            count + unbalanced,
            0,
            count + unbalanced,
            count + unbalanced,
            count,
            0,
            0,
            amendments,
            min(days, default=None),
            max(days, default=None),
        )
    )
    return books


def _copy(cursor: Any, stage: staging.Staging, part: int, file_id: int, rows: Iterable[Row]) -> None:
    text = "".join(row.text(part, file_id, line) for line, row in enumerate(rows, 1))
    columns = ", ".join(staging.TRADE_COLUMNS)
    cursor.copy_expert(f"COPY pg_temp.{stage.name}_trades ({columns}) FROM STDIN", io.StringIO(text))
