"""`spark-submit --master k8s://…`: Spark itself makes the driver's pod, and no operator is needed.

Nothing starts such a driver again, so a stream is refused here.
https://spark.apache.org/docs/latest/running-on-kubernetes.html
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from cloud_jobs import kubernetes_api, kubernetes_pods, spark_submit
from cloud_jobs.errors import Refused, TargetError
from cloud_jobs.job import JobId, JobRequest, JobState, Status
from cloud_jobs.kubernetes_api import TOKEN, ClusterSettings, translated
from cloud_jobs.states import state_of
from cloud_jobs.tokens import digest, with_token

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

    from cloud_jobs.kubernetes_pods import Pod

#: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase
Phase = Literal["Pending", "Running", "Succeeded", "Failed", "Unknown"]
PHASES: Mapping[str, JobState] = {
    "Pending": "pending",
    "Running": "running",
    "Succeeded": "succeeded",
    "Failed": "failed",
    "Unknown": "running",  # its node does not answer
}
ANSWER = 300  # seconds that spark-submit may take: it also fetches what the package names
_SAID = 2000  # characters of its last words


class KubernetesSubmitSettings(ClusterSettings):
    """`server` is the API server's address, https://HOST:PORT, as `kubectl cluster-info` tells it."""

    kind: Literal["kubernetes-submit"] = "kubernetes-submit"
    server: str = Field(pattern=r"^https?://[^\s/]+$")
    spark_submit: str | None = None

    def target(self) -> KubernetesSubmitTarget:
        return KubernetesSubmitTarget(self)


@dataclass(frozen=True)
class KubernetesSubmitTarget:
    """Driver pods of one namespace; a job's id is its driver pod's name."""

    settings: KubernetesSubmitSettings

    def request(self, job: JobRequest) -> Mapping[str, Any]:
        """The command, and what of the environment it changes. Raises TargetError for a stream."""
        if job.long_running:
            raise TargetError(
                f"{job.name}: nothing starts the driver of a spark-submit again. A stream needs "
                'kind = "kubernetes", the Spark operator, or the StatefulSet of docker/'
            )
        own, program = self.settings, self.settings.spark_submit or "spark-submit"
        environment = {"KUBECONFIG": str(own.kubeconfig)} if own.kubeconfig else {}
        return {"command": [program, *_words(own, kubernetes_api.for_hadoop(job))], "environment": environment}

    def submit(self, job: JobRequest) -> JobId:
        job = with_token(job)
        request, pod = self.request(job), _name(job)
        if self._is_there(job, pod):
            return pod
        command = [spark_submit.program(self.settings.spark_submit), *request["command"][1:]]
        ended = subprocess.run(
            command, env={**os.environ, **request["environment"]}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=ANSWER, check=False,
        )  # fmt: skip
        if ended.returncode and not self._is_there(job, pod):  # there: another of the same wish was quicker
            raise Refused(f"spark-submit ended with {ended.returncode}: {_said(ended.stdout)}")
        return pod

    def status(self, job_id: JobId) -> Status:
        pod = self._pod(job_id)
        state = state_of(kubernetes_pods.phase(pod), PHASES, "Kubernetes")
        if kubernetes_pods.was_cancelled(pod) and state in ("pending", "failed"):  # pending: it will never run
            state = "cancelled"
        reason = None if state == "succeeded" else kubernetes_pods.reason(pod)
        logs = kubernetes_pods.log_address(self.settings, self._api, job_id)
        return Status(job_id, state, kubernetes_pods.phase(pod), reason, logs, kubernetes_pods.exit_code(pod))

    def cancel(self, job_id: JobId) -> None:
        """Gives the driver's pod a second to live, from when it has a node: so it stays to be looked at."""
        with translated(f"ending the driver pod {job_id}"):
            kubernetes_pods.end(self._api, self._pod(job_id))

    def _pod(self, name: str) -> Pod:
        with translated(f"looking at the driver pod {name}"):
            pod = kubernetes_pods.found(self._api, self.settings.namespace, name)
        if pod is None:
            raise Refused(f"there is no driver pod {name} in {self.settings.namespace}; it may have been removed")
        return pod

    def _is_there(self, job: JobRequest, name: str) -> bool:
        """Whether this very wish has its pod."""
        with translated(f"looking for the driver pod {name}"):
            pod = kubernetes_pods.found(self._api, self.settings.namespace, name)
        return pod is not None and kubernetes_pods.labels(pod).get(TOKEN) == digest(job.token)

    @cached_property
    def _api(self) -> ApiClient:
        return kubernetes_api.client(self.settings)


def _said(output: str) -> str:
    """Its last words, without the frames of Java's stack."""
    return "\n".join(line for line in output.splitlines() if not line.startswith(("\tat ", "\t... ")))[-_SAID:].strip()


def _name(job: JobRequest) -> JobId:
    return JobId(f"{kubernetes_api.resource_name(job)}-driver")


def _words(settings: KubernetesSubmitSettings, job: JobRequest) -> list[str]:
    conf = [word for name, value in _conf(settings, job).items() for word in ("--conf", f"{name}={value}")]
    entry, arguments = kubernetes_api.words(settings, job)
    master = ["--master", f"k8s://{settings.server}", "--deploy-mode", "cluster", "--name", job.name]
    return [*master, *conf, entry, *arguments]


def _conf(settings: KubernetesSubmitSettings, job: JobRequest) -> dict[str, str]:
    """What only spark-submit is told; a SparkApplication says the same in its fields."""
    named = {f"spark.kubernetes.driver.label.{key}": value for key, value in kubernetes_api.labels(job).items()}
    pulled = {"spark.kubernetes.container.image.pullSecrets": ",".join(settings.pull_secrets)}
    context = {"spark.kubernetes.context": settings.context} if settings.context else {}
    return {
        "spark.kubernetes.namespace": settings.namespace,
        "spark.kubernetes.driver.pod.name": _name(job),
        "spark.kubernetes.container.image": settings.image,
        "spark.kubernetes.container.image.pullPolicy": settings.pull_policy,
        "spark.kubernetes.authenticate.driver.serviceAccountName": settings.service_account,
        "spark.kubernetes.submission.waitAppCompletion": "false",
        **named,
        **(pulled if settings.pull_secrets else {}),
        **context,
        **kubernetes_api.conf(settings, job),
    }
