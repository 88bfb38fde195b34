"""What EMR and Dataproc are sent, by what the request says; and each state of theirs in the one vocabulary."""

import json
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import botocore.session
import pytest
from google.cloud import dataproc_v1

from cloud_jobs import aws, dataproc, dataproc_serverless, emr_cluster, emr_serverless, emr_steps
from cloud_jobs.dataproc import DataprocSettings
from cloud_jobs.dataproc_serverless import DataprocServerlessSettings
from cloud_jobs.emr import EmrCluster, EmrSettings
from cloud_jobs.emr_serverless import EmrServerlessSettings
from cloud_jobs.errors import Refused, TargetError
from cloud_jobs.job import STATES, JobRequest, Size, Target
from cloud_jobs.states import state_of
from tests.clouds.job_service import SECRET, a_job

SERVERLESS = EmrServerlessSettings(
    packages="s3://trade-jobs",
    region="eu-central-1",
    application="00f1abcd2efg3h4i",
    role="arn:aws:iam::123456789012:role/tradewind-job",
    logs="s3://trade-logs/tradewind/",
)
STEP = EmrSettings(packages="s3://trade-jobs", region="eu-central-1", cluster="j-2AXXXXXXGAPLF")
CLUSTER = DataprocSettings(
    packages="gs://trade-jobs", project="trades-project", region="europe-west3", cluster="trades"
)
BATCH = DataprocServerlessSettings(
    packages="gs://trade-jobs",
    project="trades-project",
    region="europe-west3",
    runtime="2.2",
    service_account="tradewind-job@trades-project.iam.gserviceaccount.com",
)
TARGETS: dict[str, Target] = {
    "emr": STEP.target(),
    "emr-serverless": SERVERLESS.target(),
    "dataproc": CLUSTER.target(),
    "dataproc-serverless": BATCH.target(),
}


def large(job: JobRequest) -> JobRequest:
    """A size that every service has."""
    return replace(job, size=Size(4, 8192, 3, 4, 8192))


def aws_enum(service: str, shape: str) -> set[str]:
    found: Any = botocore.session.get_session().get_service_model(service).shape_for(shape)
    return set(found.enum)


def google_enum(of: Any) -> set[str]:
    return {state.name for state in of} - {"STATE_UNSPECIFIED"}


@pytest.mark.parametrize(
    ("ours", "words", "theirs"),
    [
        (emr_steps.STATES, emr_steps.ServiceState, aws_enum("emr", "StepState")),
        (emr_cluster.STATES, emr_cluster.ServiceState, aws_enum("emr", "ClusterState")),
        (emr_serverless.STATES, emr_serverless.ServiceState, aws_enum("emr-serverless", "JobRunState")),
        (dataproc.STATES, dataproc.ServiceState, google_enum(dataproc_v1.JobStatus.State)),
        (dataproc_serverless.STATES, dataproc_serverless.ServiceState, google_enum(dataproc_v1.Batch.State)),
    ],
    ids=["step", "cluster", "job run", "job", "batch"],
)
def test_every_state_that_the_client_knows_has_a_place_in_the_vocabulary(
    ours: Mapping[str, str], words: Any, theirs: set[str]
) -> None:
    assert set(ours) == set(get_args(words)) == theirs
    assert set(ours.values()) <= set(STATES)


def test_a_state_that_nobody_knows_is_an_error_that_names_it() -> None:
    with pytest.raises(Refused, match="EMR says 'HIBERNATING'"):
        state_of("HIBERNATING", emr_steps.STATES, "EMR")


@pytest.mark.parametrize("kind", TARGETS)
def test_what_the_user_sets_for_spark_wins(kind: str) -> None:
    job = large(a_job())
    conf = {"spark.executor.memory": "9g", "spark.dynamicAllocation.enabled": "true"}
    told = json.dumps(TARGETS[kind].request(replace(job, conf=conf)))
    assert "8192m" in told  # the driver's
    assert "9g" in told
    assert told.count("spark.executor.memory") == 1
    assert told.count("spark.dynamicAllocation.enabled") == 1


@pytest.mark.parametrize("kind", TARGETS)
def test_a_secret_is_a_reference_among_the_programs_own_arguments(kind: str) -> None:
    told = TARGETS[kind].request(large(a_job()))
    arguments = _arguments(told)
    assert f"--secret=PGPASSWORD=aws={SECRET.reference}" in arguments[: arguments.index("--")]


@pytest.mark.parametrize("kind", TARGETS)
def test_the_command_comes_whole_after_two_dashes(kind: str) -> None:
    arguments = _arguments(TARGETS[kind].request(large(a_job())))
    assert arguments[arguments.index("--") + 1 :] == ["backfill", "spot", "--from=2026-01-01"]


def _arguments(request: Mapping[str, Any]) -> list[str]:
    match request:
        case {"Steps": [{"HadoopJarStep": {"Args": words}}]}:
            entry = next(n for n, word in enumerate(words) if word.endswith("entry.py"))
            return list(words[entry + 1 :])
        case {"jobDriver": {"sparkSubmit": {"entryPointArguments": words}}}:
            return list(words)
        case {"job": {"pysparkJob": {"args": words}}} | {"batch": {"pysparkBatch": {"args": words}}}:
            return list(words)
    raise AssertionError(request)


def test_a_step_is_spark_submit_in_cluster_mode_on_the_packages_python() -> None:
    words = STEP.target().request(a_job())["Steps"][0]["HadoopJarStep"]["Args"]
    assert words[:5] == ["spark-submit", "--master", "yarn", "--deploy-mode", "cluster"]
    conf = _conf(words)
    assert conf["spark.archives"].endswith("environment-3.11-x86_64.tar.gz#environment")
    assert conf["spark.pyspark.python"] == "/usr/bin/python3.11"
    assert conf["spark.executor.instances"] == "3"
    assert conf["spark.executor.extraJavaOptions"] == "-XX:+UseG1GC -Dnote='a b'"  # no shell reads it


def _conf(words: list[str]) -> dict[str, str]:
    pairs = [words[n + 1].partition("=") for n, word in enumerate(words) if word == "--conf"]
    return {name: value for name, _, value in pairs}


def test_the_driver_of_a_stream_is_started_again_by_yarn_and_that_of_a_history_is_not() -> None:
    stream, history = (
        _conf(STEP.target().request(a_job(long_running=wanted))["Steps"][0]["HadoopJarStep"]["Args"])
        for wanted in (True, False)
    )
    assert stream["spark.yarn.maxAppAttempts"] == "6"  # the first and five more
    assert stream["spark.yarn.am.attemptFailuresValidityInterval"] == "1h"
    assert history["spark.yarn.maxAppAttempts"] == "1"
    assert "spark.yarn.am.attemptFailuresValidityInterval" not in history


def test_a_users_own_tags_of_yarn_stand_beside_ours() -> None:
    job = replace(a_job(token="a wish"), conf={"spark.yarn.tags": "desk,night"})
    conf = _conf(STEP.target().request(job)["Steps"][0]["HadoopJarStep"]["Args"])
    assert conf["spark.yarn.tags"] == f"{emr_steps.tag_of(job)},desk,night"


def test_a_step_has_the_role_that_the_settings_name() -> None:
    role = "arn:aws:iam::123456789012:role/tradewind-step"
    assert "ExecutionRoleArn" not in STEP.target().request(a_job())
    assert STEP.model_copy(update={"role": role}).target().request(a_job())["ExecutionRoleArn"] == role


def test_the_parameters_of_a_job_run_hold_only_what_no_shell_would_read_in_two_ways() -> None:
    told = SERVERLESS.target().request(a_job())
    parameters = told["jobDriver"]["sparkSubmit"]["sparkSubmitParameters"]
    assert shlex.split(parameters) == parameters.split(" ")
    conf = _conf(parameters.split(" "))
    for name in ("spark.emr-serverless.driverEnv.PYSPARK_PYTHON", "spark.executorEnv.PYSPARK_PYTHON"):
        assert conf[name] == "python3.11"
    (beside,) = told["configurationOverrides"]["applicationConfiguration"]
    assert beside == {
        "classification": "spark-defaults",
        "properties": {"spark.executor.extraJavaOptions": "-XX:+UseG1GC -Dnote='a b'"},
    }


def test_a_stream_on_emr_serverless_is_attempted_again_without_a_limit_of_time() -> None:
    told = SERVERLESS.target().request(a_job(long_running=True))
    assert (told["mode"], told["executionTimeoutMinutes"]) == ("STREAMING", 0)
    assert told["retryPolicy"] == {"maxFailedAttemptsPerHour": 5}
    history = SERVERLESS.model_copy(update={"timeout_minutes": 90}).target().request(a_job())
    assert (history["mode"], history["executionTimeoutMinutes"], "retryPolicy" in history) == ("BATCH", 90, False)


@pytest.mark.parametrize(("cores", "memory"), [(3, 2048), (1, 8192), (32, 2048), (16, 122_880)])
def test_a_worker_that_emr_serverless_has_not_is_told_before_anything_is_sent(cores: int, memory: int) -> None:
    with pytest.raises(TargetError, match=r"size\.driver_cores"):
        SERVERLESS.target().request(replace(a_job(), size=Size(driver_cores=cores, driver_memory=memory)))


@pytest.mark.parametrize(
    ("size", "name"),
    [
        (Size(), "driver"),
        (Size(4, 8192, 2, 4, 2048), "executor"),
        (Size(4, 30_000, 2, 4, 8192), "driver"),
        (Size(4, 8192, 1, 4, 8192), "executors"),
    ],
)
def test_a_size_that_batches_have_not_is_told_before_anything_is_sent(size: Size, name: str) -> None:
    with pytest.raises(TargetError, match=rf"size\.{name}"):
        BATCH.target().request(replace(a_job(), size=size))


def test_the_size_of_a_batch_is_the_services_least_unless_it_is_said() -> None:
    assert BATCH.target().request(replace(a_job(), size=BATCH.size.size))


def test_a_stream_on_dataproc_is_started_again_by_dataproc_and_not_by_yarn_too() -> None:
    job = CLUSTER.target().request(a_job(long_running=True))["job"]
    assert job["scheduling"] == {"maxFailuresPerHour": 5}
    assert job["pysparkJob"]["properties"]["spark.yarn.maxAppAttempts"] == "1"
    assert "scheduling" not in CLUSTER.target().request(a_job())["job"]


def test_a_job_of_dataproc_runs_where_the_archive_is_unpacked_for_the_driver_too() -> None:
    properties = CLUSTER.target().request(a_job())["job"]["pysparkJob"]["properties"]
    assert properties["spark.submit.deployMode"] == "cluster"
    assert "spark.pyspark.python" not in properties  # the image's own
    given = CLUSTER.model_copy(update={"interpreter": "/opt/conda/default/bin/python"}).target().request(a_job())
    assert given["job"]["pysparkJob"]["properties"]["spark.pyspark.python"] == "/opt/conda/default/bin/python"


def test_a_batch_says_what_the_settings_say_of_its_surroundings() -> None:
    update = {"subnetwork": "private", "network_tags": ("db",), "staging": "trade-staging", "timeout_minutes": 90}
    told = BATCH.model_copy(update=update).target().request(large(a_job()))["batch"]
    assert told["environmentConfig"]["executionConfig"] == {
        "serviceAccount": BATCH.service_account,
        "subnetworkUri": "private",
        "networkTags": ["db"],
        "stagingBucket": "trade-staging",
        "ttl": "5400s",
    }
    assert told["pysparkBatch"]["archiveUris"][0].endswith("#environment")


@pytest.mark.parametrize("kind", TARGETS)
def test_a_token_is_what_the_service_takes_whatever_it_was(kind: str) -> None:
    odd = "2026-01-01T00:00:00+00:00 spot/é"
    told = json.dumps(TARGETS[kind].request(large(a_job(token=odd))))
    assert odd not in told
    assert told == json.dumps(TARGETS[kind].request(large(a_job(token=odd))))
    assert told != json.dumps(TARGETS[kind].request(large(a_job(token="another"))))


@pytest.mark.parametrize("kind", ["dataproc", "dataproc-serverless"])
def test_names_and_ids_that_are_sent_to_dataproc_are_short_enough(kind: str) -> None:
    told = TARGETS[kind].request(large(a_job("tradewind-" + "n" * 52, token="a wish")))
    assert len(told["requestId"]) <= 40
    assert len(told.get("batchId", "")) <= 63
    labels = (told.get("job") or told.get("batch") or {})["labels"]
    assert all(len(value) <= 63 for value in labels.values())


YARN = """#!/bin/sh
echo "$@" >> "$0.asked"
case "$*" in *-list*) cat "$0.listed" ;; esac
"""
LISTED = """Total number of applications (application-types: [] and states: [RUNNING]) : 2
                Application-Id\t    Application-Name\t    State
application_1700000000000_0007\tstream-spot\tRUNNING
application_1700000000000_0012\tstream-spot\tACCEPTED
"""


@pytest.mark.parametrize(("listed", "killed"), [(LISTED, ["0007", "0012"]), (LISTED.partition("application_1")[0], [])])
def test_the_step_that_ends_an_application_kills_what_carries_the_tag_and_nothing_else(
    tmp_path: Path, listed: str, killed: list[str]
) -> None:
    """Bash reads it as EMR's command runner has it read; yarn is a double that writes down what it is asked."""
    yarn = tmp_path / "yarn"
    yarn.write_text(YARN)
    yarn.chmod(0o755)
    (tmp_path / "yarn.listed").write_text(listed)
    program, *words = emr_steps.ending("stream-spot", "tradewind-stream-spot-0a1b")["HadoopJarStep"]["Args"]
    subprocess.run([program, *words], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=True)
    first, *rest = (tmp_path / "yarn.asked").read_text().splitlines()
    assert "-appTags tradewind-stream-spot-0a1b -appStates" in first
    assert rest == [f"application -kill application_1700000000000_{number}" for number in killed]


def test_a_cluster_of_its_own_carries_the_tag_that_awss_own_policy_asks_for_and_the_users() -> None:
    create = EmrCluster(release="emr-7.13.0", subnet="subnet-0a1b2c3d", tags={"team": "trades"})
    settings = EmrSettings(packages="s3://trade-jobs", region="eu-central-1", create=create)
    tags = {tag["Key"]: tag["Value"] for tag in settings.target().request(a_job(token="a wish"))["Tags"]}
    assert tags["for-use-with-amazon-emr-managed-policies"] == "true"
    assert (tags["team"], tags["tradewind-token"]) == ("trades", aws.accepted_token("a wish"))
