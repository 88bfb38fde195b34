"""What the scenarios share: a server, a fresh database each, one warm Spark session, and the log's timings."""

from __future__ import annotations

import re
import shutil
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks import trades
from sinks import embedded, keeper, migrate, runs
from sinks.database import execute_alone
from streaming.feeds import plans
from streaming.job import Job
from streaming.session import local_session
from streaming.settings import Settings
from triggers.sweep import Window

FEED = "bench"
LAYOUT = Path(__file__).with_name("layout.toml")
_LOGGED = re.compile(r"duration: ([\d.]+) ms  (?:statement|execute[^:]*): (.*(?:\n\t.*)*)")
_COMMENT = re.compile(r"^(?:--.*\n\t)+")
_STAGES = {
    "COPY": "stage (COPY, sum over the writers)",
    "CREATE TEMP TABLE matched": "classify: match with the table",
    "CREATE TEMP TABLE": "classify: repeated keys",
    "INSERT INTO tradewind.trade_revisions": "revisions",
    'UPDATE "tradewind"."trades': "update",
    "UPDATE": "books",
    "SELECT": "ask",
    "ANALYZE": "analyse",
    "DELETE": "drop foreign rows",
    "INSERT INTO": "insert",
    "WITH added": "insert",
    "WITH standing": "classify: repeated keys",
    "ALTER TABLE": "key, attach",
    "COMMIT": "commit",
}


@dataclass
class Rig:
    """A folder of its own with a server and files; `scale` shrinks every scenario."""

    folder: Path
    scale: float
    session: Any = None
    spark_seconds: float = 0.0
    warm_seconds: float = 0.0
    dsn: str = ""
    number: int = 0
    where: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def rows(self, full: int) -> int:
        return max(int(full * self.scale), 1000)

    def fresh(self) -> None:
        """A new, migrated database; the last one and its state are dropped."""
        address = embedded.dsn(embedded.EMBEDDED, self.state, 18)
        execute_alone(address, f"DROP DATABASE IF EXISTS bench_{self.number}")
        self.number += 1
        execute_alone(address, f"CREATE DATABASE bench_{self.number}")
        self.dsn = address.replace(f"/{embedded.DATABASE}?", f"/bench_{self.number}?")
        execute_alone(self.dsn, f"ALTER DATABASE bench_{self.number} SET log_min_duration_statement = 20")
        migrate.migrate(self.dsn)
        for name in ("journal", "checkpoints"):
            shutil.rmtree(self.state / name, ignore_errors=True)

    def settings(self, source: Path, batch: dict[str, Any] | None = None, **feed: Any) -> Settings:
        return Settings.model_validate(
            {
                "database": {"url": self.dsn},
                "state": {"dir": str(self.state)},
                "feeds": {FEED: {"source": f"{source}/", "profile": str(LAYOUT), **feed}},
                "batch": batch or {},
                "stream": {"health_port": False, "sweep_every": "1h"},
            }
        )

    def warm(self) -> None:
        """Start Spark and load one small file by its tasks: what every process pays once is kept apart."""
        self.fresh()
        trades.write(self.folder / "warm", trades.numbers(0, 1000), 2, "ascending")
        started = time.perf_counter()
        self.session = local_session(self.settings(self.folder / "warm"))
        self.session.range(1).count()
        self.spark_seconds = time.perf_counter() - started
        self.warm_seconds = self.backfill(self.folder / "warm", batch={"driver_files": 0})

    def backfill(self, source: Path, label: str = "", batch: dict[str, Any] | None = None) -> float:
        """A whole backfill: listing, journal, query, staging, merge; seconds. With a label, where they go is kept."""
        settings = self.settings(source, batch)
        execute_alone(self.dsn, "CHECKPOINT")
        seen = len(self._log())
        started = time.perf_counter()
        with runs.run(self.dsn, "backfill", [FEED]) as run:
            Job(settings, self.dsn, self.session, run).backfill(plans(settings, [FEED])[0], Window())
        seconds = time.perf_counter() - started
        if label:
            self.where[label] = {**self._batches(int(run.run_id)), **self._statements(seen)}
        return seconds

    @contextmanager
    def run(self, settings: Settings) -> Iterator[Job]:
        """A job for a stream."""
        with runs.run(self.dsn, "stream", [FEED]) as run:
            yield Job(settings, self.dsn, self.session, run)

    def close(self) -> None:
        """Stop Spark and leave the server."""
        if self.session is not None:
            self.session.stop()
        embedded.leave(self.state)

    def _batches(self, run_id: int) -> dict[str, float]:
        staged, merged, count = ask(
            self.dsn,
            "SELECT sum(extract(epoch FROM staged_at - started_at)), "
            "sum(extract(epoch FROM committed_at - staged_at)), count(*) "
            f"FROM tradewind.batches WHERE run_id = {run_id}",
        )[0]
        return {"batches": count, "stage": float(staged or 0), "merge": float(merged or 0)}

    def _statements(self, seen: int) -> dict[str, float]:
        spent: dict[str, float] = defaultdict(float)
        for milliseconds, statement in _LOGGED.findall(self._log()[seen:]):
            stage = next(
                (name for start, name in _STAGES.items() if _COMMENT.sub("", statement).startswith(start)), "other"
            )
            spent[f"  {stage}"] += float(milliseconds) / 1000
        return dict(sorted(spent.items(), key=lambda part: -part[1]))

    def _log(self) -> str:
        return keeper.log_file(embedded.pgdata_of(self.state)).read_text(errors="replace")


def ask(dsn: str, statement: str) -> list[tuple[Any, ...]]:
    """The rows of one question."""
    connection = psycopg2.connect(dsn)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())
    finally:
        connection.close()
