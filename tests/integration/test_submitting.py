"""`tradewind submit` to the services of Databricks and Kubernetes: the package is brought to where the job reads it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli_tool.run import main
from tests.clouds import databricks_server, kubernetes_server
from tests.clouds.databricks_server import DatabricksServer
from tests.clouds.kubernetes_server import KubernetesServer
from tests.clouds.made_package import made

FEED = '[feeds.spot]\nsource = "s3://market-data/spot/"\nprofile = "binance-spot-trades"\n'
DATABASE = '[database]\nurl = "postgresql://tradewind@db.example.com:5432/trades"\n'


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabricksServer]:
    monkeypatch.setenv("DATABRICKS_TOKEN", databricks_server.TOKEN)
    with DatabricksServer() as server:
        yield server


def run(folder: Path, text: str, capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    """What the program told, line by line."""
    config = folder / "tradewind.toml"
    config.write_text(f"{DATABASE}\n{FEED}\n{text}")
    assert main(["--config", str(config), *words]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_volume_is_filled_in_the_jobs_own_workspace(
    workspace: DatabricksServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = made(tmp_path / "package")
    job = f"""
[jobs.nightly]
kind = "databricks"
host = "{workspace.address}"
packages = "dbfs:/Volumes/main/trades/packages"
node_type = "m5d.large"
spark = "3.5"
secrets.PGPASSWORD = "tradewind/pgpassword"
"""
    words = ("submit", "nightly", "--package", str(tmp_path / "package"), "--token", "a wish", "--json")
    (told,) = run(tmp_path, job, capsys, *words, "--", "backfill", "spot")
    assert (told["kind"], told["state"]) == ("databricks", "pending")
    (sent,) = workspace.asked_for("POST", "runs/submit")
    (task,) = sent.body["tasks"]
    libraries = [path for library in task["libraries"] for path in library.values()]
    entry, environment = task["spark_python_task"]["python_file"], task["spark_python_task"]["parameters"][0]
    for path in (*libraries, entry.removeprefix("dbfs:"), environment.removeprefix("--environment=")):
        assert path in workspace.files
    before = len(workspace.asked_for("PUT", "/fs/files/"))
    (again,) = run(tmp_path, job, capsys, *words, "--", "backfill", "spot")
    assert again["job_id"] == told["job_id"]
    assert len(workspace.asked_for("PUT", "/fs/files/")) == before + 1  # the manifest alone
    brought = f"dbfs:/Volumes/main/trades/packages/{manifest.digest[:16]}"
    (shown,) = run(
        tmp_path, job, capsys, "submit", "nightly", "--package", brought, "--dry-run", "--json", "--", "stream", "spot"
    )
    assert isinstance(shown["request"], dict)
    assert shown["request"]["continuous"]["pause_status"] == "UNPAUSED"


def test_what_the_image_holds_is_brought_nowhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(tmp_path / "package", "3.12", "4.3")
    with KubernetesServer() as server:
        job = f"""
[jobs.nightly]
kind = "kubernetes"
kubeconfig = "{server.kubeconfig(tmp_path).name}"
image = "registry.example.com/trades/spark:4.3.0"
in_image = "/opt/tradewind"
python = "3.12"
spark = "4.3"
secrets.PGPASSWORD = "tradewind-db/password"
"""
        words = ("submit", "nightly", "--package", str(tmp_path / "package"), "--json")
        (told,) = run(tmp_path, job, capsys, *words, "--", "stream", "spot")
        assert (told["kind"], told["state"]) == ("kubernetes", "pending")
        (application,) = server.objects.values()
        assert application["spec"]["mainApplicationFile"] == "local:///opt/tradewind/tradewind_job.py"
        assert application["spec"]["restartPolicy"]["type"] == "Always"
        (ended,) = run(tmp_path, job, capsys, "jobs", "cancel", "nightly", str(told["job_id"]), "--json")
        assert ended["state"] == "cancelled"
        assert {one.headers["authorization"] for one in server.asked} == {f"Bearer {kubernetes_server.TOKEN}"}
