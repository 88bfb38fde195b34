"""From the commit of a batch to the message at the clients of one `tradewind serve`."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil

from benchmarks.line import Line
from benchmarks.rig import Rig, ask
from sinks import database
from tests.api.conftest import new_token
from tests.api.landing import add_feeds, begin_landing
from tests.api.serving import Serving, serving

FEEDS = ("one", "two", "three")
SOCKETS, RATE = 200, 50.0  # clients, batches a second

Committed = dict[str, list[float]]  # by feed, when the n-th file was about to be committed


def live(rig: Rig) -> list[Line]:
    """One batch at a time before one client; then many batches before many clients."""
    rig.fresh()
    add_feeds(rig.dsn, *FEEDS)
    token = new_token(rig.dsn, "benchmark", "viewer")
    with serving(rig.folder / "serve", rig.dsn, max_sockets=SOCKETS + 10) as server:
        quiet = _measure(rig, server, token, 1, max(int(200 * rig.scale), 20), None)
        busy = _measure(rig, server, token, SOCKETS, max(int(60 * RATE * rig.scale), 200), RATE)
    return [
        Line("commit to message at one client, batches one at a time", quiet.told(), "p50 50 ms, p99 200 ms"),
        Line(f"the same, {SOCKETS} sockets on one process, {RATE:.0f} batches/s", busy.told(), "p99 500 ms, none lost"),
        Line(f"  processors that took, of {psutil.cpu_count()}", busy.worked(), ""),
    ]


@dataclass
class Seen:
    """What all clients saw together; latencies are seconds."""

    latencies: list[float]
    lost: int
    gaps: int
    most: int  # messages to one client in one second
    clients: float  # processors that the clients' process used
    server: float

    def told(self) -> str:
        p50, p99 = (float(np.percentile(self.latencies, q)) * 1000 for q in (50, 99))
        return (
            f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, max {max(self.latencies) * 1000:.0f} ms; {self.lost} lost, "
            f"{self.gaps} gaps; at most {self.most} messages in a second"
        )

    def worked(self) -> str:
        return f"the server {self.server:.2f}, the clients {self.clients:.2f}"


def _measure(rig: Rig, server: Serving, token: str, sockets: int, batches: int, rate: float | None) -> Seen:
    with _clients(server, token, sockets) as process:
        started, worked = time.perf_counter(), _worked(server)
        committed = _commit(rig, batches, rate)
        share = (_worked(server) - worked) / (time.perf_counter() - started)
        time.sleep(1)  # longer than any message may take
        answer = _ask(process)
    return _judged(committed, answer, share)


@contextmanager
def _clients(server: Serving, token: str, count: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks.live_clients", server.address, str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = _ask(process, token)
            if not said["connected"]:
                raise RuntimeError(f"not all clients came in: {said['failures'][:3]}")
            yield process
        finally:
            process.kill()


def _ask(process: subprocess.Popen[str], what: str = "") -> Any:
    assert process.stdin and process.stdout
    process.stdin.write(f"{what}\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def _commit(rig: Rig, batches: int, rate: float | None) -> Committed:
    """Batches of one file each; without a rate one at a time, with silence between."""
    connection = database.connect(rig.dsn)
    counted = dict(ask(rig.dsn, "SELECT feed, count(*) FROM tradewind.files GROUP BY feed"))
    committed: Committed = {feed: [0.0] * counted.get(feed, 0) for feed in FEEDS}
    chance, started = random.Random(7), time.perf_counter()
    for number in range(batches):
        feed = FEEDS[number % len(FEEDS)]
        begin_landing(connection, feed)
        committed[feed].append(time.time())
        connection.commit()
        due = started + (number + 1) / rate if rate else time.perf_counter() + chance.uniform(0.15, 0.35)
        time.sleep(max(due - time.perf_counter(), 0))
    connection.close()
    return committed


def _judged(committed: Committed, answer: Any, share: float) -> Seen:
    """Every client's time from each commit to the first message that counts it."""
    latencies, lost = [], 0
    for client in answer["clients"]:
        if client["failure"]:
            raise RuntimeError(f"a client failed: {client['failure']}")
        for feed, times in committed.items():
            reached = {}
            for at, of, files in client["seen"]:
                if of == feed:
                    reached.setdefault(files, at)
            counts = np.array(sorted(reached))
            for number, at in enumerate(times, 1):
                place = int(np.searchsorted(counts, number))
                if place == len(counts):
                    lost += 1
                elif at:
                    latencies.append(reached[int(counts[place])] - at)
    gaps = sum(client["gaps"] for client in answer["clients"])
    most = max(_most(client["messages"]) for client in answer["clients"])
    return Seen(latencies, lost, gaps, most, answer["processors"], share)


def _most(times: list[float]) -> int:
    at = np.array(times)
    return int(max(np.searchsorted(at, at + 1) - np.arange(len(at)), default=0))


def _worked(server: Serving) -> float:
    """Seconds of processor time of the server and its worker."""
    process = psutil.Process(server.process.pid)
    return sum(sum(one.cpu_times()[:2]) for one in [process, *process.children()])
