"""The files of `templates/` for Kubernetes: SparkApplications for `kubectl apply -f`, and for Terraform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from cloud_jobs import terraform
from cloud_jobs.job import JobRequest, Package, Secret
from cloud_jobs.kubernetes import KubernetesSettings

_FOLDER = "s3://replace-jobs/tradewind"
_IMAGE = "replace-registry/spark:4.3.0"
#: Stand-ins that the settings accept, and Terraform's variables for them.
NAMES = {_IMAGE: "image", "replace-jobs": "jobs_bucket"}


def files(note: str) -> Mapping[str, str]:
    """The text of each by its name."""
    target = KubernetesSettings(packages=_FOLDER, image=_IMAGE).target()
    stream, backfill = target.request(_stream()), target.request(_backfill())
    manifests = {"kubernetes_manifest": {"stream": {"manifest": stream}}}
    return {
        "kubernetes-stream.yaml": _yaml(note, stream),
        "kubernetes-backfill.yaml": _yaml(note, backfill),
        "kubernetes.tf.json": terraform.document(note, manifests, NAMES, {"kubernetes": "hashicorp/kubernetes"}),
    }


def _stream() -> JobRequest:
    return JobRequest("tradewind-stream", ("stream", "spot"), _package(), _secret(), long_running=True)


def _backfill() -> JobRequest:
    return JobRequest("tradewind-backfill", ("backfill", "spot"), _package(), _secret())


def _package() -> Package:
    return Package(f"{_FOLDER}/tradewind_job.py", f"{_FOLDER}/environment.tar.gz", "3.11", "x86_64", "4.3")


def _secret() -> tuple[Secret, ...]:
    return (Secret("PGPASSWORD", "kubernetes", "tradewind-db/password"),)


def _yaml(note: str, body: Mapping[str, Any]) -> str:
    return f"# {note}\n{yaml.safe_dump(dict(body), sort_keys=False, width=120)}"
