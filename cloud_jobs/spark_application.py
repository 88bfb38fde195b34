"""The SparkApplication itself, of the types that its operator publishes (`kubeflow-spark-api`).

Secrets and the environment's path are Spark's own settings, not the operator's `env`: that one needs its webhook.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cloud_jobs import clients, kubernetes_api
from cloud_jobs.job import JobRequest

if TYPE_CHECKING:
    from cloud_jobs.kubernetes import KubernetesSettings


def rendered(settings: KubernetesSettings, job: JobRequest) -> Mapping[str, Any]:
    """What is created, as JSON. Raises MissingClient."""
    with clients.needed():
        from kubeflow_spark_api.models.spark_v1beta2_spark_application import SparkV1beta2SparkApplication
    meta = {"name": kubernetes_api.resource_name(job), "namespace": settings.namespace}
    body = {
        "apiVersion": "sparkoperator.k8s.io/v1beta2",
        "kind": "SparkApplication",
        "metadata": {**meta, "labels": kubernetes_api.labels(job)},
        "spec": _spec(settings, kubernetes_api.for_hadoop(job)),
    }
    typed: dict[str, Any] = SparkV1beta2SparkApplication.from_dict(body).to_dict()
    return typed


def _spec(settings: KubernetesSettings, job: JobRequest) -> dict[str, Any]:
    conf, (entry, arguments) = kubernetes_api.conf(settings, job), kubernetes_api.words(settings, job)
    return {
        "type": "Python",
        "mode": "cluster",
        "pythonVersion": "3",
        "sparkVersion": f"{job.package.spark}.0",
        "image": settings.image,
        "imagePullPolicy": settings.pull_policy,
        "mainApplicationFile": entry,
        "arguments": arguments,
        "deps": _deps(conf),
        "driver": _driver(settings, conf),
        "executor": _executor(conf),
        "restartPolicy": _restarts(settings, job),
        **({"imagePullSecrets": list(settings.pull_secrets)} if settings.pull_secrets else {}),
        **({} if job.long_running else {"timeToLiveSeconds": settings.keep}),
        "sparkConf": conf,
    }


def _deps(conf: dict[str, str]) -> dict[str, list[str]]:
    """Takes those of Spark's settings that are fields here."""
    fields = {
        "archives": "spark.archives",
        "packages": "spark.jars.packages",
        "excludePackages": "spark.jars.excludes",
    }
    return {field: conf.pop(name).split(",") for field, name in fields.items() if name in conf}


def _driver(settings: KubernetesSettings, conf: dict[str, str]) -> dict[str, Any]:
    return {
        "cores": int(conf.pop("spark.driver.cores")),
        "memory": conf.pop("spark.driver.memory"),
        "serviceAccount": settings.service_account,
    }


def _executor(conf: dict[str, str]) -> dict[str, Any]:
    return {
        "instances": int(conf.pop("spark.executor.instances")),
        "cores": int(conf.pop("spark.executor.cores")),
        "memory": conf.pop("spark.executor.memory"),
    }


def _restarts(settings: KubernetesSettings, job: JobRequest) -> dict[str, Any]:
    """A stream has no end: whatever ended it, it is started again, each time a little later."""
    if not job.long_running:
        return {"type": "Never"}
    wait = settings.restart_after
    return {"type": "Always", "onFailureRetryInterval": wait, "onSubmissionFailureRetryInterval": wait}
