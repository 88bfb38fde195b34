"""The scenarios. Each takes the rig and gives lines for the table: what, figures, target."""

from __future__ import annotations

import resource
import select
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psycopg2

from benchmarks import events, script, trades
from benchmarks.api import api
from benchmarks.dashboard import dashboard
from benchmarks.line import Line
from benchmarks.live import live
from benchmarks.oddities import oddities
from benchmarks.rig import FEED, Rig, ask
from sinks.database import execute_alone
from streaming.feeds import plans
from streaming.job import Job
from streaming.settings import Settings
from triggers.arrival import Arrival
from triggers.journal import Journal
from triggers.stores import Stores
from triggers.stores.local import uri_of

FILES = 20


def fresh_ascending(rig: Rig) -> list[Line]:
    return _fresh(rig, "ascending")


def fresh_random(rig: Rig) -> list[Line]:
    return _fresh(rig, "random")


def _fresh(rig: Rig, ids: trades.Ids) -> list[Line]:
    """Into an empty table, then the same files again."""
    rig.fresh()
    rows, source = rig.rows(5_000_000), _empty(rig.folder / "files")
    paths = trades.write(source, trades.numbers(0, rows), FILES, ids)
    execute_alone(rig.dsn, script.TABLE)
    peer = _scripted(rig, paths)
    ours = rig.backfill(source, f"fresh, {ids} ids")
    _check(rig, rows)
    again = rig.backfill(source)
    return [
        _against(f"{rows:,} {ids} into an empty table", peer, ours, "1.3 x"),
        Line(f"the same files again, {ids}", f"{again:.2f} s = {again / ours:.1%} of the first time", "< 1 %"),
    ]


def into_large(rig: Rig) -> list[Line]:
    """5 M random ids into a table of 20 M: 4 M new, 1 M with another price."""
    rig.fresh()
    base, new, updated = rig.rows(20_000_000), rig.rows(4_000_000), rig.rows(1_000_000)
    source = _empty(rig.folder / "files")
    trades.write(source, trades.numbers(0, base), FILES, "random", name="base")
    rig.backfill(source, batch={"max_bytes": "16GiB"})
    execute_alone(rig.dsn, script.TABLE.replace(f", PRIMARY KEY ({script.KEY})", ""))
    execute_alone(
        rig.dsn, f"INSERT INTO script.trades ({script.COLUMNS}) SELECT {script.COLUMNS} FROM tradewind.trades"
    )
    execute_alone(rig.dsn, f"ALTER TABLE script.trades ADD PRIMARY KEY ({script.KEY})")
    execute_alone(rig.dsn, "VACUUM ANALYZE")
    chosen = np.concatenate([trades.numbers(base, new), trades.numbers(0, base)[:: base // updated][:updated]])
    np.random.default_rng(7).shuffle(chosen)
    paths = trades.write(_empty(source), chosen, FILES, "random", revision=1, name="more")
    peer = _scripted(rig, paths)
    ours = rig.backfill(source, "into the large table")
    _check(rig, base + new)
    return [_against(f"{len(chosen):,} random into {base:,} ({new:,} new)", peer, ours, "2 x")]


def small_files(rig: Rig) -> list[Line]:
    """10,000 files of 100 rows each."""
    rig.fresh()
    source = _empty(rig.folder / "files")
    count = trades.write_small(source, rig.rows(10_000), 100)
    seconds = rig.backfill(source, "small files")
    _check(rig, count * 100)
    return [Line(f"{count:,} files of 100 rows", f"{seconds:.1f} s = {count / seconds:,.0f} files/s", ">= 500 files/s")]


def latency(rig: Rig) -> list[Line]:
    """One small file at a time on an idle stream, from its rename to its row by another connection."""
    rig.fresh()
    source, count = _empty(rig.folder / "files"), max(int(200 * rig.scale), 60)
    trades.write_small(rig.folder / "aside", count + 5, 100)
    with _streaming(rig, rig.settings(source)), _listening(rig) as committed:
        seconds = [_arrive(path, source, committed) for path in sorted((rig.folder / "aside").iterdir())][5:]
    shutil.rmtree(rig.folder / "aside")
    _check(rig, (count + 5) * 100)
    p50, p90, p99 = (float(np.percentile(seconds, q)) for q in (50, 90, 99))
    measured = f"p50 {p50:.3f} s, p90 {p90:.3f} s, p99 {p99:.3f} s, max {max(seconds):.3f} s"
    return [Line(f"arrival to visible row, {count} files one at a time", measured, "p50 0.25 s, p99 0.6 s")]


def memory(rig: Rig) -> list[Line]:
    """The driver's memory over 100,000 arrivals through the journal, in ten steps."""
    rig.fresh()
    source, steps, size = _empty(rig.folder / "files"), 10, max(rig.rows(100_000) // 10, 100)
    seen: list[tuple[float, float]] = []
    with _streaming(rig, rig.settings(source, discovery="sweep")) as job:
        for step in range(steps):
            trades.write_small(source, size, 1, start=step * size)
            _journal(job.feeds[0].journal, source, step * size, size)
            _until_loaded(rig, (step + 1) * size)
            seen.append(_memory(rig))
    python = ", ".join(f"{p:.0f}" for p, _ in seen)
    heap = ", ".join(f"{h:.0f}" for _, h in seen)
    return [
        Line(f"driver's JVM heap after GC, every {size:,} of {steps * size:,} files", f"MB: {heap}", "flat"),
        Line("driver's Python, resident", f"MB: {python}", "flat"),
    ]


def s3_events(rig: Rig) -> list[Line]:
    """From an upload to S3 to its row, by events; and what waits in a bucket."""
    return events.events(rig, "aws", _streaming, _listening)


def azure_events(rig: Rig) -> list[Line]:
    """The same over Azure Blob and a storage queue."""
    return events.events(rig, "azure", _streaming, _listening)


def gcs_events(rig: Rig) -> list[Line]:
    """The same over Cloud Storage and Pub/Sub."""
    return events.events(rig, "google", _streaming, _listening)


SCENARIOS: dict[str, Callable[[Rig], list[Line]]] = {
    "fresh-ascending": fresh_ascending,
    "fresh-random": fresh_random,
    "into-large": into_large,
    "small-files": small_files,
    "latency": latency,
    "oddities": oddities,
    "memory": memory,
    "s3-events": s3_events,
    "azure-events": azure_events,
    "gcs-events": gcs_events,
    "api": api,
    "live": live,
    "dashboard": dashboard,
}
WITHOUT_SPARK = {"api", "live", "dashboard"}


def _scripted(rig: Rig, paths: list[Path]) -> float:
    execute_alone(rig.dsn, "CHECKPOINT")
    return script.run(rig.dsn, paths)


def _against(what: str, peer: float, ours: float, target: str) -> Line:
    return Line(what, f"script {peer:.1f} s, Tradewind {ours:.1f} s = {peer / ours:.2f} x", target)


def _check(rig: Rig, rows: int) -> None:
    found = ask(rig.dsn, "SELECT count(*) FROM tradewind.trades")[0][0]
    if found != rows:
        raise RuntimeError(f"{found:,} trades in the table instead of {rows:,}: the figures mean nothing")


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@contextmanager
def _streaming(rig: Rig, settings: Settings) -> Iterator[Job]:
    with rig.run(settings) as job:
        started = threading.Event()
        thread = threading.Thread(target=job.stream, args=(plans(settings, [FEED]), started.set))
        thread.start()
        try:
            if not started.wait(60):
                raise RuntimeError("the stream did not start")
            yield job
        finally:
            job.stop.set()
            thread.join()


@contextmanager
def _listening(rig: Rig) -> Iterator[Callable[[], None]]:
    """Waits until a commit is told and its rows are there for this connection."""
    connection = psycopg2.connect(rig.dsn)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("LISTEN tradewind")

    def committed() -> None:
        while not connection.notifies:
            if not select.select([connection], [], [], 30)[0]:
                raise RuntimeError("no row within 30 s")
            connection.poll()
        connection.notifies.clear()
        cursor.execute("SELECT FROM tradewind.trades LIMIT 1")

    try:
        yield committed
    finally:
        connection.close()


def _arrive(path: Path, source: Path, committed: Callable[[], None]) -> float:
    started = time.perf_counter()
    path.rename(source / path.name)
    committed()
    seconds = time.perf_counter() - started
    time.sleep(0.3)  # the stream is idle again
    return seconds


def _journal(journal: Journal, source: Path, start: int, count: int, each: int = 100) -> None:
    for first in range(start, start + count, each):
        paths = [source / f"small-{i:06d}.csv" for i in range(first, min(first + each, start + count))]
        listed = [Stores().of(uri_of(path)).stat(uri_of(path)) for path in paths]
        journal.append(Arrival(FEED, o.uri, o.version, o.size, o.modified_at, None, "events") for o in listed if o)


def _until_loaded(rig: Rig, files: int, within: float = 600) -> None:
    deadline = time.monotonic() + within
    while ask(rig.dsn, "SELECT count(*) FROM tradewind.files WHERE state = 'loaded'")[0][0] < files:
        if time.monotonic() > deadline:
            raise RuntimeError(f"not {files:,} files within {within:.0f} s")
        time.sleep(0.2)


def _memory(rig: Rig) -> tuple[float, float]:
    """Python's resident MB and the JVM's live heap in MB."""
    runtime = rig.session._jvm.java.lang.Runtime.getRuntime()
    heap = []
    for _ in range(3):
        rig.session._jvm.java.lang.System.gc()
        heap.append((runtime.totalMemory() - runtime.freeMemory()) / 2**20)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20, min(heap)
