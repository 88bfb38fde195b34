"""What the containers run, run for real without them: each service's command and health check, on a PostgreSQL that
asks for the passwords of docker/secrets."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from tests.docker.built import build
from tests.docker.composed import DOCKER, ROOT
from tests.docker.outside import Outside, postgres, token, tradewind_of

LINE = "123456789,61000.10,0.00200000,122.0002,1735689600123456,True,True\n"
PATIENCE = 120.0  # seconds


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """Made by docker/up.sh itself."""
    copytree(DOCKER, tmp_path / "docker", ignore=lambda _, names: {"secrets", "inbox"} & set(names))
    idle = tmp_path / "idle" / "docker"
    idle.parent.mkdir()
    idle.write_text("#!/bin/sh\n")
    idle.chmod(0o755)
    environ = {**os.environ, "PATH": f"{idle.parent}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(["bash", tmp_path / "docker" / "up.sh"], env=environ, check=True, capture_output=True, timeout=60)
    return tmp_path / "docker" / "secrets"


def _outside(folder: Path, secrets: Path, tradewind: Path) -> Outside:
    made = Outside(folder, tradewind)
    copytree(secrets, made.place("/run/secrets"))
    made.place("/run/secrets").chmod(0o755)  # in a container it is: each file is mounted by itself
    return made


@pytest.fixture
def outside(tmp_path: Path, secrets: Path, server: Callable[[int], str]) -> Iterator[Outside]:
    """On a database that is made and migrated."""
    server(18)  # which adds the user that PostgreSQL runs as
    made = _outside(tmp_path / "containers", secrets, tradewind_of(tmp_path / "environment"))
    with postgres(made):
        made.run("migrate")
        yield made


@pytest.mark.slow(90)
def test_of_what_the_dockerfile_builds_the_stream_loads_and_the_page_shows_it(
    tmp_path: Path, secrets: Path, server: Callable[[int], str]
) -> None:
    server(18)
    built = build("api", tmp_path / "image")
    outside = _outside(tmp_path / "containers", secrets, built / "opt" / "tradewind")
    with postgres(outside):
        outside.run("migrate")
        with outside.running("stream", "api"):
            outside.place("/data/spot/BTCUSDT-trades-2025-01-01.csv").write_text(LINE)
            ask = _asking(outside, token(outside))
            _wait_for(lambda: ask("/api/v1/summary")["feeds"][0]["records"] == 1, outside, "stream")
            page = urllib.request.urlopen(f"http://127.0.0.1:{outside.ports['api']}/", timeout=10).read().decode()
            assert "tw-root" in page or "<script" in page
        assert outside.health("stream") != 0 != outside.health("api")


@pytest.mark.slow(60)
@pytest.mark.parametrize(("cloud", "feed"), [("aws", "s3"), ("azure", "azure"), ("gcs", "gcs")])
def test_a_clouds_stand_in_tells_the_stream_beside_it(cloud: str, feed: str, outside: Outside, tmp_path: Path) -> None:
    file = tmp_path / "BTCUSDT-trades-2025-01-01.csv"
    file.write_text(LINE)
    config = str(outside.place("/run/tradewind/tradewind.toml"))
    with outside.running(cloud):
        with outside.running(f"stream-{cloud}"):
            _stand_in("put", config, str(file))
            listing = ["tradewind", "files", "list", "--feed", feed, "--state", "loaded", "--json"]
            _wait_for(lambda: bool(outside.run(f"stream-{cloud}", *listing).strip()), outside, f"stream-{cloud}")
        (loaded,) = map(json.loads, outside.run(f"stream-{cloud}", *listing).splitlines())
        assert (loaded["records"], loaded["seen_by"]) == (1, "events")


@pytest.mark.slow(150)
@pytest.mark.timeout(600)
def test_airflow_in_its_services_loads_a_day(outside: Outside) -> None:
    outside.place("/data/spot/BTCUSDT-trades-2025-01-01.csv").write_text(LINE)
    outside.run("airflow-migrate")
    servers = ("airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer")
    with outside.running(*servers):
        ask = _asking(outside, _airflow_token(outside), "airflow")
        _wait_for(lambda: _has(ask, "trade_ingest"), outside, "airflow-dag-processor")
        outside.run("airflow-scheduler", "airflow", "dags", "unpause", "trade_ingest")
        day = {"from": "2025-01-01", "to": "2025-01-01"}
        outside.run(
            "airflow-scheduler", "airflow", "dags", "trigger", "-r", "by-hand", "-c", json.dumps(day), "trade_ingest"
        )
        state = "/api/v2/dags/trade_ingest/dagRuns/by-hand"
        _wait_for(lambda: ask(state)["state"] in ("success", "failed"), outside, "airflow-scheduler", 300)
        assert ask(state)["state"] == "success", outside.said("airflow-scheduler")
    (loaded,) = map(json.loads, outside.run("stream", "tradewind", "files", "list", "--json").splitlines())
    assert (loaded["state"], loaded["inserted"]) == ("loaded", 1)


def _has(ask: Callable[[str], Any], dag: str) -> bool:
    return dag in [one["dag_id"] for one in ask("/api/v2/dags?limit=100")["dags"]]


def _airflow_token(outside: Outside) -> str:
    """The user's of docker/secrets/airflow_users."""
    (user, password), *_ = json.loads(outside.place("/run/secrets/airflow_users").read_text()).items()
    told = json.dumps({"username": user, "password": password}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{outside.ports['airflow']}/auth/token", told, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(json.load(answer)["access_token"])


def _asking(outside: Outside, bearer: str, port: str = "api") -> Callable[[str], Any]:
    def ask(path: str) -> Any:
        address = f"http://127.0.0.1:{outside.ports[port]}{path}"
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {bearer}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    return ask


def _stand_in(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "tests.clouds.stand_in", *words], cwd=ROOT, check=True, timeout=60)


def _wait_for(true: Callable[[], bool], outside: Outside, name: str, patience: float = PATIENCE) -> None:
    """Until it is so: another program's doing, of which nothing tells us."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, outside.said(name)
        time.sleep(0.3)
