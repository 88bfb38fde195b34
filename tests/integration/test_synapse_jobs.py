"""Synapse through the real client: each state, refusals by their codes, sizes that a pool has, secrets."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from azure.core.credentials import AccessToken
from azure.identity import CredentialUnavailableError
from azure.synapse.spark.models import LivyStates, SparkBatchJobResultType
from pydantic import ValidationError

from cloud_jobs import secret_stores
from cloud_jobs.errors import Refused, TargetError, Unreachable
from cloud_jobs.job import JobId, JobState, Size
from cloud_jobs.synapse import RESULTS, STATES, State, SynapseSettings, SynapseTarget
from tests.clouds.synapse_jobs import SECRET, TABLE, SynapseService
from tests.clouds.synapse_server import Credential, SynapseServer


@pytest.fixture
def server() -> Iterator[SynapseServer]:
    with SynapseServer() as running:
        yield running


@pytest.fixture
def service(server: SynapseServer) -> SynapseService:
    return SynapseService(server)


def test_every_state_of_the_client_has_its_own() -> None:
    states: Any = LivyStates
    results: Any = SparkBatchJobResultType
    assert set(STATES) == {one.value for one in states} == set(get_args(State))
    assert {*RESULTS, "Uncertain"} == {one.value for one in results}


@pytest.mark.parametrize(("word", "state"), STATES.items())
def test_each_state_of_a_batch_is_told(service: SynapseService, word: str, state: JobState) -> None:
    job_id = service.target.submit(service.job())
    service.server.becomes(int(job_id), word)
    status = service.target.status(job_id)
    assert (status.state, status.service_state) == (state, word)


@pytest.mark.parametrize(("result", "state"), RESULTS.items())
def test_a_dead_batch_is_what_its_result_says(service: SynapseService, result: str, state: JobState) -> None:
    job_id = service.target.submit(service.job())
    service.server.becomes(int(job_id), "dead", result)
    assert service.target.status(job_id).state == state


def test_a_state_that_is_new_is_named(service: SynapseService) -> None:
    job_id = service.target.submit(service.job())
    service.server.becomes(int(job_id), "dreaming")
    with pytest.raises(Refused, match="dreaming"):
        service.target.status(job_id)


def test_a_batch_that_died_without_a_word_tells_its_logs_last_line(service: SynapseService) -> None:
    job_id = service.target.submit(service.job())
    service.server.becomes(int(job_id), "dead", "Failed", log=["first", "the last line"])
    assert service.target.status(job_id).reason == "the last line"


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409])
def test_what_the_workspace_refuses_is_refused(service: SynapseService, code: int) -> None:
    with service.server.refusing(code, "Fault"), pytest.raises(Refused, match=rf"Fault by the test \({code}\)"):
        service.target.submit(service.job())


@pytest.mark.parametrize("code", [429, 500, 503])
def test_what_may_succeed_later_is_unreachable(service: SynapseService, code: int) -> None:
    with service.server.refusing(code, "Fault"), pytest.raises(Unreachable, match=str(code)):
        service.target.submit(service.job())


def test_a_wrong_identity_is_refused(service: SynapseService) -> None:
    with pytest.raises(Refused, match="401"):
        SynapseTarget(service.settings, Credential("another")).submit(service.job())


def test_without_any_identity_it_is_told(service: SynapseService) -> None:
    class Nobody:
        def get_token(self, *_scopes: str, **_: Any) -> AccessToken:
            raise CredentialUnavailableError(message="no identity was found\nin seven places")

    with pytest.raises(Refused, match=r"looking at batch 1: no identity was found$"):
        SynapseTarget(service.settings, Nobody()).status(JobId("1"))


def test_a_wish_is_found_beyond_the_first_page(service: SynapseService) -> None:
    first = service.target.submit(service.job(token="a wish"))
    for each in range(25):
        service.server.batches[each + 1] = {**service.server.batches[0], "id": each + 1, "tags": None}
    service.server.batches = dict(reversed(service.server.batches.items()))
    assert service.target.submit(service.job(token="a wish")) == first


SIZES = [
    (Size(driver_cores=1, driver_memory=2048), (4, "28g")),
    (Size(driver_cores=5, driver_memory=2048), (8, "56g")),
    (Size(driver_cores=1, driver_memory=60 * 1024), (16, "112g")),
]


@pytest.mark.parametrize(("size", "node"), SIZES, ids=["small", "cores", "memory"])
def test_a_size_becomes_the_smallest_node_that_holds_it(
    service: SynapseService, size: Size, node: tuple[int, str]
) -> None:
    body = service.target.request(replace(service.job(), size=size))
    assert (body["driverCores"], body["driverMemory"]) == node
    assert body["numExecutors"] == size.executors


def test_a_size_that_no_node_has_is_refused(service: SynapseService) -> None:
    with pytest.raises(TargetError, match="no node of Synapse has 65 cores"):
        service.target.request(replace(service.job(), size=Size(executor_cores=65)))


def test_the_environment_reaches_the_driver_and_the_executors(service: SynapseService) -> None:
    body = service.target.request(service.job())
    assert body["archives"][0].endswith("/environment.tar.gz#environment")
    assert body["args"][0] == "--environment=environment"
    for part in ("spark.yarn.appMasterEnv", "spark.executorEnv"):
        assert body["conf"][f"{part}.PYTHONPATH"] == "environment"


def test_yarn_starts_a_stream_again_and_nothing_else(server: SynapseServer) -> None:
    service = SynapseService(server, restarts=2)
    stream = service.target.request(service.job("stream-spot", long_running=True))["conf"]
    assert stream["spark.yarn.maxAppAttempts"] == "3"
    assert stream["spark.yarn.am.attemptFailuresValidityInterval"] == "1h"
    assert service.target.request(service.job())["conf"]["spark.yarn.maxAppAttempts"] == "1"


def test_the_users_settings_of_spark_win(service: SynapseService) -> None:
    conf = {"spark.dynamicAllocation.enabled": "true"}
    assert (
        service.target.request(replace(service.job(), conf=conf))["conf"]["spark.dynamicAllocation.enabled"] == "true"
    )


def test_the_page_of_a_batch_is_that_of_synapse_studio(server: SynapseServer) -> None:
    group = "/subscriptions/0/resourceGroups/trades/providers/Microsoft.Synapse/workspaces/trades"
    service = SynapseService(server, workspace_id=group)
    logs = service.target.status(service.target.submit(service.job())).logs
    assert logs is not None and logs.startswith(
        "https://web.azuresynapse.net/monitoring/sparkapplication/backfill-spot?"
    )
    assert "workspaces%2Ftrades" in logs and logs.endswith("&livyId=0&sparkPoolName=trades")


WRONG = [
    ({"workspace": "https://example.com"}, "workspace"),
    ({"workspace": "http://trades.dev.azuresynapse.net"}, "workspace"),
    ({"pool": "not-a-pool"}, "pool"),
    ({"packages": "s3://b/p"}, "begins with abfss://"),
    ({"secrets": {"PGPASSWORD": "hunter2"}}, "no reference to a secret"),
]


@pytest.mark.parametrize(("table", "told"), WRONG)
def test_a_table_that_cannot_work_is_refused(table: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as refused:
        SynapseSettings.model_validate({**TABLE, **table})
    assert "hunter2" not in str(refused.value.errors()[0]["msg"])


PLATFORM = """
class mssparkutils:
    class credentials:
        @staticmethod
        def getSecret(*told):
            return "/".join(told)
"""


@pytest.mark.parametrize(("linked", "read"), [("vault", "trades/tradewind-db/vault"), (None, "trades/tradewind-db")])
def test_on_a_pool_a_secret_is_read_by_the_pools_own_means(
    linked: str | None, read: str, service: SynapseService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notebookutils.py").write_text(PLATFORM)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "notebookutils", raising=False)
    told = SynapseService(service.server, linked_service=linked).target.request(service.job())["conf"]
    prefix = "spark.yarn.appMasterEnv."
    for name, value in told.items():
        if name.startswith(prefix) and "PYTHONPATH" not in name:
            monkeypatch.setenv(name.removeprefix(prefix), value)
    try:
        assert secret_stores.resolved([(SECRET.variable, SECRET.store, SECRET.reference)]) == {"PGPASSWORD": read}
    finally:
        sys.modules.pop("notebookutils", None)
