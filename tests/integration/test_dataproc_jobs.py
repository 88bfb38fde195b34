"""Dataproc by Google's client over REST: what the contract of targets does not ask, and the faults of the way there."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import google.auth
import pytest
from google.auth.exceptions import DefaultCredentialsError
from google.cloud import dataproc_v1 as dataproc

from cloud_jobs import google as ours
from cloud_jobs.dataproc_serverless import DataprocServerlessTarget
from cloud_jobs.errors import MissingClient, Refused, TargetError, Unreachable
from cloud_jobs.job import JobId
from tests.clouds.dataproc import DataprocServer
from tests.clouds.dataproc_services import DataprocServerlessService, DataprocService

POLICIES = Path(__file__).parents[2] / "docs" / "policies"


@pytest.fixture
def server() -> Iterator[DataprocServer]:
    with DataprocServer() as running:
        yield running


@pytest.fixture
def service(server: DataprocServer) -> DataprocService:
    return DataprocService(server)


@pytest.fixture
def batches(server: DataprocServer) -> DataprocServerlessService:
    return DataprocServerlessService(server)


def test_an_answer_that_got_lost_is_asked_for_again_and_the_job_is_one(
    service: DataprocService, server: DataprocServer
) -> None:
    server.loses = 1
    job_id = service.target.submit(service.job(token="a wish"))
    assert list(server.jobs) == [job_id]
    assert [method for method, _ in server.requests] == ["POST", "POST"]


def test_without_a_token_a_lost_answer_is_not_asked_for_again(service: DataprocService, server: DataprocServer) -> None:
    server.loses = 1
    with pytest.raises(Unreachable):
        service.target.submit(service.job())
    assert len(server.requests) == 1


def test_an_answer_that_got_lost_makes_one_batch(batches: DataprocServerlessService, server: DataprocServer) -> None:
    server.loses = 1
    batch_id = batches.target.submit(batches.job(token="a wish"))
    assert list(server.batches) == [batch_id]


@pytest.mark.parametrize("kind", ["jobs", "batches"])
def test_a_wish_is_the_same_when_the_service_has_forgotten_its_request(
    kind: str, service: DataprocService, batches: DataprocServerlessService, server: DataprocServer
) -> None:
    of = service if kind == "jobs" else batches
    first = of.target.submit(of.job(token="a wish"))
    server.forget_requests()
    assert of.target.submit(of.job(token="a wish")) == first
    assert len(getattr(server, kind)) == 1


def test_a_stream_is_found_though_its_list_is_long(service: DataprocService, server: DataprocServer) -> None:
    for name in ("a", "b", "c", "d"):
        service.target.submit(service.job(name))
    service.target.submit(service.job("stream-spot", long_running=True, token="first"))
    with pytest.raises(Refused, match="stream-spot is under way already"):
        service.target.submit(service.job("stream-spot", long_running=True, token="second"))


def test_a_driver_that_is_about_to_start_again_is_pending_and_in_the_way(
    service: DataprocService, server: DataprocServer
) -> None:
    first = service.target.submit(service.job("stream-spot", long_running=True, token="first"))
    server.jobs[first].status = dataproc.JobStatus(state="ATTEMPT_FAILURE", details="exit code 1")
    assert (service.target.status(first).state, service.target.status(first).reason) == ("pending", None)
    with pytest.raises(Refused, match="under way"):
        service.target.submit(service.job("stream-spot", long_running=True, token="second"))


def test_a_state_that_the_client_does_not_know_is_an_error_that_names_it(
    service: DataprocService, server: DataprocServer
) -> None:
    job_id = service.target.submit(service.job())
    server.jobs[job_id].status = dataproc.JobStatus()
    with pytest.raises(Refused, match="STATE_UNSPECIFIED"):
        service.target.status(job_id)


def test_a_cluster_that_is_not_there_is_refused_by_name(service: DataprocService) -> None:
    gone = service.settings.model_copy(update={"cluster": "gone"})
    with pytest.raises(Refused, match="Cluster gone"):
        gone.target().submit(service.job())


def test_a_number_of_restarts_that_the_service_has_not_is_refused_by_it(service: DataprocService) -> None:
    much = service.settings.model_copy(update={"restarts_per_hour": 11})
    with pytest.raises(Refused, match="maxFailuresPerHour"):
        much.target().submit(service.job(long_running=True))


def test_a_request_that_the_clients_types_do_not_know_never_leaves() -> None:
    with pytest.raises(TargetError, match="mainPythonFile"):
        ours.typed("SubmitJobRequest", {"job": {"pysparkJob": {"mainPythonFile": "gs://b/entry.py"}}})


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (400, "INVALID_ARGUMENT", Refused),
        (401, "UNAUTHENTICATED", Refused),
        (403, "PERMISSION_DENIED", Refused),
        (404, "NOT_FOUND", Refused),
        (409, "ABORTED", Refused),
        (429, "RESOURCE_EXHAUSTED", Unreachable),
        (500, "INTERNAL", Unreachable),
        (503, "UNAVAILABLE", Unreachable),
        (504, "DEADLINE_EXCEEDED", Unreachable),
    ],
)
def test_an_error_of_the_service_is_told_by_its_status(
    service: DataprocService, server: DataprocServer, code: int, status: str, kind: type[Exception]
) -> None:
    with server.refusing(code, status), pytest.raises(kind):
        service.target.submit(service.job())


def test_a_batch_that_ends_while_it_is_cancelled_is_no_error(
    batches: DataprocServerlessService, server: DataprocServer
) -> None:
    job_id = batches.target.submit(batches.job())
    assert isinstance(batches.target, DataprocServerlessTarget)
    batches.bring(job_id, "succeeded")
    batches.target.cancel(job_id)
    with pytest.raises(Refused):
        batches.target._cancel(job_id)  # the service itself does refuse
    assert batches.target.status(job_id).state == "succeeded"


def test_the_pages_of_the_console_name_project_region_and_job(
    service: DataprocService, batches: DataprocServerlessService
) -> None:
    home, job, batch = "https://console.cloud.google.com/dataproc", JobId("a"), JobId("b")
    job, batch = service.target.submit(service.job()), batches.target.submit(batches.job())
    assert service.target.status(job).logs == f"{home}/jobs/{job}/monitoring?region=europe-west3&project=trades-project"
    assert batches.target.status(batch).logs == f"{home}/batches/europe-west3/{batch}/monitoring?project=trades-project"


def test_without_credentials_it_is_told_where_they_are_looked_for(
    service: DataprocService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise DefaultCredentialsError("not found")  # type: ignore[no-untyped-call]

    monkeypatch.setattr(google.auth, "default", nobody)  # the machine that tests run on may have an identity
    real = service.settings.model_copy(update={"endpoint": None})
    with pytest.raises(Refused, match="check Google's credentials"):
        real.target().submit(service.job())


def test_without_the_client_it_is_told_what_to_install(
    service: DataprocService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "google.cloud.dataproc_v1", None)
    with pytest.raises(MissingClient, match=r"tradewind\[jobs\]"):
        service.settings.target().submit(service.job())


def test_a_name_that_is_too_long_for_a_batch_is_cut_and_stays_its_own(batches: DataprocServerlessService) -> None:
    job = replace(batches.job(token="a wish"), name="tradewind-" + "n" * 52)
    first = batches.target.submit(job)
    assert len(first) <= 63
    assert batches.target.submit(replace(job, token="another wish")) != first


#: The right that a method wants: https://cloud.google.com/dataproc/docs/concepts/iam/iam#dataproc_permissions
RIGHTS = (
    ("POST", r".*/jobs:submit", "dataproc.jobs.create"),
    ("GET", r".*/jobs", "dataproc.jobs.list"),
    ("GET", r".*/jobs/[^/:]+", "dataproc.jobs.get"),
    ("POST", r".*/jobs/[^/:]+:cancel", "dataproc.jobs.cancel"),
    ("POST", r".*/batches", "dataproc.batches.create"),
    ("GET", r".*/batches/[^/:]+", "dataproc.batches.get"),
    ("POST", r".*/operations/[^/:]+:cancel", "dataproc.operations.cancel"),
)


def wanted(server: DataprocServer) -> set[str]:
    """The rights that all that was asked for wants."""
    return {
        right
        for method, path in server.requests
        for of, pattern, right in RIGHTS
        if of == method and re.fullmatch(pattern, path)
    }


def allowed(policy: str) -> set[str]:
    document = json.loads((POLICIES / policy).read_text(encoding="utf-8"))
    return set(document["includedPermissions"])


@pytest.mark.parametrize(
    ("kind", "policy", "beside"),
    [
        ("jobs", "google-dataproc-submit.json", {"dataproc.clusters.use"}),  # a part of jobs:submit
        ("batches", "google-dataproc-serverless-submit.json", set()),
    ],
)
def test_who_submits_is_allowed_what_is_asked_and_no_more(
    kind: str,
    policy: str,
    beside: set[str],
    service: DataprocService,
    batches: DataprocServerlessService,
    server: DataprocServer,
) -> None:
    of = service if kind == "jobs" else batches
    job_id = of.target.submit(of.job("spot", long_running=kind == "jobs", token="a"))
    of.target.status(job_id)
    of.target.cancel(job_id)
    assert wanted(server) == allowed(policy) - beside
