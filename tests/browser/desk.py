"""What a user has running: a configuration of feeds, the job that loads them and the server that shows them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from psycopg2.extras import RealDictCursor

from sinks import database
from tests.api.serving import ROOT, Serving

PATIENCE = 120.0  # seconds, on a machine that has other work too
_FEED = """
[feeds.{name}]
source = "{source}"
profile = "demo-{name}"
max_rejects = "{max_rejects}"
[feeds.{name}.override]
{override}
"""


class Desk:
    """Feeds of the demo's layouts over folders of their own; `mend` sets keys of one anew and begins the job again."""

    def __init__(self, folder: Path, dsn: str, *feeds: str) -> None:
        self.folder, self.dsn = folder, dsn
        self._feeds = {name: {"max_rejects": "5%", "override": ""} for name in feeds}
        for name in feeds:
            self.source(name).mkdir(parents=True)
        self.server = Serving(folder, dsn, tables=self._tables())
        self._job: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return self.server.address

    def source(self, feed: str) -> Path:
        return self.folder / "in" / feed

    def drop(self, feed: str, name: str, content: bytes) -> None:
        """Move a file in whole, as a sender should."""
        whole = self.folder / "dropped"
        whole.write_bytes(content)
        whole.replace(self.source(feed) / name)

    def stream(self) -> None:
        """Begin the job; it is there when its feeds are in the ledger."""
        with (self.folder / "job.log").open("ab") as log:
            self._job = subprocess.Popen(
                [sys.executable, "-m", "cli_tool.run", "stream", "--config", str(self.folder / "tradewind.toml")],
                cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "TRADEWIND_DATABASE_URL": self.dsn},
            )  # fmt: skip
        self.until("SELECT count(*) FROM tradewind.feeds", lambda feeds: feeds == len(self._feeds))

    def mend(self, feed: str, **keys: str) -> None:
        """As an operator does it: the configuration is changed, and the job that reads it begun again."""
        self._feeds[feed].update(keys)
        self.stop()
        self.server.configure(self._tables())
        self.stream()

    def stop(self) -> None:
        if self._job is not None:
            self._job.terminate()
            self._job.wait(PATIENCE)
            self._job = None

    def one(self, statement: str, **values: Any) -> Any:
        """The first value of a statement's first row; None without a row."""
        with closing(database.connect(self.dsn)) as connection, database.transaction(connection) as cursor:
            cursor.execute(statement, values or None)
            row = cursor.fetchone()
        return row[0] if row else None

    def rows(self, statement: str) -> list[dict[str, Any]]:
        with (
            closing(database.connect(self.dsn)) as connection,
            database.transaction(connection),
            connection.cursor(cursor_factory=RealDictCursor) as cursor,
        ):
            cursor.execute(statement)
            return [dict(row) for row in cursor.fetchall()]

    def until(self, statement: str, holds: Callable[[Any], bool]) -> Any:
        """What a statement answers once it is as it should be, looked at now and then."""
        deadline = time.monotonic() + PATIENCE
        while not holds(found := self.one(statement)):
            assert time.monotonic() < deadline, f"{statement}: {found}\n{self._said()}"
            assert self._job is None or self._job.poll() is None, self._said()
            time.sleep(0.1)  # between two looks
        return found

    def settle(self) -> None:
        """Until nothing is owed of what lies there."""
        lying = sum(1 for file in (self.folder / "in").rglob("*") if file.is_file())
        self.until("SELECT count(DISTINCT uri) FROM tradewind.files", lambda known: bool(known >= lying))
        self.until(OWED, lambda owed: owed == 0)

    def _tables(self) -> str:
        feeds = (_FEED.format(name=name, source=self.source(name), **keys) for name, keys in self._feeds.items())
        return "[stream]\nhealth_port = false\n" + "".join(feeds)

    def _said(self) -> str:
        log = self.folder / "job.log"
        return log.read_text()[-4000:] if log.exists() else ""


OWED = "SELECT count(*) FROM tradewind.files WHERE state IN ('discovered', 'waiting', 'loading')"


@contextmanager
def desk(folder: Path, dsn: str, *feeds: str) -> Iterator[Desk]:
    """Its processes end with the block."""
    made = Desk(folder, dsn, *feeds)
    try:
        yield made
    finally:
        made.stop()
        if made.server.process.poll() is None:
            made.server.stop()
