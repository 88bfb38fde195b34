"""SparkApplications through the real client: each state, refusals by their codes, what one name keeps apart."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cloud_jobs import kubernetes_api
from cloud_jobs.errors import Refused, TargetError, Unreachable
from cloud_jobs.job import JobId, JobState
from cloud_jobs.kubernetes import STATES, KubernetesSettings, KubernetesTarget
from tests.clouds import kubernetes_rights
from tests.clouds.kubernetes_jobs import TABLE, OperatorService
from tests.clouds.kubernetes_server import KubernetesServer


@pytest.fixture
def server() -> Iterator[KubernetesServer]:
    with KubernetesServer() as running:
        yield running


@pytest.fixture
def service(server: KubernetesServer, tmp_path: Path) -> OperatorService:
    return OperatorService(server, tmp_path)


def with_settings(service: OperatorService, **changes: Any) -> KubernetesTarget:
    return KubernetesTarget(KubernetesSettings.model_validate({**service.settings.model_dump(), **changes}))


@pytest.mark.parametrize(("word", "state"), STATES.items())
def test_each_word_of_the_operator_has_its_state(service: OperatorService, word: str, state: JobState) -> None:
    job_id = service.target.submit(service.job(token="a"))
    service.server.becomes("sparkapplications", job_id.partition("/")[0], {"applicationState": {"state": word}})
    assert service.target.status(job_id).state == state


def test_a_word_that_is_new_is_named(service: OperatorService) -> None:
    job_id = service.target.submit(service.job(token="a"))
    service.server.becomes("sparkapplications", job_id.partition("/")[0], {"applicationState": {"state": "DREAMING"}})
    with pytest.raises(Refused, match="DREAMING"):
        service.target.status(job_id)


def test_the_exit_code_is_that_of_the_drivers_container(service: OperatorService) -> None:
    job_id = service.target.submit(service.job(token="a"))
    service.bring(job_id, "failed")
    name = f"{job_id.partition('/')[0]}-driver"
    ended = {"name": "spark-kubernetes-driver", "state": {"terminated": {"exitCode": 3, "reason": "Error"}}}
    container = {**ended, "image": "i", "imageID": "i", "ready": False, "restartCount": 0}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"}}
    status = {"phase": "Failed", "containerStatuses": [container]}
    spec = {"containers": [{"name": "spark-kubernetes-driver", "image": "i"}]}
    service.server.objects["default", "pods", name] = {**pod, "spec": spec, "status": status}
    assert service.target.status(job_id).exit_code == 3


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 422])
def test_what_the_cluster_refuses_is_refused(service: OperatorService, code: int) -> None:
    with service.server.refusing(code, "Forbidden"), pytest.raises(Refused, match="Forbidden by the test"):
        service.target.submit(service.job())


@pytest.mark.parametrize("code", [429, 500, 503])
def test_what_may_succeed_later_is_unreachable(service: OperatorService, code: int) -> None:
    with service.server.refusing(code, "ServiceUnavailable"), pytest.raises(Unreachable, match=str(code)):
        service.target.submit(service.job())


def test_without_the_operator_its_absence_is_told(tmp_path: Path) -> None:
    with KubernetesServer(operator=False) as server, pytest.raises(Refused, match=r"could not find.*\(404\)"):
        service = OperatorService(server, tmp_path)
        service.target.submit(service.job())


def test_an_unknown_user_is_refused(server: KubernetesServer, tmp_path: Path) -> None:
    service = OperatorService(server, tmp_path)
    server.kubeconfig(tmp_path, token="another")
    with pytest.raises(Refused, match="401"):
        service.target.submit(service.job())


def test_an_operator_that_cannot_suspend_is_told_of(tmp_path: Path) -> None:
    with KubernetesServer(suspends=False) as server:
        service = OperatorService(server, tmp_path)
        job_id = service.target.submit(service.job())
        with pytest.raises(Refused, match="kubectl delete sparkapplication"):
            service.target.cancel(job_id)


def test_a_stream_that_made_way_is_told_from_the_new_one(service: OperatorService) -> None:
    first = service.target.submit(service.job("stream-spot", long_running=True, token="first"))
    service.bring(first, "failed")
    second = service.target.submit(service.job("stream-spot", long_running=True, token="second"))
    with pytest.raises(Refused, match=second):
        service.target.status(first)
    with pytest.raises(Refused, match=second):
        service.target.cancel(first)
    assert service.target.status(second).state == "pending"


def test_of_many_who_start_an_ended_stream_again_at_once_one_gets_it(service: OperatorService) -> None:
    service.bring(service.target.submit(service.job("stream-spot", long_running=True, token="before")), "failed")

    def submit(token: str) -> str | None:
        try:
            target = KubernetesTarget(service.settings)
            return target.submit(service.job("stream-spot", long_running=True, token=token))
        except Refused as refused:
            assert "runs once at a time" in str(refused)
            return None

    with ThreadPoolExecutor(6) as pool:
        got = [job_id for job_id in pool.map(submit, "abcdef") if job_id]
    assert len(got) == 1
    assert service.target.status(JobId(got[0])).state == "pending"


def test_a_long_name_leaves_room_for_the_drivers(service: OperatorService) -> None:
    name = "a" * 63
    for job in (service.job(name, token="a"), service.job(name, long_running=True, token="a")):
        made = service.target.submit(job).partition("/")[0]
        assert len(f"{made}-driver") <= 63


def test_a_file_that_is_no_kubeconfig_is_told(service: OperatorService, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    with pytest.raises(TargetError, match="kubeconfig"):
        with_settings(service, kubeconfig=tmp_path / "empty").submit(service.job())


def test_s3_is_named_as_spark_reads_it(service: OperatorService) -> None:
    job = service.job()
    package = replace(job.package, entry="s3://b/entry.py", environment="s3://b/e.tar.gz")
    spec = service.target.request(replace(job, package=package))["spec"]
    assert spec["mainApplicationFile"] == "s3a://b/entry.py"
    assert spec["deps"]["archives"] == ["s3a://b/e.tar.gz#environment"]


def test_a_package_in_the_image_is_not_fetched(service: OperatorService) -> None:
    spec = with_settings(service, in_image="/opt/tradewind").request(service.job())["spec"]
    assert spec["mainApplicationFile"] == "local:///opt/tradewind/tradewind_job.py"
    assert spec["arguments"][0] == "--environment=/opt/tradewind/environment"
    assert "archives" not in spec["deps"]
    assert spec["sparkConf"]["spark.executorEnv.PYTHONPATH"] == "/opt/tradewind/environment"


def test_the_users_settings_of_spark_win_in_fields_too(service: OperatorService) -> None:
    conf = {"spark.driver.memory": "7g", "spark.executor.instances": "9", "spark.jars.packages": "a:b:1,c:d:2"}
    spec = service.target.request(replace(service.job(), conf=conf))["spec"]
    assert (spec["driver"]["memory"], spec["executor"]["instances"]) == ("7g", 9)
    assert spec["deps"]["packages"] == ["a:b:1", "c:d:2"]


def test_where_pods_may_go_and_what_pulls_their_image(service: OperatorService) -> None:
    target = with_settings(service, node_selector={"pool": "spark"}, pull_secrets=["registry"])
    spec = target.request(service.job())["spec"]
    assert spec["imagePullSecrets"] == ["registry"]
    assert spec["sparkConf"]["spark.kubernetes.node.selector.pool"] == "spark"


def test_logs_are_where_the_settings_say(service: OperatorService) -> None:
    target = with_settings(service, logs="https://logs.example.com/{namespace}/{pod}")
    job_id = target.submit(service.job(token="a"))
    name = job_id.partition("/")[0]
    assert target.status(job_id).logs == f"https://logs.example.com/default/{name}-driver"


def test_who_submits_needs_the_rights_of_the_document_and_no_others(service: OperatorService) -> None:
    job_id = service.target.submit(service.job("stream-spot", long_running=True, token="first"))
    service.target.status(job_id)
    service.target.cancel(job_id)
    service.target.submit(service.job("stream-spot", long_running=True, token="second"))
    service.bring(job_id, "failed")
    document = Path(__file__).parents[2] / "docs" / "policies" / "kubernetes-operator-submit.yaml"
    service.target.status(service.target.submit(service.job("stream-spot", long_running=True, token="second")))
    assert kubernetes_rights.taken(service.server.asked) == kubernetes_rights.given(document)


WRONG = [
    ({"secrets": {"PGPASSWORD": "hunter2"}}, "SECRET/KEY"),
    ({"namespace": "Not A Name"}, "namespace"),
    ({"in_image": "opt/x"}, "in_image"),
    ({"pull_policy": "Sometimes"}, "pull_policy"),
    ({"imge": "x"}, "did you mean 'image'"),
    ({"packages": "dbfs:/Volumes/a"}, "begins with"),
]


@pytest.mark.parametrize(("table", "told"), WRONG)
def test_a_table_that_cannot_work_is_refused(table: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as refused:
        KubernetesSettings.model_validate({"kind": "kubernetes", **TABLE, **table})
    assert "hunter2" not in str(refused.value.errors()[0]["msg"])


def test_a_package_is_in_the_image_or_somewhere_to_be_fetched() -> None:
    table = {name: value for name, value in TABLE.items() if name != "packages"}
    with pytest.raises(ValidationError, match="in_image"):
        KubernetesSettings.model_validate(table)
    assert not KubernetesSettings.model_validate({**table, "in_image": "/opt/tradewind"}).fetches
    assert KubernetesSettings.model_validate(TABLE).fetches


def test_within_a_cluster_its_own_account_is_used(
    server: KubernetesServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tmp_path / "token"
    token.write_text("a-token-of-the-test")
    monkeypatch.setattr(kubernetes_api, "OWN_ACCOUNT", str(token))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(TargetError, match="kubernetes"):
        kubernetes_api.client(KubernetesSettings.model_validate({"kind": "kubernetes", **TABLE}))
