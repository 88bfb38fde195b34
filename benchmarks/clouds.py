"""S3 from an upload to a row, on a stand-in whose own share is told beside."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import numpy as np
from botocore.config import Config

from benchmarks import trades
from benchmarks.aws import Aws, running
from benchmarks.line import Line
from benchmarks.rig import FEED, LAYOUT, Rig, ask
from sinks import runs
from streaming.feeds import plans
from streaming.job import Job
from streaming.settings import Settings
from tests.clouds.aws_environment import ENVIRONMENT
from triggers.sweep import Window

UPLOADS, THREADS, IDLE = 60, 16, 10.0
Committed = Callable[[], None]


def s3_events(rig: Rig, streaming: Any, listening: Any) -> list[Line]:
    """60 uploads one at a time on an idle stream; an idle stream's requests; 10,000 objects that wait."""
    os.environ.update(ENVIRONMENT)
    rig.session.sparkContext.environment.update(ENVIRONMENT)  # its Python workers' own
    rig.fresh()
    with running() as aws:
        clients = _clients(aws)
        lines = _live(rig, aws, clients, streaming, listening)
    rig.fresh()
    with running() as aws:
        return [*lines, _waiting(rig, aws, _clients(aws)["s3"])]


def _clients(aws: Aws) -> dict[str, Any]:
    make: Any = boto3.client
    told = {"endpoint_url": aws.made["endpoint"], "region_name": aws.made["region"]}
    return {name: make(name, config=Config(max_pool_connections=THREADS), **told) for name in ("s3", "sqs")}


def _live(rig: Rig, aws: Aws, clients: dict[str, Any], streaming: Any, listening: Any) -> list[Line]:
    trades.write_small(rig.folder / "aside", UPLOADS + 5, 100)
    bodies = [path.read_bytes() for path in sorted((rig.folder / "aside").iterdir())]
    own = [_to_message(aws, clients, body) for body in bodies[:20]]
    with streaming(rig, _settings(rig, aws, events=True)), listening(rig) as committed:
        seconds = [_arrive(aws, clients, n, body, committed) for n, body in enumerate(bodies)][5:]
        time.sleep(1)
        aws.counts()
        time.sleep(IDLE)
        idle = sum(aws.counts().values())
    found = ask(rig.dsn, "SELECT count(*) FROM tradewind.trades")[0][0]
    if found != len(bodies) * 100:
        raise RuntimeError(f"{found:,} trades instead of {len(bodies) * 100:,}: the figures mean nothing")
    what = f"S3: upload to visible row, {UPLOADS} files one at a time"
    told = f"{_spread(seconds)}; of it the server's own, from the upload to its message: {_spread(own)}"
    return [
        Line(what, told, "p50 0.4 s, p99 1 s"),
        Line(f"S3: requests to the bucket in {IDLE:.0f} idle s with events", str(idle), "0"),
    ]


def _to_message(aws: Aws, clients: dict[str, Any], body: bytes) -> float:
    """From a put until a plain client has its message; outside of the feed's prefix."""
    queue = aws.made["queue"]
    while got := clients["sqs"].receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for one in got:
            clients["sqs"].delete_message(QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])
    with ThreadPoolExecutor(1) as pool:
        waited = pool.submit(clients["sqs"].receive_message, QueueUrl=queue, WaitTimeSeconds=10)
        time.sleep(0.2)  # the poll is open, as a listener's is
        started = time.perf_counter()
        clients["s3"].put_object(Bucket=aws.made["bucket"], Key="aside.csv", Body=body)
        (message,) = waited.result()["Messages"]
        seconds = time.perf_counter() - started
    clients["sqs"].delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return seconds


def _arrive(aws: Aws, clients: dict[str, Any], number: int, body: bytes, committed: Committed) -> float:
    started = time.perf_counter()
    clients["s3"].put_object(Bucket=aws.made["bucket"], Key=f"in/{number:06d}.csv", Body=body)
    committed()
    seconds = time.perf_counter() - started
    time.sleep(0.3)  # the stream is idle again
    return seconds


def _waiting(rig: Rig, aws: Aws, s3: Any) -> Line:
    count = trades.write_small(rig.folder / "waiting", rig.rows(10_000), 100)
    aws.fill(rig.folder / "waiting")
    keys = [f"in/{path.name}" for path in (rig.folder / "waiting").iterdir()]
    alone = _each(lambda key: s3.get_object(Bucket=aws.made["waiting"], Key=key)["Body"].read(), keys)
    settings, worked = _settings(rig, aws, events=False), aws.worked()
    started = time.perf_counter()
    with runs.run(rig.dsn, "backfill", [FEED]) as run:
        Job(settings, rig.dsn, rig.session, run).backfill(plans(settings, [FEED])[0], Window())
    seconds, worked = time.perf_counter() - started, aws.worked() - worked
    found = ask(rig.dsn, "SELECT count(*) FROM tradewind.trades")[0][0]
    if found != count * 100:
        raise RuntimeError(f"{found:,} trades instead of {count * 100:,}: the figures mean nothing")
    told = (
        f"{seconds:.1f} s = {count / seconds:,.0f} files/s, in which the server used {worked:.1f} s of a processor; it "
        f"answers {count / alone:,.0f} plain GETs/s of 16 threads"
    )
    return Line(f"S3: {count:,} waiting objects of 100 rows", told, ">= 278 files/s, or the server is the limit")


def _each(work: Callable[[str], Any], keys: list[str]) -> float:
    """Seconds for all of them by 16 threads."""
    started = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, keys))
    return time.perf_counter() - started


def _settings(rig: Rig, aws: Aws, events: bool) -> Settings:
    bucket, found_by = aws.made["bucket" if events else "waiting"], "events" if events else "sweep"
    feed: dict[str, Any] = {"source": f"s3://{bucket}/in/", "profile": str(LAYOUT), "discovery": found_by}
    if events:
        feed["events"] = {"queue": aws.made["queue"]}
    return Settings.model_validate(
        {
            "database": {"url": rig.dsn},
            "state": {"dir": str(rig.state)},
            "s3": {name: aws.made[name] for name in ("endpoint", "region")},
            "feeds": {FEED: feed},
            "stream": {"health_port": False, "sweep_every": "1h"},
        }
    )


def _spread(seconds: list[float]) -> str:
    p50, p99 = (float(np.percentile(seconds, q)) for q in (50, 99))
    return f"p50 {p50:.3f} s, p99 {p99:.3f} s, max {max(seconds):.3f} s"
