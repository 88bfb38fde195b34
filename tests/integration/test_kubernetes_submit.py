"""spark-submit itself against an API server that holds what it sends to Kubernetes' published schemas."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyspark
import pytest

from cloud_jobs import spark_submit, template_files
from cloud_jobs.errors import MissingClient, Refused, TargetError
from cloud_jobs.job import JobId, JobState
from cloud_jobs.kubernetes_submit import PHASES, KubernetesSubmitTarget
from streaming import java
from tests.clouds import kubernetes_rights
from tests.clouds.kubernetes_jobs import SubmitService
from tests.clouds.kubernetes_server import KubernetesServer


@pytest.fixture
def server() -> Iterator[KubernetesServer]:
    with KubernetesServer() as running:
        yield running


@pytest.fixture
def service(server: KubernetesServer, tmp_path: Path) -> SubmitService:
    return SubmitService(server, tmp_path)


def test_spark_makes_the_drivers_pod_with_our_labels_and_the_secrets_reference(
    server: KubernetesServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(java.find(4).home))
    service = SubmitService(server, tmp_path, Path(spark_submit.program(None)))
    settings = service.settings.model_copy(update={"in_image": "/opt/tradewind"})
    job = service.job(token="a wish")
    job = replace(job, package=replace(job.package, coordinates=(), exclusions=()))
    target = KubernetesSubmitTarget(settings)
    job_id = target.submit(job)
    pod = server.objects["default", "pods", job_id]
    assert pod["metadata"]["labels"]["tradewind/job"] == "backfill-spot"
    assert pod["spec"]["serviceAccountName"] == "spark"
    (driver,) = pod["spec"]["containers"]
    reference = {"secretKeyRef": {"name": "tradewind-db", "key": "password"}}
    assert {"name": "PGPASSWORD", "valueFrom": reference} in driver["env"]
    assert driver["args"][-6:] == [
        "local:///opt/tradewind/tradewind_job.py", "--environment=/opt/tradewind/environment", "--", *job.command,
    ]  # fmt: skip
    assert target.status(job_id).state == "pending"
    assert target.submit(job) == job_id
    assert len(server.asked_for("POST", "/pods")) == 1
    target.cancel(job_id)
    document = Path(__file__).parents[2] / "docs" / "policies" / "kubernetes-spark-submit.yaml"
    untaken = {("", "pods", "delete")}  # where what belongs to it could not be made
    if pyspark.__version__ < "4":  # which closes no network
        untaken |= {("networking.k8s.io", "networkpolicies", verb) for verb in ("create", "patch")}
    assert kubernetes_rights.taken(server.asked) | untaken == kubernetes_rights.given(document)


def test_the_template_is_a_command_that_makes_a_pod(service: SubmitService, tmp_path: Path) -> None:
    script = (template_files.FOLDER / "kubernetes-spark-submit.sh").read_text()
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "KUBECONFIG": str(tmp_path / "kubeconfig")}
    ran = subprocess.run(["sh"], input=script, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert service.target.status(JobId("tradewind-backfill-driver")).state == "pending"


def test_what_spark_submit_says_is_told(service: SubmitService, tmp_path: Path) -> None:
    program = tmp_path / "broken"
    program.write_text("#!/bin/sh\necho 'Exception: no such image'\nprintf '\\tat a.Frame\\n'\nexit 1\n")
    program.chmod(0o755)
    target = KubernetesSubmitTarget(service.settings.model_copy(update={"spark_submit": str(program)}))
    with pytest.raises(Refused, match="no such image") as refused:
        target.submit(service.job())
    assert "Frame" not in str(refused.value)


def test_a_program_that_is_not_there_is_named(service: SubmitService) -> None:
    target = KubernetesSubmitTarget(service.settings.model_copy(update={"spark_submit": "/no/spark-submit"}))
    with pytest.raises(MissingClient, match="/no/spark-submit"):
        target.submit(service.job())


def test_a_stream_is_refused_with_what_to_use_instead(service: SubmitService) -> None:
    with pytest.raises(TargetError, match='kind = "kubernetes"'):
        service.target.submit(service.job("stream-spot", long_running=True))


@pytest.mark.parametrize(("phase", "state"), PHASES.items())
def test_each_phase_of_a_pod_has_its_state(service: SubmitService, phase: str, state: JobState) -> None:
    job_id = service.target.submit(service.job())
    service.server.becomes("pods", job_id, {"phase": phase})
    assert service.target.status(job_id).state == state


def test_what_holds_a_pod_up_is_told(service: SubmitService) -> None:
    job_id = service.target.submit(service.job())
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}
    service.server.becomes("pods", job_id, {"phase": "Pending", "conditions": [condition]})
    assert service.target.status(job_id).reason == "Unschedulable: 0/3 nodes"
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}
    told = {"name": "spark-kubernetes-driver", "image": "i", "imageID": "", "ready": False, "restartCount": 0}
    service.server.becomes("pods", job_id, {"phase": "Pending", "containerStatuses": [{**told, "state": waiting}]})
    assert service.target.status(job_id).reason == "ImagePullBackOff: no such image"


def test_a_pod_that_was_removed_is_no_job_any_more(service: SubmitService) -> None:
    job_id = service.target.submit(service.job())
    del service.server.objects["default", "pods", job_id]
    with pytest.raises(Refused, match="removed"):
        service.target.status(job_id)


def test_the_exit_code_is_the_commands_own(service: SubmitService) -> None:
    job_id = JobId(service.target.submit(service.job()))
    service.bring(job_id, "failed")
    assert service.target.status(job_id).exit_code == 1
