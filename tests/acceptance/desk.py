"""A feed of files on disk, loaded by a real Spark into a real PostgreSQL, and what is in the tables then."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sinks import database, ledger, runs
from streaming.batch import Batch
from streaming.feeds import FeedPlan, plans
from streaming.job import Job
from streaming.settings import Settings
from streaming.sightings import Sighting
from triggers.sweep import SweepCounts, Window

HEADER = "trade_id,symbol,executed_at,side,price,quantity,currency"
BOOKS = ("inserted", "updated", "unchanged", "duplicate", "stale", "pending", "rejected", "ignored")


def row(trade: int | str, price: object = "10.5", at: str = "2026-01-05T12:00:00Z", quantity: object = "2") -> str:
    """A line of the layout `demo-exchange`."""
    return f"{trade},ACME,{at},B,{price},{quantity},USD"


def table(*rows: str) -> bytes:
    """A whole file of that layout."""
    return ("\n".join([HEADER, *rows]) + "\n").encode()


@dataclass
class Desk:
    """One feed over `folder`; `settings` are those of the feed, `batch` the limits of a merge."""

    folder: Path
    state: Path
    dsn: str
    session: Any
    settings: dict[str, Any] = field(default_factory=dict)
    batch: dict[str, Any] = field(default_factory=dict)
    name: str = "x"

    def drop(self, name: str, content: bytes, modified: float | None = None) -> Path:
        """Move a file in whole, as a sender should; `modified` in seconds since the epoch."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = self.state / "dropped"
        whole.write_bytes(content)
        if modified is not None:
            os.utime(whole, (modified, modified))
        whole.replace(path)
        return path

    @property
    def whole_settings(self) -> Settings:
        feed = {"source": str(self.folder), "profile": "demo-exchange", "discovery": "sweep", **self.settings}
        return Settings.model_validate(
            {"state": {"dir": str(self.state)}, "batch": self.batch, "feeds": {self.name: feed}}
        )

    @property
    def plan(self) -> FeedPlan:
        return plans(self.whole_settings)[0]

    def backfill(self, window: Window | None = None) -> SweepCounts:
        """Load whatever is there until nothing is owed; every test ends with that."""
        with runs.run(self.dsn, "backfill", [self.name]) as run:
            counts = Job(self.whole_settings, self.dsn, self.session, run).backfill(self.plan, window or Window())
        assert self.owed() == []
        return counts

    def sightings(self) -> list[Sighting]:
        """What a listing shows now."""
        listed = self.plan.stores.of(self.plan.prefix).list(self.plan.prefix)
        return [Sighting.of(one, self.plan, "sweep") for one in listed]

    def take(self, sightings: list[Sighting]) -> None:
        """Work these off as a micro-batch does, however old the listing is by now."""
        with runs.run(self.dsn, "backfill", [self.name]) as run:
            with database.transaction(database.connect(self.dsn, "test")) as cursor:
                dataset_id = ledger.ensure_feed(
                    cursor, feed=self.name, dataset=self.name, source=self.plan.prefix, profile=self.plan.profile.name,
                    profile_version=self.plan.profile.version, partition=self.plan.partition,
                )  # fmt: skip
            Batch(self.plan, self.dsn, run.run_id, dataset_id).take(sightings, self.session)

    def ask(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        connection = database.connect(self.dsn, "test")
        try:
            with database.transaction(connection) as cursor:
                cursor.execute(statement, values)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def run(self, statement: str) -> None:
        connection = database.connect(self.dsn, "test")
        try:
            with database.transaction(connection) as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def owed(self) -> list[tuple[Any, ...]]:
        return self.ask(
            "SELECT uri, state, reason FROM tradewind.files WHERE state IN ('discovered', 'loading', 'waiting')"
        )

    def states(self) -> dict[str, list[str]]:
        """By name, the states of its versions in the order of their registration."""
        found: dict[str, list[str]] = {}
        for uri, state in self.ask("SELECT uri, state FROM tradewind.files ORDER BY file_id"):
            found.setdefault(Path(uri).name, []).append(state)
        return found

    def books(self, name: str) -> dict[str, int]:
        """What the newest version of a file booked, without the noughts."""
        columns = ", ".join(BOOKS)
        found = self.ask(
            f"SELECT {columns} FROM tradewind.files WHERE uri LIKE %(uri)s ORDER BY effective_at DESC LIMIT 1",
            uri=f"%/{name}",
        )[0]
        return {book: n for book, n in zip(BOOKS, found, strict=True) if n}

    def reason(self, name: str) -> str:
        return str(
            self.ask(
                "SELECT reason FROM tradewind.files WHERE uri LIKE %(uri)s ORDER BY file_id DESC", uri=f"%/{name}"
            )[0][0]
        )

    def rejects(self) -> list[tuple[int, str | None, str]]:
        return self.ask("SELECT line, column_name, reason FROM tradewind.rejects ORDER BY file_id, line")

    def prices(self) -> dict[str, str]:
        """Price by trade id, as PostgreSQL writes the number."""
        return dict(self.ask("SELECT trade_id, trim_scale(price)::text FROM tradewind.trades"))

    def count(self) -> int:
        return int(self.ask("SELECT count(*) FROM tradewind.trades")[0][0])

    def everything(self) -> list[tuple[Any, ...]]:
        """All that tells whether a table was touched: rows with the transactions that wrote them."""
        trades = self.ask("SELECT xmin::text, t::text FROM tradewind.trades t ORDER BY 2")
        files = self.ask("SELECT xmin::text, f::text FROM tradewind.files f ORDER BY 2")
        revisions = self.ask("SELECT xmin::text, r::text FROM tradewind.trade_revisions r ORDER BY 2")
        return trades + files + revisions
