"""What the demo shows: counts per feed while it runs, the books and a query at the end."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cli_tool import shown
from sinks import database, ledger
from sinks.queries import blocks

LIVE, LINES = 0.25, 3.0  # seconds between two looks: on a terminal, and elsewhere
OUTCOMES = ("inserted", "updated", "unchanged", "duplicate", "stale", "pending", "rejected", "ignored")
_STATES = {
    "loaded": "files loaded", "superseded": "files superseded", "quarantined": "files quarantined",
    "ignored_files": "files ignored", "other": "files vanished or owed",
}  # fmt: skip


class Screen(threading.Thread):
    """Looks into the ledger and shows it until left; a failure is raised when it is left."""

    def __init__(self, console: Console, dsn: str, link: str | None = None) -> None:
        super().__init__(name="demo-screen", daemon=True)
        self._console, self._dsn, self._link = console, dsn, link
        self._left, self._failure = threading.Event(), list[Exception]()

    def __enter__(self) -> Screen:
        self.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._left.set()
        self.join()
        if self._failure and kind is None:
            raise self._failure[0]

    def run(self) -> None:
        try:
            connection = database.connect(self._dsn, "tradewind demo")
            try:
                self._table(connection) if self._console.is_terminal else self._lines(connection)
            finally:
                connection.close()
        except Exception as error:  # noqa: BLE001 - raised in the thread that leaves
            self._failure.append(error)

    def _table(self, connection: Any) -> None:
        with Live(console=self._console, auto_refresh=False) as live:
            while True:
                last = self._left.is_set()
                live.update(shows(ledger.rows(connection, "summary"), self._link), refresh=True)
                if last:
                    return
                self._left.wait(LIVE)

    def _lines(self, connection: Any) -> None:
        while not self._left.wait(LINES):
            self._console.print(sentence(ledger.rows(connection, "summary")), soft_wrap=True)


def shows(feeds: Sequence[Mapping[str, Any]], link: str | None) -> RenderableType:
    """The live table, and where a browser shows more: whole, to be copied from any width."""
    return Group(counts(feeds), Text(f"In the browser: {link}", overflow="fold")) if link else counts(feeds)


def counts(feeds: Sequence[Mapping[str, Any]]) -> Table:
    """The live table, one row a feed."""
    table = Table(title="Tradewind demo (Ctrl-C ends it)", title_justify="left")
    table.add_column("feed")
    for name in ("files", "rows", "rejects", "quarantined", "owed", "last load", "freshness"):
        table.add_column(name, justify="right")
    for feed in feeds:
        numbers = (f"{feed[name]:,}" for name in ("files", "inserted", "rejected", "quarantined", "owed"))
        loaded, age = feed["last_load"], feed["freshness_seconds"]
        table.add_row(
            feed["feed"], *numbers, f"{loaded:%H:%M:%S}" if loaded else "-", f"{age:.1f} s" if age is not None else "-"
        )
    return table


def sentence(feeds: Sequence[Mapping[str, Any]]) -> str:
    """The same in one line, for a log."""
    return "; ".join(
        f"{f['feed']}: {f['files']} files, {f['inserted']} rows, {f['rejected']} rejects, "
        f"{f['quarantined']} quarantined, {f['owed']} owed"
        for f in feeds
    )


def tell_books(console: Console, books: Sequence[Mapping[str, Any]]) -> None:
    """The books, a column a feed, and whether both sides agree."""
    table = Table(title="\nThe books: every record became one of these", title_justify="left")
    table.add_column("")
    for row in books:
        table.add_column(row["feed"], justify="right")
    for name, label in _STATES.items():
        table.add_row(label, *(shown.text(row[name]) for row in books), end_section=name == "other")
    for name in ("records", *OUTCOMES):
        table.add_row(name, *(shown.text(row[name]) for row in books), end_section=name in ("records", "ignored"))
    table.add_row("balance", *("yes" if row["records"] == sum(row[n] for n in OUTCOMES) else "NO" for row in books))
    console.print(table)


def tell_trades(console: Console, trades: Sequence[Mapping[str, Any]]) -> None:
    """The query, and its answer."""
    console.print("\n" + blocks("demo")["trades"], highlight=False, markup=False, soft_wrap=True)
    table = Table()
    for name in ("dataset", "symbol"):
        table.add_column(name)
    for name in ("trades", "quantity", "turnover"):
        table.add_column(name, justify="right")
    for row in trades:
        table.add_row(
            row["dataset"], row["symbol"], f"{row['trades']:,}", f"{row['quantity']:,}", f"{row['turnover']:,}"
        )
    console.print(table)
