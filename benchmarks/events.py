"""A cloud's storage from an upload to a row, on a stand-in whose own share is told beside: the same for each cloud."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import trades
from benchmarks.cloud import Client, Cloud, cloud_of
from benchmarks.line import Line
from benchmarks.rig import FEED, LAYOUT, Rig, ask
from benchmarks.stand_in import StandIn, running
from sinks import runs
from streaming.feeds import plans
from streaming.job import Job
from streaming.settings import Settings
from triggers.sweep import Window

UPLOADS, ALONE, THREADS, IDLE = 60, 20, 16, 10.0
Committed = Callable[[], None]


def events(rig: Rig, module: str, streaming: Any, listening: Any) -> list[Line]:
    """60 uploads one at a time on an idle stream; an idle stream's requests; 10,000 objects that wait."""
    cloud = cloud_of(module)
    os.environ.update(cloud.environment)
    rig.session.sparkContext.environment.update(cloud.environment)  # its Python workers' own
    rig.fresh()
    with running(module, tells=True) as server:
        lines = _live(rig, cloud, server, streaming, listening)
    rig.fresh()
    with running(module, tells=False) as server:
        return [*lines, _waiting(rig, cloud, server)]


def _live(rig: Rig, cloud: Cloud, server: StandIn, streaming: Any, listening: Any) -> list[Line]:
    client, bodies = cloud.client(server.told), _bodies(rig.folder / "aside", UPLOADS + 5)
    own = _to_messages(client, bodies[:ALONE])
    with streaming(rig, _settings(rig, client, events=True)), listening(rig) as committed:
        seconds = [_arrive(client, n, body, committed) for n, body in enumerate(bodies)][5:]
        time.sleep(1)
        server.counts()
        time.sleep(IDLE)
        idle = sum(server.counts().values())
    _check(rig, len(bodies))
    what = f"{cloud.name}: upload to visible row, {UPLOADS} files one at a time"
    told = f"{_spread(seconds)}; of it the server's own, from the upload to its message: {_spread(own)}"
    return [
        Line(what, told, "p50 0.4 s, p99 1 s"),
        Line(f"{cloud.name}: requests to the bucket in {IDLE:.0f} idle s with events", str(idle), "0"),
    ]


def _bodies(folder: Path, count: int) -> list[bytes]:
    trades.write_small(folder, count, 100)
    return [path.read_bytes() for path in sorted(folder.iterdir())[:count]]


def _to_messages(client: Client, bodies: Sequence[bytes]) -> list[float]:
    """From each upload until a plain client has its message; outside of the feed's prefix, one at a time."""
    with client.watching() as next_one, ThreadPoolExecutor(1) as pool:
        return [_to_message(client, f"aside/{n}.csv", body, pool, next_one) for n, body in enumerate(bodies)]


def _to_message(
    client: Client, name: str, body: bytes, pool: ThreadPoolExecutor, next_one: Callable[[], float]
) -> float:
    came = pool.submit(next_one)
    time.sleep(0.2)  # the poll is open, as a listener's is
    started = time.perf_counter()
    client.put(name, body)
    return came.result() - started


def _arrive(client: Client, number: int, body: bytes, committed: Committed) -> float:
    started = time.perf_counter()
    client.put(f"in/{number:06d}.csv", body)
    committed()
    seconds = time.perf_counter() - started
    time.sleep(0.3)  # the stream is idle again
    return seconds


def _waiting(rig: Rig, cloud: Cloud, server: StandIn) -> Line:
    folder = rig.folder / "waiting"
    count = trades.write_small(folder, rig.rows(10_000), 100)
    server.fill(folder)
    alone = _read_all(cloud, server, [f"in/{path.name}" for path in folder.iterdir()])
    settings, worked = _settings(rig, cloud.client(server.told), events=False), server.worked()
    started = time.perf_counter()
    with runs.run(rig.dsn, "backfill", [FEED]) as run:
        Job(settings, rig.dsn, rig.session, run).backfill(plans(settings, [FEED])[0], Window())
    seconds, worked = time.perf_counter() - started, server.worked() - worked
    _check(rig, count)
    told = (
        f"{seconds:.1f} s = {count / seconds:,.0f} files/s, in which the server used {worked:.1f} s of a processor; it "
        f"answers {count / alone:,.0f} plain GETs/s of {THREADS} threads"
    )
    return Line(
        f"{cloud.name}: {count:,} waiting objects of 100 rows", told, ">= 278 files/s, or the server is the limit"
    )


def _read_all(cloud: Cloud, server: StandIn, names: Sequence[str]) -> float:
    """Seconds for all of them by 16 threads, each with a client that was made before."""
    clients, own = [cloud.client(server.told) for _ in range(THREADS)], threading.local()

    def begin() -> None:
        own.client = clients.pop()

    started = time.perf_counter()
    with ThreadPoolExecutor(THREADS, initializer=begin) as pool:
        list(pool.map(lambda name: own.client.read(name), names))
    return time.perf_counter() - started


def _settings(rig: Rig, client: Client, events: bool) -> Settings:
    feed: dict[str, Any] = {"source": client.source, "profile": str(LAYOUT)}
    feed |= {"discovery": "events", "events": client.events} if events else {"discovery": "sweep"}
    return Settings.model_validate(
        {
            "database": {"url": rig.dsn},
            "state": {"dir": str(rig.state)},
            **client.tables,
            "feeds": {FEED: feed},
            "stream": {"health_port": False, "sweep_every": "1h"},
        }
    )


def _check(rig: Rig, files: int) -> None:
    found = ask(rig.dsn, "SELECT count(*) FROM tradewind.trades")[0][0]
    if found != files * 100:
        raise RuntimeError(f"{found:,} trades instead of {files * 100:,}: the figures mean nothing")


def _spread(seconds: list[float]) -> str:
    p50, p99 = (float(np.percentile(seconds, q)) for q in (50, 99))
    return f"p50 {p50:.3f} s, p99 {p99:.3f} s, max {max(seconds):.3f} s"
