"""What EMR and Dataproc are sent is run as they are told to, by a Spark whose Pythons know nothing of Tradewind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.desk import Desk
from tests.acceptance.job_desk import JobDesk, lines
from tests.acceptance.test_crashes import BOOKED, TRADES, clean_load, fill
from tests.clouds import aws_environment, emr, emr_serverless
from tests.clouds.dataproc import CLUSTER, PROJECT, DataprocServer
from tests.clouds.dataproc import REGION as GOOGLES_REGION
from tests.clouds.fake_gcs import FakeGcs
from tests.clouds.job_service import JobService
from tests.clouds.moto_server import MotoServer
from tests.clouds.spark_cluster import bare_python, environment
from tests.clouds.spark_runner import SparkRunner

pytestmark = [pytest.mark.timeout(1200)]
Asked = tuple[str, str, Sequence[str], Mapping[str, str]]  # entry, archive, arguments, conf


@pytest.fixture
def job(desk: Desk, machines: Path, packed: Path, monkeypatch: pytest.MonkeyPatch) -> JobDesk:
    """Whoever submits has credentials for the clouds of this machine."""
    aws_environment.environment(monkeypatch)
    made = JobDesk(desk, "", environment(machines), bare_python(machines))
    made.take(packed)
    return made


@pytest.fixture
def aws(moto: MotoServer) -> Iterator[MotoServer]:
    """An account whose bucket takes packages."""
    moto.reset()
    moto.bucket("trade-jobs")
    with ExitStack() as stack:
        stack.enter_context(emr.mended(moto))
        stack.enter_context(emr_serverless.mended())
        yield moto


def configure(
    job: JobDesk, kind: str, more: Mapping[str, object], secrets: Mapping[str, str], tables: str = ""
) -> None:
    shared = job.desk.state.parent / "shared"
    shared.mkdir(exist_ok=True)
    own = "\n".join(f"{key} = {value!r}" for key, value in more.items())
    named = "\n".join(f"{key} = {value!r}" for key, value in secrets.items())
    job.config.write_text(
        f'[state]\ndir = "{job.desk.state}"\njournal = "{shared}/journal"\ncheckpoints = "{shared}/checkpoints"\n'
        f'{tables}\n[batch]\ndriver_files = 0\n[feeds.x]\nsource = "{job.desk.folder}"\nprofile = "demo-exchange"\n'
        f'max_rejects = "50%"\n[jobs.own]\nkind = "{kind}"\n{own}\n[jobs.own.secrets]\n{named}\n'
        "[jobs.own.size]\ndriver_memory = 512\nexecutor_memory = 512\n"
    )


def secret(aws: MotoServer, job: JobDesk) -> dict[str, str]:
    """The database's address, in the cloud's store alone."""
    made = aws.client("secretsmanager").create_secret(Name="tradewind-db", SecretString=job.desk.dsn)
    return {"TRADEWIND_DATABASE_URL": str(made["ARN"])}


def object_of(aws: MotoServer, uri: str) -> bytes:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    content: bytes = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return content


def pairs(words: Sequence[str]) -> dict[str, str]:
    """`--conf name=value` of a command line."""
    told = [words[n + 1].partition("=") for n, word in enumerate(words) if word == "--conf"]
    return {name: value for name, _, value in told}


def goes_through(job: JobDesk, service: JobService, asked: Callable[[], Asked], runner: SparkRunner) -> None:
    """Submitted, done as the service was asked to, seen to its end; the tables are those of a load here."""
    fill(job.desk)
    told = lines(job.run("submit", "own", "--json", "--", "backfill", "x"))[-1]
    assert told["state"] == "pending"
    service.bring(told["job_id"], "running")
    assert runner.run(*asked()) == 0, runner.said
    service.bring(told["job_id"], "succeeded")
    assert lines(job.run("jobs", "status", "own", told["job_id"], "--json"))[-1]["state"] == "succeeded"
    there = job.desk.ask(TRADES), job.desk.ask(BOOKED)
    assert len(there[0]) == 20 * 20 + 1
    assert clean_load(job.desk) == there


def runner_of(aws: MotoServer, job: JobDesk, machines: Path, tmp_path: Path) -> SparkRunner:
    """With the identity that the job has on AWS, and AWS where the test has it."""
    role = {**aws_environment.ENVIRONMENT, "AWS_ENDPOINT_URL": aws.endpoint}
    folder = tmp_path / "container"
    folder.mkdir()
    return SparkRunner(machines, folder, lambda uri: object_of(aws, uri), role)


@pytest.mark.slow(100)
def test_a_job_run_of_emr_serverless_loads_the_trades_with_the_secret_of_its_role(
    job: JobDesk, aws: MotoServer, machines: Path, tmp_path: Path
) -> None:
    service = emr_serverless.EmrServerlessService(aws)
    more = service.settings.model_dump(include={"packages", "region", "endpoint", "application", "role", "logs"})
    configure(job, "emr-serverless", {**more, "interpreter": str(job.python)}, secret(aws, job), s3_of(aws))

    def asked() -> Asked:
        submit: Any = service.runs[-1].job_driver["sparkSubmit"]  # type: ignore[index]
        conf = pairs(submit["sparkSubmitParameters"].split(" "))
        assert conf["spark.emr-serverless.driverEnv.PYSPARK_PYTHON"] == str(job.python)
        conf = {**conf, "spark.pyspark.python": str(job.python)}  # what the service does with its driver's environment
        return submit["entryPoint"], conf["spark.archives"], submit["entryPointArguments"], conf

    goes_through(job, service, asked, runner_of(aws, job, machines, tmp_path))
    assert aws.count("GetSecretValue") == 1


@pytest.mark.slow(100)
def test_a_step_of_emr_loads_the_trades_with_the_secret_of_its_role(
    job: JobDesk, aws: MotoServer, machines: Path, tmp_path: Path
) -> None:
    service = emr.EmrService(aws)
    more = service.settings.model_dump(include={"packages", "region", "endpoint", "cluster", "logs"})
    configure(job, "emr", {**more, "interpreter": str(job.python)}, secret(aws, job), s3_of(aws))

    def asked() -> Asked:
        words = service.steps()[-1].args
        at = next(n for n, word in enumerate(words) if word.endswith(".py"))
        conf = pairs(words[:at])
        return words[at], conf["spark.archives"], words[at + 1 :], conf

    goes_through(job, service, asked, runner_of(aws, job, machines, tmp_path))
    assert aws.count("GetSecretValue") == 1


def s3_of(aws: MotoServer) -> str:
    return f'[s3]\nendpoint = "{aws.endpoint}"\nregion = "{aws.region}"\n'


@pytest.mark.slow(100)
def test_a_job_of_dataproc_loads_the_trades(job: JobDesk, gcs: FakeGcs, machines: Path, tmp_path: Path) -> None:
    from tests.clouds.dataproc_services import DataprocService

    bucket = gcs.bucket()
    with DataprocServer() as server:
        service = DataprocService(server)
        more = {
            "packages": f"gs://{bucket.name}/tradewind", "project": PROJECT, "region": GOOGLES_REGION,
            "endpoint": server.endpoint, "cluster": CLUSTER, "interpreter": str(job.python),
        }  # fmt: skip
        tables = f'[gcs]\nendpoint = "{gcs.endpoint}"\nanonymous = true\n[database]\nurl = "{job.desk.dsn}"\n'
        configure(job, "dataproc", more, {}, tables)

        def asked() -> Asked:
            (told,) = server.jobs.values()
            conf = dict(told.pyspark_job.properties)
            spark = told.pyspark_job
            return spark.main_python_file_uri, conf["spark.archives"], list(spark.args), conf

        folder = tmp_path / "container"
        folder.mkdir()
        goes_through(job, service, asked, SparkRunner(machines, folder, lambda uri: blob_of(bucket, uri), {}))


def blob_of(bucket: Any, uri: str) -> bytes:
    content: bytes = bucket.blob(uri.removeprefix(f"gs://{bucket.name}/")).download_as_bytes()
    return content
