"""Spark's own part in a bucket: journal and checkpoints there, and a prefix that it lists itself; with its connector.

Each run is a process of its own: the jars of a connector are taken when a Java starts.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from streaming.connectors import connectors
from streaming.hadoop import hadoop_version
from tests.acceptance.desk import Desk, row, table

if TYPE_CHECKING:
    from tests.clouds.azurite import Azurite
    from tests.clouds.fake_gcs import FakeGcs
    from tests.clouds.moto_server import MotoServer

ROOT = Path(__file__).parents[2]
PATIENCE = 400.0  # seconds; the jars may have to come from Maven first, on a busy machine


@pytest.fixture
def desk(tmp_path: Path, migrated_postgres: str) -> Desk:
    """As the other acceptance tests have it, without a session in this process."""
    for name in ("in", "state"):
        (tmp_path / name).mkdir()
    return Desk(tmp_path / "in", tmp_path / "state", migrated_postgres, None)


class Bucket(Protocol):
    """An empty bucket: its canonical uri, the same as Hadoop writes it, and the settings that lead to it."""

    uri: str
    hadoop: str
    tables: str

    def put(self, name: str, content: bytes) -> None: ...

    def names(self) -> list[str]: ...


class S3Bucket:
    def __init__(self, request: pytest.FixtureRequest) -> None:
        aws: MotoServer = request.getfixturevalue("aws")
        self._aws, self._name, self._s3 = aws, aws.bucket(), aws.client("s3")
        self.uri, self.hadoop = f"s3://{self._name}", f"s3a://{self._name}"
        self.tables = f'[s3]\nendpoint = "{aws.endpoint}"\nregion = "{aws.region}"\n'

    def put(self, name: str, content: bytes) -> None:
        self._s3.put_object(Bucket=self._name, Key=name, Body=content)

    def names(self) -> list[str]:
        return [one["Key"] for one in self._s3.list_objects_v2(Bucket=self._name)["Contents"]]

    def forget(self) -> None:
        self._aws.forget()

    def own(self, name: str) -> list[str]:
        asked = [one for one in self._aws.requests if name in one.path]
        return sorted(one.operation for one in asked if "Hadoop" not in one.headers["user-agent"])


class GcsBucket:
    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._gcs: FakeGcs = request.getfixturevalue("gcs")
        self._bucket: Any = self._gcs.bucket()
        self.uri = self.hadoop = f"gs://{self._bucket.name}"
        self.tables = f'[gcs]\nendpoint = "{self._gcs.endpoint}"\nproject = "tests"\nanonymous = true\n'

    def put(self, name: str, content: bytes) -> None:
        self._bucket.blob(name).upload_from_string(content)

    def names(self) -> list[str]:
        return [blob.name for blob in self._bucket.list_blobs()]


class AzureBucket:
    def __init__(self, request: pytest.FixtureRequest) -> None:
        azure: Azurite = request.getfixturevalue("azure")
        self._container = azure.container()
        self.uri = self.hadoop = azure.prefix(self._container).rstrip("/")
        self.tables = f'[azure]\nendpoint = "{azure.access.endpoint}"\n'

    def put(self, name: str, content: bytes) -> None:
        self._container.upload_blob(name, content)

    def names(self) -> list[str]:
        return list(self._container.list_blob_names())


BUCKETS: dict[str, Callable[[pytest.FixtureRequest], Bucket]] = {"s3": S3Bucket, "gcs": GcsBucket, "azure": AzureBucket}


@pytest.fixture(params=BUCKETS)
def bucket(request: pytest.FixtureRequest) -> Bucket:
    if not any((one.cloud, one.hadoop) == (request.param, hadoop_version()) for one in connectors()):
        pytest.skip(f"no connector to {request.param} is known for Hadoop {hadoop_version()}")
    return BUCKETS[request.param](request)


def configured(desk: Desk, bucket: Bucket, state: str, feed: str, sweep_every: str = "1s") -> Path:
    config = desk.state / "tradewind.toml"
    config.write_text(
        f'[state]\ndir = "{desk.state}"\n{state}\n{bucket.tables}[spark]\nmaster = "local[2]"\n'
        f'[stream]\nsweep_every = "{sweep_every}"\n[feeds.x]\nprofile = "demo-exchange"\n{feed}\n'
    )
    return config


def program(desk: Desk, config: Path, *arguments: str) -> subprocess.Popen[bytes]:
    with (desk.state / "said.log").open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "cli_tool.run", *arguments, "--config", str(config)],
            cwd=ROOT, stdout=said, stderr=subprocess.STDOUT, env={**os.environ, "TRADEWIND_DATABASE_URL": desk.dsn},
        )  # fmt: skip


def said(desk: Desk) -> str:
    return (desk.state / "said.log").read_text()


@contextmanager
def streaming(desk: Desk, config: Path) -> Iterator[Callable[[Callable[[], bool]], None]]:
    """The stream as a process, stopped by SIGTERM at the block's end; gives what waits until something is true."""
    process = program(desk, config, "stream")

    def until(true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline and process.poll() is None, said(desk)
            threading.Event().wait(0.1)

    try:
        yield until
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(PATIENCE)
    assert code == 0, said(desk)


def told(desk: Desk, config: Path, *arguments: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "cli_tool.run", *arguments, "--config", str(config)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE,
        env={**os.environ, "TRADEWIND_DATABASE_URL": desk.dsn},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.slow(60)
@pytest.mark.timeout(1200)
def test_a_stream_whose_state_is_in_a_bucket_goes_on_where_it_was(desk: Desk, bucket: Bucket) -> None:
    state = f'journal = "{bucket.uri}/state/journal"\ncheckpoints = "{bucket.hadoop}/state/checkpoints"'
    config = configured(desk, bucket, state, f'source = "{desk.folder}"\ndiscovery = "events"')
    with streaming(desk, config) as until:
        desk.drop("1 é.csv", table(row(1)))
        until(lambda: desk.count() == 1)
    desk.drop("2.csv", table(row(2)))
    with streaming(desk, config) as until:
        desk.drop("3.csv", table(row(3)))
        until(lambda: desk.count() == 3)
    assert desk.states() == {"1 é.csv": ["loaded"], "2.csv": ["loaded"], "3.csv": ["loaded"]}
    assert not (desk.state / "journal").exists()
    assert not (desk.state / "checkpoints").exists()
    names = bucket.names()
    assert "state/checkpoints/x/events/tradewind.json" in names
    assert len([one for one in names if one.startswith("state/journal/x/live/") and one.endswith(".json")]) >= 2
    shown = json.loads(told(desk, config, "checkpoints", "show", "--json"))
    assert (shown["feed"], shown["mode"], shown["damaged"]) == ("x", "events", [])
    assert shown["planned"] == shown["committed"] >= 1
    told(desk, config, "checkpoints", "reset", "x", "--yes")
    assert told(desk, config, "checkpoints", "show", "--json") == ""


@pytest.mark.slow(60)
@pytest.mark.timeout(1200)
def test_a_prefix_in_a_bucket_is_listed_by_spark_itself(desk: Desk, bucket: Bucket) -> None:
    names = ["a b.csv", "plus+.csv", "100%20.csv", "hash#f?q=1.csv", "é 🚀.csv", "{a}[b]*.csv", "a:b.csv", "sub/c.csv"]
    config = configured(desk, bucket, "", f'source = "{bucket.hadoop}/in/"\ndiscovery = "listing"', sweep_every="1h")
    for number, name in enumerate(names):
        bucket.put(f"in/{name}", table(row(number)))
    with streaming(desk, config) as until:
        until(lambda: desk.count() == len(names))
        if isinstance(bucket, S3Bucket):
            bucket.forget()
        bucket.put("in/late.csv", table(row(99)))
        until(lambda: desk.count() == len(names) + 1)
    found = desk.ask("SELECT uri, state FROM tradewind.files")
    assert sorted(found) == sorted((f"{bucket.uri}/in/{name}", "loaded") for name in [*names, "late.csv"])
    if isinstance(bucket, S3Bucket):  # one look for its version, one read; the PUT is ours
        assert bucket.own("late.csv") == ["GetObject", "HeadObject", "PutObject"]
