"""What every target promises. A service joins by an entry in SERVICES; it is `tests.clouds.job_service.JobService`."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from cloud_jobs.errors import Refused, TargetError, Unreachable
from cloud_jobs.job import JobId, JobState
from tests.clouds import (
    databricks_jobs,
    databricks_server,
    dataproc_services,
    emr,
    emr_serverless,
    kubernetes_jobs,
    synapse_jobs,
)
from tests.clouds.databricks_server import DatabricksServer
from tests.clouds.dataproc import DataprocServer
from tests.clouds.job_service import JobService
from tests.clouds.kubernetes_server import KubernetesServer
from tests.clouds.moto_server import MotoServer
from tests.clouds.synapse_server import SynapseServer

Make = Callable[[pytest.FixtureRequest, ExitStack], JobService]


def _emr(request: pytest.FixtureRequest, stack: ExitStack) -> JobService:
    aws: MotoServer = request.getfixturevalue("aws")
    stack.enter_context(emr.mended(aws))
    return emr.EmrService(aws)


def _emr_cluster(request: pytest.FixtureRequest, stack: ExitStack) -> JobService:
    aws: MotoServer = request.getfixturevalue("aws")
    stack.enter_context(emr.mended(aws))
    return emr.EmrClusterService(aws)


def _emr_serverless(request: pytest.FixtureRequest, stack: ExitStack) -> JobService:
    stack.enter_context(emr_serverless.mended())
    return emr_serverless.EmrServerlessService(request.getfixturevalue("aws"))


def _dataproc(request: pytest.FixtureRequest, stack: ExitStack) -> JobService:
    return dataproc_services.DataprocService(stack.enter_context(DataprocServer()))


def _dataproc_serverless(request: pytest.FixtureRequest, stack: ExitStack) -> JobService:
    return dataproc_services.DataprocServerlessService(stack.enter_context(DataprocServer()))


def _kubernetes(request: pytest.FixtureRequest, stack: ExitStack) -> JobService:
    server = stack.enter_context(KubernetesServer())
    return kubernetes_jobs.OperatorService(server, request.getfixturevalue("tmp_path"))


def _kubernetes_submit(request: pytest.FixtureRequest, stack: ExitStack) -> JobService:
    server = stack.enter_context(KubernetesServer())
    return kubernetes_jobs.SubmitService(server, request.getfixturevalue("tmp_path"))


def _databricks(request: pytest.FixtureRequest, stack: ExitStack) -> JobService:
    environment: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    environment.setenv("DATABRICKS_TOKEN", databricks_server.TOKEN)
    return databricks_jobs.DatabricksService(stack.enter_context(DatabricksServer()))


def _synapse(_request: pytest.FixtureRequest, stack: ExitStack) -> JobService:
    return synapse_jobs.SynapseService(stack.enter_context(SynapseServer()))


#: What a service's stand-in is made of; what it enters into the stack is left when the test ends.
SERVICES: dict[str, Make] = {
    "emr": _emr,
    "emr cluster": _emr_cluster,
    "emr serverless": _emr_serverless,
    "dataproc": _dataproc,
    "dataproc serverless": _dataproc_serverless,
    "databricks": _databricks,
    "kubernetes": _kubernetes,
    "kubernetes submit": _kubernetes_submit,
    "synapse": _synapse,
}
#: Those that take no long-running job, and those to whom a token says nothing: each with its reason.
TAKE_NO_STREAM = {"dataproc serverless", "kubernetes submit"}  # nothing starts again what failed
KNOW_NO_TOKEN: set[str] = set()


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> Iterator[JobService]:
    with ExitStack() as stack:
        yield SERVICES[request.param](request, stack)


@pytest.fixture(params=[name for name in SERVICES if name not in TAKE_NO_STREAM])
def streaming(request: pytest.FixtureRequest) -> Iterator[JobService]:
    """One that takes the long-running job."""
    with ExitStack() as stack:
        yield SERVICES[request.param](request, stack)


@pytest.fixture(params=[name for name in SERVICES if name not in KNOW_NO_TOKEN])
def remembering(request: pytest.FixtureRequest) -> Iterator[JobService]:
    """One that knows tokens."""
    with ExitStack() as stack:
        yield SERVICES[request.param](request, stack)


def state(service: JobService, job_id: JobId) -> JobState:
    return service.target.status(job_id).state


def test_a_job_is_pending_then_running_then_has_succeeded(service: JobService) -> None:
    job_id = service.target.submit(service.job())
    assert state(service, job_id) == "pending"
    service.bring(job_id, "running")
    assert state(service, job_id) == "running"
    service.bring(job_id, "succeeded")
    status = service.target.status(job_id)
    assert (status.job_id, status.state, status.ended, status.reason) == (job_id, "succeeded", True, None)
    assert status.service_state


def test_a_job_that_failed_says_why_and_where_its_logs_are(service: JobService) -> None:
    job_id = service.target.submit(service.job())
    service.bring(job_id, "failed")
    status = service.target.status(job_id)
    assert (status.state, status.ended) == ("failed", True)
    assert status.reason
    assert status.logs is not None and status.logs.startswith(("https://", "http://"))


def test_a_job_that_runs_can_be_cancelled(service: JobService) -> None:
    job_id = service.target.submit(service.job())
    service.bring(job_id, "running")
    service.target.cancel(job_id)
    assert state(service, job_id) == "cancelled"


def test_a_job_that_waits_can_be_cancelled(service: JobService) -> None:
    job_id = service.target.submit(service.job())
    service.target.cancel(job_id)
    assert state(service, job_id) == "cancelled"


@pytest.mark.parametrize("ended", ["succeeded", "failed", "cancelled"])
def test_cancelling_what_has_ended_changes_nothing(service: JobService, ended: JobState) -> None:
    job_id = service.target.submit(service.job())
    service.bring(job_id, ended)
    service.target.cancel(job_id)
    assert state(service, job_id) == ended


def test_two_jobs_of_two_names_are_two(service: JobService) -> None:
    one, other = (service.target.submit(service.job(name, token=name)) for name in ("one", "other"))
    assert one != other
    service.bring(one, "failed")
    assert state(service, other) == "pending"


def test_the_same_token_starts_nothing_twice(remembering: JobService) -> None:
    first, second = (remembering.target.submit(remembering.job(token="a wish")) for _ in range(2))
    assert first == second
    assert remembering.target.submit(remembering.job(token="another wish")) != first


@pytest.mark.parametrize("name", sorted(TAKE_NO_STREAM))
def test_a_service_that_takes_no_stream_says_so_before_anything_is_sent(
    name: str, request: pytest.FixtureRequest
) -> None:
    with ExitStack() as stack:
        made = SERVICES[name](request, stack)
        with made.down(), pytest.raises(TargetError, match="stream-spot"):
            made.target.submit(made.job("stream-spot", long_running=True))


def test_a_stream_that_is_under_way_is_not_started_a_second_time(streaming: JobService) -> None:
    first = streaming.target.submit(streaming.job("stream-spot", long_running=True, token="first"))
    for so_far in ("pending", "running"):
        streaming.bring(first, so_far)
        with pytest.raises(Refused, match="stream-spot"):
            streaming.target.submit(streaming.job("stream-spot", long_running=True, token="second"))
        with pytest.raises(Refused, match="stream-spot"):
            streaming.target.submit(streaming.job("stream-spot", long_running=True))


def test_a_stream_of_another_name_is_not_in_the_way(streaming: JobService) -> None:
    streaming.target.submit(streaming.job("stream-spot", long_running=True, token="first"))
    assert streaming.target.submit(streaming.job("stream-futures", long_running=True, token="second"))


@pytest.mark.parametrize("ended", ["succeeded", "failed", "cancelled"])
def test_a_stream_that_has_ended_may_be_started_again(streaming: JobService, ended: JobState) -> None:
    first = streaming.target.submit(streaming.job("stream-spot", long_running=True, token="first"))
    streaming.bring(first, ended)
    assert streaming.target.submit(streaming.job("stream-spot", long_running=True, token="second")) != first


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in TAKE_NO_STREAM | KNOW_NO_TOKEN])
def test_the_same_wish_for_a_stream_gives_the_one_that_is_under_way(name: str, request: pytest.FixtureRequest) -> None:
    with ExitStack() as stack:
        streaming = SERVICES[name](request, stack)
        wish = streaming.job("stream-spot", long_running=True, token="first")
        assert streaming.target.submit(wish) == streaming.target.submit(wish)


def test_a_job_that_nobody_knows_is_refused(service: JobService) -> None:
    job_id = service.target.submit(service.job())
    nobody = JobId(f"{job_id[:-3]}zzz" if job_id[-3:].islower() else f"{job_id[:-3]}ZZZ")
    with pytest.raises(Refused):
        service.target.status(nobody)
    with pytest.raises(Refused):
        service.target.cancel(nobody)


def test_a_service_that_does_not_answer_is_unreachable(service: JobService) -> None:
    job_id = service.target.submit(service.job())
    with service.down():
        with pytest.raises(Unreachable):
            service.target.submit(service.job("other"))
        with pytest.raises(Unreachable):
            service.target.status(job_id)
        with pytest.raises(Unreachable):
            service.target.cancel(job_id)
    assert state(service, job_id) == "pending"


def test_a_service_that_has_no_time_is_unreachable(service: JobService) -> None:
    with service.busy(), pytest.raises(Unreachable):
        service.target.submit(service.job())


def test_a_missing_right_is_a_refusal(service: JobService) -> None:
    job_id = service.target.submit(service.job())
    with service.denying():
        with pytest.raises(Refused):
            service.target.submit(service.job("other"))
        with pytest.raises(Refused):
            service.target.status(job_id)
        with pytest.raises(Refused):
            service.target.cancel(job_id)


def test_the_request_is_json_the_same_each_time_and_asks_nothing_of_the_network(service: JobService) -> None:
    job = service.job(token="a wish")
    with service.down():
        first, second = (json.dumps(service.target.request(job)) for _ in range(2))
    assert first == second
    assert job.package.entry in first


def test_the_request_holds_the_secrets_reference(service: JobService) -> None:
    job = service.job()
    assert job.secrets
    told = json.dumps(service.target.request(job))
    for secret in job.secrets:  # SECRET/KEY is SECRET:KEY to Spark
        assert all(part in told for part in (secret.variable, *secret.reference.split("/")))
