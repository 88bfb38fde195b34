"""The two ways into a cluster, as the contract of targets needs them."""

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from cloud_jobs.job import JobId, JobRequest, JobState, Package, Secret, Target
from cloud_jobs.kubernetes import KubernetesSettings, KubernetesTarget
from cloud_jobs.kubernetes_submit import KubernetesSubmitSettings, KubernetesSubmitTarget
from tests.clouds import quick_spark_submit
from tests.clouds.job_service import a_job
from tests.clouds.kubernetes_server import KubernetesServer

PACKAGE = Package(
    entry="gs://trade-jobs/tradewind/0a1b2c3d/entry.py",
    environment="gs://trade-jobs/tradewind/0a1b2c3d/environment-3.11-x86_64.tar.gz",
    python="3.11",
    architecture="x86_64",
    spark="4.3",
    coordinates=("com.google.cloud.bigdataoss:gcs-connector:hadoop3-2.2.26",),
    exclusions=("com.google.code.gson:gson",),
)
SECRET = Secret("PGPASSWORD", "kubernetes", "tradewind-db/password")
TABLE: Mapping[str, Any] = {
    "packages": "gs://trade-jobs/tradewind",
    "image": "registry.example.com/trades/spark:4.3.0",
    "namespace": "default",
    "secrets": {SECRET.variable: SECRET.reference},
}
_APPLICATION: Mapping[JobState, str] = {
    "pending": "SUBMITTED",
    "running": "RUNNING",
    "succeeded": "COMPLETED",
    "failed": "FAILED",
    "cancelled": "SUSPENDED",
}


def a_pod_job(name: str = "backfill-spot", *, long_running: bool = False, token: str = "") -> JobRequest:
    job = a_job(name, long_running=long_running, token=token, package=PACKAGE)
    return replace(job, secrets=(SECRET,))


class OperatorService:
    """SparkApplications; the operator's and the kubelet's part is played by the test."""

    target: Target

    def __init__(self, server: KubernetesServer, folder: Path) -> None:
        self.server = server
        kubeconfig = server.kubeconfig(folder)
        self.settings = KubernetesSettings(kubeconfig=kubeconfig, **TABLE)
        self.target = KubernetesTarget(self.settings)

    def job(self, name: str = "backfill-spot", *, long_running: bool = False, token: str = "") -> JobRequest:
        return a_pod_job(name, long_running=long_running, token=token)

    def bring(self, job_id: JobId, state: JobState) -> None:
        told: dict[str, Any] = {"state": _APPLICATION[state]}
        if state == "failed":
            told["errorMessage"] = "driver container failed with ExitCode: 1, Reason: Error"
        name = job_id.partition("/")[0]
        status = {"applicationState": told, "driverInfo": {"podName": f"{name}-driver"}}
        self.server.becomes("sparkapplications", name, status)

    def down(self) -> AbstractContextManager[object]:
        return self.server.down()

    def busy(self) -> AbstractContextManager[object]:
        return self.server.refusing(429, "TooManyRequests")

    def denying(self) -> AbstractContextManager[object]:
        return self.server.refusing(403, "Forbidden")


class SubmitService:
    """Driver pods, which spark-submit makes; how long they live is the test's."""

    target: Target

    def __init__(self, server: KubernetesServer, folder: Path, program: Path | None = None) -> None:
        self.server = server
        own: dict[str, Any] = {"kubeconfig": server.kubeconfig(folder), "server": server.address}
        own["spark_submit"] = str(program or _quick(folder))
        self.settings = KubernetesSubmitSettings(**own, **TABLE)
        self.target = KubernetesSubmitTarget(self.settings)

    def job(self, name: str = "backfill-spot", *, long_running: bool = False, token: str = "") -> JobRequest:
        return a_pod_job(name, long_running=long_running, token=token)

    def bring(self, job_id: JobId, state: JobState) -> None:
        if state == "cancelled":
            self.target.cancel(job_id)
        self.server.becomes("pods", job_id, pod_status(state))

    down, busy, denying = OperatorService.down, OperatorService.busy, OperatorService.denying


def _quick(folder: Path) -> Path:
    program = folder / "spark-submit"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {quick_spark_submit.__file__} "$@"\n')
    program.chmod(0o755)
    return program


def pod_status(state: JobState) -> dict[str, Any]:
    """What a kubelet tells of the driver's pod."""
    if state == "pending":
        return {"phase": "Pending"}
    started = {"phase": "Running", "startTime": "2026-11-30T01:02:03Z"}
    if state == "running":
        return {**started, "containerStatuses": [_container({"running": {"startedAt": "2026-11-30T01:02:04Z"}})]}
    if state == "cancelled":
        return {**started, "phase": "Failed", "reason": "DeadlineExceeded", "message": "Pod was active too long"}
    code, phase, reason = (0, "Succeeded", "Completed") if state == "succeeded" else (1, "Failed", "Error")
    ended = {"terminated": {"exitCode": code, "reason": reason}}
    return {**started, "phase": phase, "containerStatuses": [_container(ended)]}


def _container(state: dict[str, Any]) -> dict[str, Any]:
    common = {"image": "i", "imageID": "i", "ready": False, "restartCount": 0}
    return {"name": "spark-kubernetes-driver", "state": state, **common}
