"""`package`, `submit` and `jobs` without a cluster: what is sent where, what is refused, what is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli_tool.run import main
from cloud_jobs import archive_environment, secret_stores
from cloud_jobs.archive import Manifest

if TYPE_CHECKING:
    from tests.clouds.moto_server import MotoServer

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
Run = Callable[..., str]
PROGRAM = """#!/bin/sh
for word; do last=$word; done
case "$last" in
    well) echo done ;;
    *) echo "tradewind: the reason" >&2; exit 3 ;;
esac
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A configuration with a job `own`; its wheels are one small file, its spark-submit a shell's."""

    def install(requirements: Path, python: str, architecture: str, folder: Path) -> None:
        folder.mkdir()
        (folder / "wheel.py").write_text(f"# {requirements.name} {python} {architecture}")

    monkeypatch.setattr(archive_environment, "install", install)
    monkeypatch.chdir(tmp_path)
    program = tmp_path / "spark-submit"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    path = tmp_path / "tradewind.toml"
    path.write_text(
        '[state]\njournal = "/shared/journal"\ncheckpoints = "/shared/checkpoints"\n'
        '[feeds.well]\nsource = "/in"\nprofile = "demo-exchange"\n'
        '[feeds.ill]\nsource = "/no"\nprofile = "demo-exchange"\n'
        f'[jobs.own]\nkind = "standalone"\nmaster = "spark://h:7077"\npackages = "depot"\npython = "{HERE}"\n'
        f'spark_submit = "{program}"\nwork = "jobs"\n'
    )
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", "postgresql://me@db/x")
    yield path


@pytest.fixture
def run(config: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """The program; what it said on stdout, or on stderr where it ends otherwise than with 0."""

    def ran(*words: str, code: int = 0) -> str:
        capsys.readouterr()
        ended = main(["--config", str(config), *words])
        said = capsys.readouterr()
        assert ended == code, said.err
        return said.err if code else said.out

    return ran


def test_a_package_is_brought_there_once_and_its_address_is_a_package_too(run: Run, tmp_path: Path) -> None:
    first = json.loads(run("package", "own", "--upload", "--json"))
    depot = tmp_path / "depot"
    sent = {path: path.stat().st_mtime_ns for path in depot.rglob("*.*") if path.name != "manifest.json"}
    assert {path.name for path in sent} == {part["name"] for part in first["parts"]}
    again = json.loads(run("package", "own", "--upload", "--json"))
    assert again["address"] == first["address"]
    assert {path: path.stat().st_mtime_ns for path in sent} == sent
    shown = json.loads(
        run("submit", "own", "--package", first["address"], "--dry-run", "--json", "--", "backfill", "well")
    )
    entry = next(word for word in shown["request"]["command"] if word.endswith("tradewind_job.py"))
    assert Path(entry).read_text().startswith('"""The first file that runs on a cluster')


def test_a_dry_run_sends_nothing(run: Run, tmp_path: Path) -> None:
    run("submit", "own", "--dry-run", "--", "backfill", "well")
    assert not (tmp_path / "depot").exists()
    assert not (tmp_path / "jobs").exists()


def test_what_was_packed_for_the_same_is_used_again(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("submit", "own", "--dry-run", "--", "backfill", "well")

    def install(*_: object) -> None:
        raise AssertionError("the environment was there")

    monkeypatch.setattr(archive_environment, "install", install)
    run("submit", "own", "--dry-run", "--", "backfill", "ill")


@pytest.mark.parametrize(("feed", "code"), [("well", 0), ("ill", 3)])
def test_waiting_ends_with_the_commands_own_code(run: Run, feed: str, code: int) -> None:
    run("submit", "own", "--wait", "--json", "--", "backfill", feed, code=code)


def test_a_job_is_looked_at_and_ended_by_its_id(run: Run) -> None:
    told = json.loads(run("submit", "own", "--json", "--", "backfill", "well"))
    while (found := json.loads(run("jobs", "status", "own", told["job_id"], "--json")))["state"] == "running":
        pass
    assert (found["state"], found["exit_code"]) == ("succeeded", 0)
    assert run("jobs", "logs", "own", told["job_id"]) == "done\n"
    run("jobs", "cancel", "own", told["job_id"])


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("submit", "owm", "--dry-run", "--", "backfill", "well"), 2, "no job is called 'owm'; there are own"),
        (("submit", "own", "--dry-run", "--", "serve"), 2, "'serve' is no command for a cluster"),
        (("submit", "own", "--dry-run", "--", "backfill", "wel"), 2, "did you mean 'well'"),
        (("submit", "own", "--dry-run", "--", "backfill", "well", "--frm=x"), 2, "No such option"),
        (("submit", "own", "--dry-run", "--package", "/none", "--", "backfill", "well"), 2, "/none is no package"),
        (("package", "--python", "2.7"), 2, "--python is one of 3.11"),
        (("package", "--out", "spark-submit"), 2, "spark-submit could not be written"),
        (("package", "--upload"), 2, "--upload needs the name of a job"),
        (("jobs", "status", "own", "nobody"), 1, "no driver 'nobody' was started here"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_is_said_before_anything_is_sent(
    run: Run, words: tuple[str, ...], code: int, told: str, tmp_path: Path
) -> None:
    assert told in " ".join(run(*words, code=code).split())
    assert not (tmp_path / "depot").exists()


def test_ctrl_c_ends_the_waiting_and_not_the_job(run: Run, config: Path, tmp_path: Path) -> None:
    (tmp_path / "spark-submit").write_text("#!/bin/sh\nexec sleep 600\n")
    run("package", "own", "--out", "mine")
    words = [
        "--config",
        str(config),
        "submit",
        "own",
        "--package",
        "mine",
        "--wait",
        "--json",
        "--",
        "backfill",
        "well",
    ]
    waiting = subprocess.Popen(
        [sys.executable, "-m", "cli_tool.run", *words], stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert waiting.stderr is not None
    first = waiting.stderr.readline()
    assert first.startswith("own runs as "), first
    waiting.send_signal(signal.SIGINT)
    _, told = waiting.communicate(timeout=60)
    job_id = first.split()[-1]
    assert waiting.returncode == 130, told
    assert f"own goes on as {job_id}" in told
    assert f"tradewind jobs cancel own {job_id}" in told
    assert json.loads(run("jobs", "status", "own", job_id, "--json"))["state"] == "running"
    run("jobs", "cancel", "own", job_id)
    while json.loads(run("jobs", "status", "own", job_id, "--json"))["state"] == "running":
        pass


def test_a_package_for_another_cluster_is_refused(run: Run, tmp_path: Path) -> None:
    run("package", "--python", "3.13" if HERE != "3.13" else "3.12", "--out", "other")
    told = run("submit", "own", "--dry-run", "--package", "other", "--", "backfill", "well", code=2)
    assert f"jobs.own.python is {HERE}" in told


def test_a_database_that_nobody_names_is_asked_for_before_anything_is_packed(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TRADEWIND_DATABASE_URL")
    told = run("submit", "own", "--dry-run", "--", "backfill", "well", code=2)
    assert "[jobs.own.secrets] TRADEWIND_DATABASE_URL" in told
    assert "set it in the environment of `tradewind submit`" in told
    assert not (tmp_path / "state").exists()  # nothing is packed that could not be sent


def test_a_changed_package_is_not_sent(run: Run, tmp_path: Path) -> None:
    run("package", "own", "--out", "mine")
    (tmp_path / "mine" / "tradewind_job.py").write_text("import this\n")
    told = run("submit", "own", "--package", "mine", "--", "backfill", "well", code=2)
    assert "tradewind_job.py is not what manifest.json says" in told


def test_a_bucket_holds_packages_too(run: Run, config: Path, aws: MotoServer) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="jobs-of-trades", CreateBucketConfiguration={"LocationConstraint": aws.region})
    config.write_text(
        f'{config.read_text()}[s3]\nendpoint = "{aws.endpoint}"\nregion = "{aws.region}"\n[jobs.emr]\nkind = "emr"\n'
        f'region = "{aws.region}"\ncluster = "j-ABC"\npackages = "s3://jobs-of-trades/p"\npython = "{HERE}"\n'
        "[jobs.emr.secrets]\n"
        'TRADEWIND_DATABASE_URL = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"\n'
    )
    address = json.loads(run("package", "emr", "--upload", "--json"))["address"]
    names = [one["Key"] for one in s3.list_objects_v2(Bucket="jobs-of-trades")["Contents"]]
    assert len(names) == 6
    digest = address.rpartition("/")[2]
    body = s3.get_object(Bucket="jobs-of-trades", Key=f"p/{digest}/manifest.json")["Body"].read()
    manifest = Manifest.read(body)
    assert manifest.digest.startswith(digest)
    shown = json.loads(run("submit", "emr", "--package", address, "--dry-run", "--json", "--", "backfill", "well"))
    words = shown["request"]["Steps"][0]["HadoopJarStep"]["Args"]
    entry = manifest.part("tradewind_job.py")
    assert f"s3://jobs-of-trades/p/{entry.sha256[:16]}/tradewind_job.py" in words
    assert any(word.startswith("--secret=TRADEWIND_DATABASE_URL=aws=arn:") for word in words)


def test_a_secret_of_aws_is_read_where_the_job_runs(aws: MotoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
    client = aws.client("secretsmanager")
    arn = client.create_secret(Name="tradewind/pg", SecretString="correct horse")["ARN"]
    assert secret_stores.resolved([["PGPASSWORD", "aws", arn]]) == {"PGPASSWORD": "correct horse"}
    with pytest.raises(
        secret_stores.SecretsMissing, match=r"PGPASSWORD: .* could not be read: ResourceNotFound"
    ) as error:
        secret_stores.resolved([["PGPASSWORD", "aws", arn.replace("tradewind", "nobody")]])
    assert "correct horse" not in str(error.value)
