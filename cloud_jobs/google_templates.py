"""The files of `templates/` for Dataproc: what is sent, for curl, for gcloud and for Terraform."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cloud_jobs import terraform
from cloud_jobs.dataproc import DataprocSettings
from cloud_jobs.dataproc_serverless import DataprocServerlessSettings
from cloud_jobs.job import JobRequest, Package, Secret, Size

_FOLDER = "gs://replace-jobs/tradewind"
_PROJECT, _REGION, _CLUSTER = "replace-project", "europe-west3", "replace-cluster"
_ACCOUNT = f"tradewind-job@{_PROJECT}.iam.gserviceaccount.com"
#: Stand-ins that the settings accept, and Terraform's variables for them.
NAMES = {
    _ACCOUNT: "service_account",
    _PROJECT: "project",
    _REGION: "region",
    _CLUSTER: "cluster",
    "replace-jobs": "jobs_bucket",
}
_PROVIDERS = {"google": "hashicorp/google"}


def files(note: str) -> Mapping[str, str]:
    """The text of each by its name."""
    job, batch = _cluster().target(), _serverless().target()
    return {
        "dataproc-stream.json": _json(job.request(_stream())),
        "dataproc-backfill.json": _json(job.request(_backfill())),
        "dataproc-backfill.workflow.json": _json(_workflow(job.request(_backfill()))),
        "dataproc.tf.json": _terraform(note, {"google_dataproc_job": {"stream": _job(job.request(_stream()))}}),
        "dataproc-serverless-backfill.json": _json(batch.request(_large(_backfill()))["batch"]),
        "dataproc-serverless.tf.json": _terraform(
            note, {"google_dataproc_batch": {"backfill": _batch(batch.request(_large(_backfill())))}}
        ),
    }


def _package() -> Package:
    return Package(f"{_FOLDER}/tradewind_job.py", f"{_FOLDER}/environment.tar.gz", "3.11", "x86_64", "3.5")


def _secret() -> tuple[Secret, ...]:
    return (Secret("PGPASSWORD", "google", f"projects/{_PROJECT}/secrets/tradewind-db"),)


def _stream() -> JobRequest:
    return JobRequest("tradewind-stream", ("stream", "spot"), _package(), _secret(), long_running=True)


def _backfill() -> JobRequest:
    return JobRequest("tradewind-backfill", ("backfill", "spot"), _package(), _secret())


def _large(job: JobRequest) -> JobRequest:
    """With the least that a batch may have."""
    size: Size = DataprocServerlessSettings.model_fields["size"].default.size
    return JobRequest(job.name, job.command, job.package, job.secrets, size)


def _cluster() -> DataprocSettings:
    return DataprocSettings(packages=_FOLDER, project=_PROJECT, region=_REGION, cluster=_CLUSTER)


def _serverless() -> DataprocServerlessSettings:
    return DataprocServerlessSettings(
        packages=_FOLDER, project=_PROJECT, region=_REGION, runtime="2.2", service_account=_ACCOUNT
    )


def _workflow(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """For `gcloud dataproc workflow-templates import`, which reads JSON as YAML; it takes no restarts."""
    job = request["job"]
    return {
        "placement": {"clusterSelector": {"clusterLabels": {"goog-dataproc-cluster-name": _CLUSTER}}},
        "jobs": [{"stepId": "backfill", "pysparkJob": job["pysparkJob"], "labels": job["labels"]}],
    }


def _job(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/dataproc_job"""
    job, restarts = request["job"], request["job"]["scheduling"]["maxFailuresPerHour"]
    return {
        "project": request["projectId"],
        "region": request["region"],
        "force_delete": True,
        "labels": job["labels"],
        "placement": terraform.snake(job["placement"]),
        "pyspark_config": terraform.snake(job["pysparkJob"]),
        "scheduling": {"max_failures_per_hour": restarts, "max_failures_total": 240},
    }


def _batch(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/dataproc_batch"""
    return {
        "project": _PROJECT,
        "location": _REGION,
        "batch_id": "tradewind-backfill",
        **terraform.snake({"pyspark_batch" if k == "pysparkBatch" else k: v for k, v in request["batch"].items()}),
    }


def _terraform(note: str, resources: Mapping[str, Any]) -> str:
    return terraform.document(note, resources, NAMES, _PROVIDERS)


def _json(body: object) -> str:
    return f"{json.dumps(body, indent=2)}\n"
