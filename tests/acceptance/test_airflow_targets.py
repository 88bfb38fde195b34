"""Loads that Airflow sends to Spark services, by the providers' own operators with the requests that `submit` shows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter

from cli_tool import submit
from cloud_jobs.job import JobRequest, Package, Size
from cloud_jobs.job_settings import JobSettings
from cloud_jobs.targets import AnyJob, Kind
from tests.acceptance.airflow_home import ROOT, AirflowHome, metadata, tradewind
from tests.acceptance.desk import Desk, row, table
from tests.acceptance.job_desk import JobDesk
from tests.clouds.spark_cluster import SparkCluster, bare_python

PYTHON = ROOT / ".venv-airflow" / "bin" / "python"
JOBS: dict[Kind, dict[str, object]] = {
    "standalone": {"master": "spark://h:7077", "packages": "/p"},
    "yarn": {"resource_manager": "http://rm:8088", "packages": "/p"},
    "emr": {"region": "eu-central-1", "cluster": "j-ABC", "packages": "s3://my-bucket/p"},
    "emr-serverless": {
        "region": "eu-central-1", "application": "00f1", "role": "arn:aws:iam::123456789012:role/x",
        "packages": "s3://my-bucket/p", "logs": "s3://my-bucket/logs/",
    },
    "dataproc": {"project": "my-project", "region": "europe-west3", "cluster": "c", "packages": "gs://my-bucket/p"},
    "dataproc-serverless": {
        "project": "my-project", "region": "europe-west3", "runtime": "2.2", "packages": "gs://my-bucket/p",
        "service_account": "job@my-project.iam.gserviceaccount.com",
    },
    "synapse": {
        "workspace": "https://w.dev.azuresynapse.net", "pool": "pool", "packages": "abfss://c@a.dfs.core.windows.net/p",
    },
    "databricks": {"node_type": "i3.xlarge", "packages": "dbfs:/Volumes/a/b/c/p"},
    "kubernetes": {"image": "i", "packages": "s3://my-bucket/p", "namespace": "n"},
    "kubernetes-submit": {"image": "i", "packages": "s3://my-bucket/p", "namespace": "n", "server": "https://k:6443"},
}  # fmt: skip
PACKAGE = Package(
    "s3://my-bucket/job.py",
    "s3://my-bucket/environment.tar.gz",
    "3.11",
    "x86_64",
    "3.5",
    "s3://my-bucket/t.whl",
    "s3://my-bucket/r.txt",
)
SIZE = Size(4, 9216, 2, 4, 9216)  # one that serverless batches have
JOB = JobRequest("tradewind-x", ("backfill", "spot"), PACKAGE, size=SIZE)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, server: Callable[[int], str]) -> Iterator[AirflowHome]:
    """An Airflow whose loads may run as a job of every kind."""
    jobs = ",".join(f"job-{kind}={kind}" for kind in JOBS)
    environ = {
        "TRADEWIND_FEEDS": "x",
        "TRADEWIND_JOBS": f"{jobs},own=standalone",
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "200",  # all providers at once, on a busy machine
        "AIRFLOW__CORE__DAG_FILE_PROCESSOR_TIMEOUT": "200",
    }
    with metadata(server(18)) as dsn:
        home = AirflowHome(tmp_path_factory.mktemp("airflow"), dsn, environ)
        home.run("db", "migrate")
        yield home


def test_each_kind_has_a_way_in_airflow() -> None:
    assert set(JOBS) == set(get_args(Kind))


@pytest.mark.slow(60)
def test_each_request_becomes_its_providers_operator(home: AirflowHome) -> None:
    jobs = {kind: _settings(kind, table) for kind, table in JOBS.items()}
    requests = {kind: job.target().request(JOB) for kind, job in jobs.items()}
    shown = {kind: {"request": requests[kind], "settings": submit.settings_of(job)} for kind, job in jobs.items()}
    done = subprocess.run(
        [PYTHON, Path(__file__).with_name("airflow_operators.py")], input=json.dumps(shown), text=True,
        capture_output=True, env=home.environment, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    made = json.loads(done.stdout.splitlines()[-1])
    assert {kind: told["operator"] for kind, told in made.items()} == {
        "standalone": "SparkSubmitOperator",
        "yarn": "SparkSubmitOperator",
        "kubernetes-submit": "SparkSubmitOperator",
        "emr": "EmrAddStepsOperator",
        "emr-serverless": "EmrServerlessStartJobOperator",
        "dataproc": "DataprocSubmitJobOperator",
        "dataproc-serverless": "DataprocCreateBatchOperator",
        "synapse": "AzureSynapseRunSparkBatchOperator",
        "databricks": "DatabricksSubmitRunOperator",
        "kubernetes": "SparkKubernetesOperator",
    }
    deferred = {kind for kind, told in made.items() if told["deferrable"]}
    assert deferred == {"emr", "emr-serverless", "dataproc", "dataproc-serverless", "databricks"}
    _hold_what_was_asked({kind: told["fields"] for kind, told in made.items()}, requests)


def _settings(kind: Kind, table: dict[str, object]) -> JobSettings:
    made: JobSettings = TypeAdapter(AnyJob).validate_python({"kind": kind, "spark": "3.5", **table})
    return made


def _hold_what_was_asked(fields: dict[str, Any], requests: dict[Kind, Any]) -> None:
    for kind in ("standalone", "yarn", "kubernetes-submit"):
        assert fields[kind]["application"].endswith("://my-bucket/job.py")  # s3a where Hadoop itself reads it
        assert fields[kind]["application_args"][-2:] == ["backfill", "spot"]
    assert fields["yarn"]["conf"]["spark.yarn.submit.waitAppCompletion"] == "true"
    assert fields["emr"]["steps"] == requests["emr"]["Steps"]
    assert fields["emr-serverless"]["job_driver"] == requests["emr-serverless"]["jobDriver"]
    assert fields["dataproc"]["job"]["pyspark_job"]["main_python_file_uri"] == PACKAGE.entry
    assert fields["dataproc-serverless"]["batch"]["pyspark_batch"]["args"][-2:] == ["backfill", "spot"]
    assert (fields["synapse"]["payload"], fields["synapse"]["spark_pool"]) == (requests["synapse"], "pool")
    assert fields["databricks"]["json"]["tasks"] == requests["databricks"]["tasks"]
    assert fields["kubernetes"]["template_spec"] == requests["kubernetes"]


@pytest.mark.slow(40)
def test_the_dags_with_all_kinds_are_read_without_a_fault(home: AirflowHome) -> None:
    home.run("dags", "reserialize")
    assert home.rows("SELECT filename, stacktrace FROM import_error") == []


@pytest.mark.slow(120)
@pytest.mark.timeout(1200)
def test_a_run_of_the_dag_loads_on_a_standalone_cluster(
    home: AirflowHome, migrated_postgres: str, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "machines").mkdir()
    desk = Desk(tmp_path / "in", tmp_path / "state", migrated_postgres, None)
    desk.state.mkdir()
    desk.drop("2026-01-05.csv", table(row(1), row(2)))
    with SparkCluster(tmp_path / "machines", workers=1) as cluster:
        job = JobDesk(desk, cluster.master, cluster.environ, bare_python(cluster.folder))
        job.configure()
        place = replace(home, environ={**home.environ, **_environ(job, cluster)})
        asked = json.dumps({"target": "own", "from": "2026-01-05", "to": "2026-01-05"})
        said = place.run("dags", "test", "trade_ingest", "2026-01-06", "-c", asked, patience=900)
        assert desk.count() == 2, said[-5000:]
        assert {app["name"] for app in cluster.state()["completedapps"]} == {"tradewind-own"}
    shutil.rmtree(home.folder / "package-own")


def _environ(job: JobDesk, cluster: SparkCluster) -> dict[str, str]:
    host, port = cluster.master.removeprefix("spark://").split(":")
    connection = {"conn_type": "spark", "host": f"spark://{host}", "port": int(port)}
    return {
        **{name: cluster.environ[name] for name in ("JAVA_HOME", "SPARK_HOME", "SPARK_LOCAL_IP", "TMPDIR")},
        "PATH": f"{cluster.home / 'bin'}{os.pathsep}{ROOT / '.venv-airflow' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "AIRFLOW_CONN_TRADEWIND_OWN": json.dumps(connection),
        "TRADEWIND_COMMAND": str(tradewind(job.desk.state)),
        "TRADEWIND_CONFIG": str(job.config),
        "TRADEWIND_DATABASE_URL": job.desk.dsn,
    }
