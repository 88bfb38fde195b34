"""Databricks through the real client: runs, jobs that stay, each state, refusals by their codes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

import pytest
from databricks.sdk.service.jobs import RunLifecycleStateV2State, TerminationCodeCode
from pydantic import ValidationError

from cloud_jobs.databricks import DatabricksSettings
from cloud_jobs.databricks_runs import ENDS, LIFE, Life
from cloud_jobs.errors import Refused, TargetError, Unreachable
from cloud_jobs.job import JobId, JobState
from tests.clouds.databricks_jobs import TABLE, DatabricksService
from tests.clouds.databricks_server import TOKEN, DatabricksServer

ARRIVALS = {"file_arrival": "/Volumes/main/trades/in/"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabricksServer]:
    monkeypatch.setenv("DATABRICKS_TOKEN", TOKEN)
    with DatabricksServer() as running:
        yield running


@pytest.fixture
def service(server: DatabricksServer) -> DatabricksService:
    return DatabricksService(server)


def number(job_id: JobId) -> int:
    return int(job_id.split("/")[1])


def test_every_state_of_the_client_has_its_own() -> None:
    assert {*LIFE, "TERMINATED"} == {one.value for one in RunLifecycleStateV2State} == set(get_args(Life))
    assert set(ENDS) == {one.value for one in TerminationCodeCode}


@pytest.mark.parametrize(("word", "state"), LIFE.items())
def test_each_state_of_a_run_is_told(service: DatabricksService, word: str, state: JobState) -> None:
    job_id = service.target.submit(service.job())
    service.server.becomes(number(job_id), word)
    assert (service.target.status(job_id).state, service.target.status(job_id).service_state) == (state, word)


@pytest.mark.parametrize(("code", "state"), ENDS.items())
def test_each_end_of_a_run_is_told(service: DatabricksService, code: str, state: JobState) -> None:
    job_id = service.target.submit(service.job())
    service.server.becomes(number(job_id), "TERMINATED", code, "in its words")
    status = service.target.status(job_id)
    assert (status.state, status.service_state) == (state, code)
    assert status.reason == (None if state == "succeeded" else "in its words")


@pytest.mark.parametrize(("word", "code"), [("DREAMING", None), ("TERMINATED", "BY_THE_MOON")])
def test_a_state_that_is_new_is_refused_with_the_runs_page(
    service: DatabricksService, word: str, code: str | None
) -> None:
    job_id = service.target.submit(service.job())
    service.server.becomes(number(job_id), word, code)
    with pytest.raises(Refused, match=rf"{service.server.address}/jobs/runs/.*unknown to databricks-sdk"):
        service.target.status(job_id)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409])
def test_what_the_workspace_refuses_is_refused(service: DatabricksService, code: int) -> None:
    with service.server.refusing(code, "SOME_CODE"), pytest.raises(Refused, match="SOME_CODE"):
        service.target.submit(service.job())


@pytest.mark.parametrize("code", [429, 500, 503, 504])
def test_what_may_succeed_later_is_unreachable(service: DatabricksService, code: int) -> None:
    with service.server.refusing(code, "SOME_CODE"), pytest.raises(Unreachable):
        service.target.submit(service.job())


def test_a_wrong_token_is_refused(server: DatabricksServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_TOKEN", "another")
    with pytest.raises(Refused, match="UNAUTHENTICATED"):
        DatabricksService(server).target.submit(DatabricksService(server).job())


def test_without_any_credentials_it_is_told_what_is_missing(
    server: DatabricksServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.delenv("DATABRICKS_TOKEN")
    monkeypatch.setenv("HOME", str(tmp_path))
    service = DatabricksService(server)
    with pytest.raises(TargetError, match="databricks: "):
        service.target.submit(service.job())


def test_a_stream_on_serverless_compute_is_refused_with_what_to_use(server: DatabricksServer) -> None:
    service = DatabricksService(server, compute="serverless", node_type=None)
    for send in (service.target.request, service.target.submit):
        with pytest.raises(TargetError, match=r"file_arrival.*classic"):
            send(service.job("stream-spot", long_running=True))
    assert not server.asked


def test_a_history_on_serverless_compute_resolves_its_secrets_itself(server: DatabricksServer) -> None:
    service = DatabricksService(server, compute="serverless", node_type=None)
    job_id = service.target.submit(service.job())
    (sent,) = server.asked_for("POST", "runs/submit")
    (task,) = sent.body["tasks"]
    assert "--secret=PGPASSWORD=databricks=tradewind/pgpassword" in task["spark_python_task"]["parameters"]
    (environment,) = sent.body["environments"]
    assert environment["spec"]["environment_version"] == "2"
    assert environment["spec"]["dependencies"][0].startswith("-r /Volumes/")
    assert service.target.status(job_id).state == "pending"


def test_a_classic_cluster_has_secrets_by_its_environment_and_never_as_arguments(service: DatabricksService) -> None:
    (task,) = service.target.request(service.job())["tasks"]
    assert task["new_cluster"]["spark_env_vars"] == {"PGPASSWORD": "{{secrets/tradewind/pgpassword}}"}
    assert not any("secret" in word for word in task["spark_python_task"]["parameters"])


def test_files_that_arrive_start_a_job_that_stays(server: DatabricksServer) -> None:
    service = DatabricksService(server, **ARRIVALS)
    job_id = service.target.submit(service.job("ingest-spot", token="first"))
    kept = server.jobs[number(job_id)]["settings"]
    assert kept["trigger"]["file_arrival"]["url"] == "/Volumes/main/trades/in/"
    assert (kept["max_concurrent_runs"], kept["queue"]) == (1, {"enabled": True})
    status = service.target.status(job_id)
    assert (status.state, status.service_state) == ("pending", "WAITING")
    server.becomes(server.starts(number(job_id)), "RUNNING")
    assert service.target.status(job_id).state == "running"
    server.becomes(max(server.runs), "TERMINATED", "RUN_EXECUTION_ERROR", "exit code 3")
    status = service.target.status(job_id)
    assert (status.state, status.reason) == ("pending", "its last run: RUN_EXECUTION_ERROR, exit code 3")


def test_such_a_job_is_changed_in_its_place(server: DatabricksServer) -> None:
    first = DatabricksService(server, **ARRIVALS)
    before = first.target.submit(first.job("ingest-spot", token="first"))
    server.becomes(server.starts(number(before)), "RUNNING")
    second = DatabricksService(server, **ARRIVALS, settled=300)
    after = second.target.submit(second.job("ingest-spot", token="second"))
    assert number(before) == number(after)
    assert server.jobs[number(after)]["settings"]["trigger"]["file_arrival"]["wait_after_last_change_seconds"] == 300
    with pytest.raises(Refused, match="another wish"):
        first.target.status(before)


def test_cancelled_it_waits_for_no_files_any_more(server: DatabricksServer) -> None:
    service = DatabricksService(server, **ARRIVALS)
    job_id = service.target.submit(service.job("ingest-spot"))
    server.starts(number(job_id))
    service.target.cancel(job_id)
    assert service.target.status(job_id).state == "cancelled"
    trigger = server.jobs[number(job_id)]["settings"]["trigger"]
    assert trigger["pause_status"] == "PAUSED" and trigger["file_arrival"]["url"]


def test_a_stream_does_not_become_a_job_that_files_start_while_it_runs(server: DatabricksServer) -> None:
    stream, ingest = DatabricksService(server), DatabricksService(server, **ARRIVALS)
    job_id = stream.target.submit(stream.job("spot", long_running=True, token="first"))
    with pytest.raises(Refused, match="spot is pending already"):
        ingest.target.submit(ingest.job("spot", token="second"))
    stream.target.cancel(job_id)
    assert number(ingest.target.submit(ingest.job("spot", token="second"))) == number(job_id)


def test_a_stream_between_two_runs_is_pending_and_says_what_happened(service: DatabricksService) -> None:
    job_id = service.target.submit(service.job("stream-spot", long_running=True))
    service.server.becomes(service.server.starts(number(job_id)), "TERMINATED", "DRIVER_ERROR", "out of memory")
    status = service.target.status(job_id)
    assert (status.state, status.reason) == ("pending", "its last run: DRIVER_ERROR, out of memory")


def test_of_two_who_send_a_stream_at_once_one_gets_it(service: DatabricksService) -> None:
    service.server.quicker = True
    with pytest.raises(Refused, match="at the same time, as job 101"):
        service.target.submit(service.job("stream-spot", long_running=True))
    assert list(service.server.jobs) == [101]


def test_several_jobs_of_one_name_are_the_operators_to_sort_out(service: DatabricksService) -> None:
    service.target.submit(service.job("stream-spot", long_running=True, token="first"))
    (known,) = service.server.jobs.values()
    service.server.jobs[7] = {"job_id": 7, "settings": known["settings"]}
    with pytest.raises(Refused, match="2 jobs of the name stream-spot"):
        service.target.submit(service.job("stream-spot", long_running=True, token="second"))


def test_a_package_without_a_wheel_is_refused(service: DatabricksService) -> None:
    job = service.job()
    with pytest.raises(TargetError, match="no wheel"):
        service.target.request(replace(job, package=replace(job.package, wheel="")))


def test_connectors_are_libraries_of_maven(service: DatabricksService) -> None:
    job = service.job()
    package = replace(job.package, coordinates=("a:b:1",), exclusions=("c:*",))
    (task,) = service.target.request(replace(job, package=package))["tasks"]
    assert task["libraries"][-1] == {"maven": {"coordinates": "a:b:1", "exclusions": ["c:*"]}}


def test_what_a_cluster_may_be_told(server: DatabricksServer) -> None:
    profile = "arn:aws:iam::123456789012:instance-profile/tradewind"
    service = DatabricksService(
        server, node_type=None, instance_pool="pool-1", policy="p-1", run_as="0a1b", instance_profile=profile
    )
    service.target.submit(service.job())
    (sent,) = server.asked_for("POST", "runs/submit")
    cluster = sent.body["tasks"][0]["new_cluster"]
    assert (cluster["instance_pool_id"], cluster["policy_id"]) == ("pool-1", "p-1")
    assert cluster["aws_attributes"] == {"instance_profile_arn": profile}
    assert sent.body["run_as"] == {"service_principal_name": "0a1b"}


WRONG = [
    ({"node_type": None}, "says no machine"),
    ({"instance_pool": "p"}, "remove node_type"),
    ({"runtime": "16.4.x-scala2.12"}, 'python = "3.12"'),
    ({"runtime": "17.3.x-scala2.13", "python": "3.12"}, 'spark = "4.0"'),
    ({"runtime": "latest"}, "runtime"),
    ({"compute": "serverless", "python": "3.13"}, "3.11 and 3.12"),
    ({"secrets": {"PGPASSWORD": "hunter2"}}, "SCOPE/KEY"),
    ({"packages": "s3://b/p"}, "begins with dbfs:/Volumes/"),
    ({"file_arrival": "/Volumes/main/trades/in"}, "file_arrival"),
    ({"not_before": 5}, "not_before"),
]


@pytest.mark.parametrize(("table", "told"), WRONG)
def test_a_table_that_cannot_work_is_refused(table: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as refused:
        DatabricksSettings.model_validate({**TABLE, **table})
    assert "hunter2" not in str(refused.value.errors()[0]["msg"])


def test_newer_runtimes_are_the_users_to_know() -> None:
    table = {**TABLE, "runtime": "21.1.x-scala2.13", "python": "3.13", "spark": "4.3"}
    assert DatabricksSettings.model_validate(table).runtime.startswith("21")
