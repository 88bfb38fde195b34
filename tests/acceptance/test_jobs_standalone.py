"""Packed and submitted to real clusters of this machine, whose Pythons know nothing of Tradewind."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from cloud_jobs.archive import CONFIG, ENVIRONMENT, Manifest
from cloud_jobs.drivers import Drivers
from cloud_jobs.job import JobId
from tests.acceptance.desk import Desk
from tests.acceptance.job_desk import PATIENCE, JobDesk, lines
from tests.acceptance.test_crashes import BOOKED, TRADES, clean_load, command, ended, fill
from tests.clouds.spark_cluster import SparkCluster, bare_python, environment

pytestmark = [pytest.mark.timeout(1200)]
SMALL = "max_files = 4"
LOCAL_CLUSTER = "local-cluster[2,1,1024]"


@pytest.fixture(scope="module")
def masters(machines: Path) -> Iterator[SparkCluster]:
    with SparkCluster(machines) as cluster:
        yield cluster


@pytest.fixture
def on(desk: Desk, machines: Path, packed: Path) -> Any:
    """A desk whose jobs go to a master."""

    def made(master: str) -> JobDesk:
        job_desk = JobDesk(desk, master, environment(machines), bare_python(machines))
        job_desk.configure()
        job_desk.take(packed)
        return job_desk

    return made


@pytest.mark.slow(150)
def test_a_backfill_on_a_standalone_cluster_of_bare_pythons_is_as_one_here(on: Any, masters: SparkCluster) -> None:
    job = on(masters.master)
    fill(job.desk)
    told = lines(job.run("submit", "own", "--wait", "--json", "--", "backfill", "x"))[-1]
    assert (told["state"], told["exit_code"]) == ("succeeded", 0)
    there = job.desk.ask(TRADES), job.desk.ask(BOOKED)
    assert len(there[0]) == 20 * 20 + 1
    assert {app["name"] for app in masters.state()["completedapps"]} == {"tradewind-own"}
    assert list(masters.folder.glob("work-*/app-*/*/environment/tradewind_environment.json"))  # executors had work
    assert clean_load(job.desk) == there


@pytest.mark.slow(120)
def test_driver_and_executors_use_the_packed_environment_alone(on: Any, masters: SparkCluster, packed: Path) -> None:
    job = on(masters.master)
    probe = job.desk.state / "probe.py"
    probe.write_text(PROBE.replace("ENTRY", str(packed / "tradewind_job.py")))
    request = json.loads(job.run("submit", "own", "--dry-run", "--package", str(packed), "--json", "--", "doctor"))
    words = request["request"]["command"]
    at = next(n for n, word in enumerate(words) if word.endswith("tradewind_job.py"))
    told = job.desk.state / "told.json"
    environment = str(packed / ENVIRONMENT)
    words = [word.replace(_uri(words), environment) for word in words[:at]]
    drivers = Drivers(job.work)
    command = [str(masters.home / "bin" / words[0]), *words[1:], str(probe), environment, str(told)]
    job_id = drivers.start("probe", command, masters.environ, forever=False)
    assert _ended(drivers, job_id) == 0, job.logs()
    for place in json.loads(told.read_text()):
        for module, file in place["modules"].items():
            assert file.startswith(place["environment"] + "/"), (module, file)
        others = [path for path in place["path"] if path.endswith("site-packages") and "/bare/" not in path]
        assert others == []  # and the bare one's is empty
    assert {place["who"] for place in json.loads(told.read_text())} == {"driver", "executor"}


PROBE = """
import importlib, json, os, runpy, sys
entry = runpy.run_path("ENTRY", run_name="probe")
entry["check_machine"]()
sys.path.insert(0, entry["found"](sys.argv[1]))
NAMES = ["streaming.tasks", "sinks.staging", "triggers.stores", "pyarrow", "psycopg2", "pydantic", "pandas", "numpy",
         "structlog", "boto3", "azure.storage.blob", "google.cloud.storage"]

def looked(who, folder):
    modules = {name: importlib.import_module(name).__file__ for name in NAMES}
    return {"who": who, "modules": modules, "path": [p for p in sys.path if "bare" in p or "packages" in p],
            "environment": folder}

def there(batches):
    import pyarrow as pa
    for batch in batches:
        yield pa.RecordBatch.from_pylist([{"told": json.dumps(looked("executor", os.path.abspath("environment")))}])

from pyspark.sql import SparkSession
session = SparkSession.builder.getOrCreate()
rows = session.range(0, 4, 1, 4).mapInArrow(there, "told string").collect()
found = [json.loads(row.told) for row in rows] + [looked("driver", sys.path[0])]
with open(sys.argv[2], "w") as file:
    json.dump(found, file)
session.stop()
"""


def _uri(words: list[str]) -> str:
    archives = next(word for word in words if word.startswith("spark.archives="))
    return archives.removeprefix("spark.archives=").removesuffix("#environment")


def _ended(drivers: Drivers, job_id: JobId) -> int | None:
    deadline = time.monotonic() + PATIENCE
    while not (status := drivers.status(job_id)).ended:
        assert time.monotonic() < deadline, "it did not end in time"
        time.sleep(0.2)
    return status.exit_code


@pytest.mark.slow(180)
def test_an_executor_killed_in_the_middle_changes_nothing(on: Any) -> None:
    job = on(LOCAL_CLUSTER)
    job.configure(batch=SMALL)
    fill(job.desk, 60)
    running = job.start("submit", "own", "--wait", "--json", "--", "backfill", "x")
    _until(lambda: job.desk.count() > 0, running, job)
    _executors(job)[0].kill()
    said, told = running.communicate(timeout=PATIENCE)
    assert running.returncode == 0, f"{said}\n{told}\n{job.logs()}"
    assert "Lost executor" in job.logs() or "lost" in job.logs()
    there = job.desk.ask(TRADES), job.desk.ask(BOOKED)
    job.desk.run("TRUNCATE tradewind.trades, tradewind.trade_revisions, tradewind.rejects, tradewind.files CASCADE")
    code, said = ended(command(job.desk, "backfill", "x", batch=SMALL))  # cut into the same batches, so booked alike
    assert code == 0, said
    assert (job.desk.ask(TRADES), job.desk.ask(BOOKED)) == there


def _executors(job: JobDesk) -> list[psutil.Process]:
    """The Javas that the driver of this desk's job started to work."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any(word.endswith("CoarseGrainedExecutorBackend") for word in words) and _of(process, job):
            found.append(process)
    assert found, job.logs()
    return found


def _of(process: psutil.Process, job: JobDesk) -> bool:
    return any(str(job.work) in word for parent in process.parents() for word in parent.cmdline())


def _until(true: Any, running: Any, job: JobDesk) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert running.poll() is None, f"{running.communicate()}\n{job.logs()}"
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)  # between two looks


@pytest.mark.slow(60)
def test_a_cluster_with_another_python_is_refused_in_one_clear_line(on: Any) -> None:
    job = on(LOCAL_CLUSTER)
    job.configure(python="3.12")
    job.run("submit", "own", "--wait", "--json", "--", "backfill", "x", code=2)
    said = [line for line in job.logs().splitlines() if line.startswith("tradewind: ")]
    assert len(said) == 1
    assert "this package is for Python 3.12, and the cluster runs CPython 3.11" in said[0]
    assert "tradewind package --python 3.11" in said[0]


@pytest.mark.slow(60)
def test_the_same_is_packed_as_the_same_bytes_and_holds_no_secret(
    on: Any, packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = on(LOCAL_CLUSTER)
    secret = tmp_path / "password"
    secret.write_text("only-the-file-knows-it")
    job.config.write_text(
        job.config.read_text() + f'[database]\nurl = "postgresql://me@db.example/x"\npassword_file = "{secret}"\n'
    )
    first, second = tmp_path / "first", tmp_path / "second"
    for out in (first, second):
        job.run("package", "own", "--out", str(out), "--json")
    assert _bytes(first) == _bytes(second)
    manifest = Manifest.read((first / "manifest.json").read_text())
    assert manifest.needs == ("PGPASSWORD",)
    assert (packed / ENVIRONMENT).read_bytes() == (first / ENVIRONMENT).read_bytes()
    for name, content in _bytes(first).items():
        assert b"only-the-file-knows-it" not in content, name
        assert str(tmp_path).encode() not in content.replace(str(job.desk.folder).encode(), b"").replace(
            str(tmp_path / "shared").encode(), b""), name  # fmt: skip
    assert "password_file" not in (first / CONFIG).read_text()


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
