"""EMR by boto3 against a server: what the contract of targets does not ask, and the faults that moto does not have."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from cloud_jobs import aws, emr_steps
from cloud_jobs.errors import MissingClient, Refused, TargetError, Unreachable
from cloud_jobs.job import JobId, JobRequest, Target
from tests.clouds import emr
from tests.clouds.emr import EmrClusterService, EmrService
from tests.clouds.emr_serverless import EmrServerlessService, mended
from tests.clouds.moto_server import MotoServer

POLICIES = Path(__file__).parents[2] / "docs" / "policies"


@pytest.fixture
def service(aws: MotoServer) -> Iterator[EmrService]:
    with emr.mended(aws):
        yield EmrService(aws)


@pytest.fixture
def own_cluster(aws: MotoServer) -> Iterator[EmrClusterService]:
    with emr.mended(aws):
        yield EmrClusterService(aws)


@pytest.fixture
def serverless(aws: MotoServer) -> Iterator[EmrServerlessService]:
    with mended():
        yield EmrServerlessService(aws)


def stubbed(target: Any) -> Stubber:
    """Of the target's own client."""
    return Stubber(target._client)


def test_cancelling_a_step_that_runs_ends_its_application_in_yarn_too(service: EmrService) -> None:
    wish = service.job("stream-spot", long_running=True, token="a wish")
    job_id = service.target.submit(wish)
    service.bring(job_id, "running")
    service.target.cancel(job_id)
    _, after = service.steps()
    assert after.name == "end of stream-spot"
    assert after.args[:2] == ["bash", "-c"]
    assert f"-appTags {emr_steps.tag_of(wish)} " in after.args[2]
    assert "yarn application -kill" in after.args[2]


def test_cancelling_a_step_that_waits_leaves_yarn_alone(service: EmrService) -> None:
    job_id = service.target.submit(service.job(token="a wish"))
    service.target.cancel(job_id)
    assert len(service.steps()) == 1


def test_a_step_that_emr_does_not_end_is_a_refusal_though_the_call_succeeds(service: EmrService) -> None:
    job_id = service.target.submit(service.job())
    refused = {"StepId": job_id, "Status": "FAILED", "Reason": "Cannot cancel a step of this release"}
    told = {"Id": job_id, "Name": "backfill-spot", "Config": {}, "Status": {"State": "RUNNING"}}
    with stubbed(service.target) as stub:
        for _ in range(2):
            stub.add_response("describe_step", {"Step": told})
        stub.add_response("cancel_steps", {"CancelStepsInfoList": [refused]})
        stub.add_response("describe_step", {"Step": told})
        with pytest.raises(Refused, match="Cannot cancel a step of this release"):
            service.target.cancel(job_id)


def test_a_failed_step_says_what_emr_found_in_its_log(service: EmrService) -> None:
    failure = {"Reason": "Unknown Error.", "Message": "User application exited with 1", "LogFile": "s3://l/stderr.gz"}
    status = {"State": "FAILED", "FailureDetails": failure}
    with stubbed(service.target) as stub:
        stub.add_response("describe_step", {"Step": {"Id": "s-1", "Name": "a", "Config": {}, "Status": status}})
        told = service.target.status(JobId("s-1"))
    assert (told.state, told.reason) == ("failed", "Unknown Error.: User application exited with 1")


def test_the_logs_are_in_the_bucket_or_else_on_the_clusters_page(service: EmrService) -> None:
    job_id = service.target.submit(service.job())
    logs = service.target.status(job_id).logs
    home = "https://eu-central-1.console.aws.amazon.com"
    assert logs == f"{home}/s3/buckets/trade-logs?prefix=emr/{service.cluster}/steps/{job_id}/"
    bare = service.settings.model_copy(update={"logs": None}).target()
    assert bare.status(job_id).logs == f"{home}/emr/home?region=eu-central-1#/clusterDetails/{service.cluster}"


@pytest.mark.parametrize(
    ("region", "home"),
    [
        ("eu-central-1", "https://eu-central-1.console.aws.amazon.com"),
        ("cn-north-1", "https://cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_each_partition_has_a_console_of_its_own(region: str, home: str) -> None:
    assert aws.bucket_page(region, "s3://b/a/c") == f"{home}/s3/buckets/b?prefix=a/c/"


def test_a_state_that_a_later_release_brings_is_an_error_that_names_it(service: EmrService) -> None:
    with stubbed(service.target) as stub:
        step = {"Id": "s-1", "Name": "a", "Config": {}, "Status": {"State": "HIBERNATING"}}
        stub.add_response("describe_step", {"Step": step})
        with pytest.raises(Refused, match="HIBERNATING"):
            service.target.status(JobId("s-1"))


def test_a_wish_that_has_ended_since_is_still_the_same(service: EmrService) -> None:
    first = service.target.submit(service.job(token="a wish"))
    service.bring(first, "succeeded")
    assert service.target.submit(service.job(token="a wish")) == first


def test_a_step_of_our_name_without_our_tag_is_in_the_way_of_a_stream(service: EmrService) -> None:
    step = {"Name": "stream-spot", "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["spark-submit", "other.py"]}}
    service.aws.client("emr").add_job_flow_steps(JobFlowId=service.cluster, Steps=[step])
    with pytest.raises(Refused, match="under way"):
        service.target.submit(service.job("stream-spot", long_running=True, token="a wish"))


def test_a_cluster_that_could_not_start_is_a_failed_job_with_emrs_reason(own_cluster: EmrClusterService) -> None:
    job_id = own_cluster.target.submit(own_cluster.job())
    cluster = emr.backend().clusters[job_id]
    cluster.state = "TERMINATED_WITH_ERRORS"
    cluster.last_state_change_reason = "The requested instance type m6i.xlarge is not supported"
    told = own_cluster.target.status(job_id)
    assert (told.state, told.service_state) == ("failed", "TERMINATED_WITH_ERRORS")
    assert told.reason is not None and "m6i.xlarge" in told.reason


def test_a_cluster_that_ends_after_its_step_succeeded_has_succeeded(own_cluster: EmrClusterService) -> None:
    job_id = own_cluster.target.submit(own_cluster.job())
    cluster = emr.backend().clusters[job_id]
    for state in ("TERMINATING", "TERMINATED"):
        cluster.state, cluster.steps[0].state = state, "COMPLETED"
        assert own_cluster.target.status(job_id).state == "succeeded"


def test_a_cluster_of_its_own_ends_with_its_job(own_cluster: EmrClusterService) -> None:
    job_id = own_cluster.target.submit(own_cluster.job())
    cluster = emr.backend().clusters[job_id]
    assert not cluster.keep_job_flow_alive_when_no_steps
    assert [step.action_on_failure for step in cluster.steps] == ["TERMINATE_CLUSTER"]
    assert cluster.configurations[0]["classification"] == "yarn-site"


def test_a_cancelled_run_of_emr_serverless_is_asked_to_end_and_no_other(serverless: EmrServerlessService) -> None:
    one, other = (serverless.target.submit(serverless.job(token=token)) for token in ("one", "other"))
    serverless.target.cancel(one)
    assert serverless.target.status(one).state == "cancelled"
    assert serverless.target.status(other).state == "pending"


def test_a_run_that_is_being_cancelled_is_still_in_the_way(serverless: EmrServerlessService) -> None:
    first = serverless.target.submit(serverless.job("stream-spot", long_running=True, token="first"))
    serverless.runs[0].state = "CANCELLING"
    assert serverless.target.status(first).state == "running"
    with pytest.raises(Refused, match="under way"):
        serverless.target.submit(serverless.job("stream-spot", long_running=True, token="second"))


def test_a_run_that_ends_while_it_is_cancelled_is_no_error(serverless: EmrServerlessService) -> None:
    job_id = serverless.target.submit(serverless.job())
    run = _run(job_id)
    with stubbed(serverless.target) as stub:
        stub.add_response("get_job_run", {"jobRun": {**run, "state": "RUNNING"}})
        stub.add_client_error("cancel_job_run", "ValidationException", "Job run is in a terminal state", 400)
        stub.add_response("get_job_run", {"jobRun": {**run, "state": "SUCCESS"}})
        serverless.target.cancel(job_id)


@pytest.mark.parametrize(
    ("state", "details", "code"),
    [
        ("FAILED", "Job failed, please check complete logs in configured logging destination. ExitCode: 3. Last …", 3),
        ("FAILED", "Job execution failed, please check the role", None),
        ("SUCCESS", "-", 0),
        ("CANCELLED", "ExitCode: 143", None),
    ],
)
def test_the_commands_own_exit_code_is_told_where_the_service_tells_it(
    serverless: EmrServerlessService, state: str, details: str, code: int | None
) -> None:
    with stubbed(serverless.target) as stub:
        stub.add_response("get_job_run", {"jobRun": {**_run(JobId("a")), "state": state, "stateDetails": details}})
        assert serverless.target.status(JobId("a")).exit_code == code


def _run(job_id: JobId) -> dict[str, Any]:
    when, arn = "2026-01-01T00:00:00Z", "arn:aws:emr-serverless:eu-central-1:123456789012:/applications/a/jobruns/b"
    return {
        "applicationId": "a", "jobRunId": job_id, "arn": arn, "createdBy": "arn:aws:iam::123456789012:user/desk",
        "createdAt": when, "updatedAt": when, "executionRole": "arn:aws:iam::123456789012:role/tradewind-job",
        "stateDetails": "-", "releaseLabel": "emr-7.13.0", "jobDriver": {"sparkSubmit": {"entryPoint": "s3://b/a.py"}},
    }  # fmt: skip


def test_the_role_of_another_account_is_refused_by_the_service(serverless: EmrServerlessService) -> None:
    other = serverless.settings.model_copy(update={"role": "arn:aws:iam::999999999999:role/tradewind-job"})
    with pytest.raises(Refused, match="AccessDenied"):
        other.target().submit(serverless.job())


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ThrottlingException", 429, Unreachable),
        ("TooManyRequestsException", 400, Unreachable),
        ("InternalServerException", 500, Unreachable),
        ("ServiceQuotaExceededException", 402, Refused),
        ("ConflictException", 409, Refused),
        ("ValidationException", 400, Refused),
        ("AccessDeniedException", 403, Refused),
        ("ResourceNotFoundException", 404, Refused),
    ],
)
def test_an_error_of_the_service_is_told_by_its_code(
    serverless: EmrServerlessService, code: str, status: int, kind: type[Exception]
) -> None:
    with stubbed(serverless.target) as stub:
        stub.add_client_error("start_job_run", code, "words that may change", status)
        with pytest.raises(kind, match=code):
            serverless.target.submit(serverless.job())


def test_without_credentials_it_is_told_where_they_are_looked_for(
    serverless: EmrServerlessService, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(Refused, match="check AWS's credentials"):
        serverless.settings.target().submit(serverless.job())


def test_a_profile_that_is_not_there_is_told(serverless: EmrServerlessService) -> None:
    with pytest.raises(Refused, match="nobody"):
        serverless.settings.model_copy(update={"profile": "nobody"}).target().submit(serverless.job())


def test_what_boto3_itself_does_not_take_is_a_fault_of_the_target(serverless: EmrServerlessService) -> None:
    with pytest.raises(TargetError, match="tags"):
        serverless.settings.model_copy(update={"tags": {"team": 7}}).target().submit(serverless.job())


def test_without_boto3_it_is_told_what_to_install(
    serverless: EmrServerlessService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(MissingClient, match=r"tradewind\[jobs\]"):
        serverless.settings.target().submit(serverless.job())


def test_a_value_of_a_secret_that_is_in_the_environment_is_in_no_request(
    serverless: EmrServerlessService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "the value itself")
    assert "the value itself" not in json.dumps(serverless.target.request(serverless.job()))


def allowed(policy: str, service: str) -> set[str]:
    """The operations that a policy of docs/policies allows of a service."""
    document = json.loads((POLICIES / policy).read_text(encoding="utf-8"))
    listed = [one["Action"] if isinstance(one["Action"], list) else [one["Action"]] for one in document["Statement"]]
    return {name.partition(":")[2] for each in listed for name in each if name.startswith(f"{service}:")}


def whole_life(target: Target, job: JobRequest, run: Callable[[JobId], None]) -> None:
    """All that the program asks of a service."""
    job_id = target.submit(job)
    assert target.submit(job) == job_id
    run(job_id)
    target.status(job_id)
    target.cancel(job_id)


def test_who_submits_steps_is_allowed_what_is_asked_and_no_more(service: EmrService) -> None:
    service.aws.forget()
    whole_life(service.target, service.job("stream-spot", long_running=True, token="a"), runs(service))
    assert set(service.aws.counts("elasticmapreduce")) == allowed("aws-emr-submit.json", "elasticmapreduce")


def test_who_starts_clusters_is_allowed_what_is_asked_and_no_more(own_cluster: EmrClusterService) -> None:
    own_cluster.aws.forget()
    whole_life(own_cluster.target, own_cluster.job("stream-spot", long_running=True, token="a"), runs(own_cluster))
    tagging = {"AddTags"}  # a right of its own, though it is a part of RunJobFlow
    asked = set(own_cluster.aws.counts("elasticmapreduce"))
    assert asked == allowed("aws-emr-create.json", "elasticmapreduce") - tagging


def test_who_submits_to_emr_serverless_is_allowed_what_is_asked_and_no_more(serverless: EmrServerlessService) -> None:
    serverless.aws.forget()
    whole_life(serverless.target, serverless.job("stream-spot", long_running=True, token="a"), runs(serverless))
    tagging = {"TagResource"}  # a right of its own, though it is a part of StartJobRun
    asked = set(serverless.aws.counts("emr-serverless"))
    assert asked == allowed("aws-emr-serverless-submit.json", "emr-serverless") - tagging


def runs(service: EmrService | EmrServerlessService) -> Callable[[JobId], None]:
    return lambda job_id: service.bring(job_id, "running")
