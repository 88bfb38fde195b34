"""The files of `templates/` for Kubernetes: SparkApplications for `kubectl apply -f`, and for Terraform."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import yaml

from cloud_jobs import terraform
from cloud_jobs.job import JobRequest, Package, Secret
from cloud_jobs.kubernetes import KubernetesSettings
from cloud_jobs.kubernetes_submit import KubernetesSubmitSettings

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
        "kubernetes-spark-submit.sh": _script(note),
        "kubernetes.tf.json": terraform.document(note, manifests, NAMES, {"kubernetes": "hashicorp/kubernetes"}),
    }


def _script(note: str) -> str:
    """Each setting on a line of its own, and the program with its arguments on the last."""
    settings = KubernetesSubmitSettings(packages=_FOLDER, image=_IMAGE, server="https://replace-api-server:6443")
    words = [shlex.quote(word) for word in settings.target().request(_backfill())["command"]]
    starts = [at for at, word in enumerate(words) if word == "--conf"]
    starts.append(starts[-1] + 2)
    lines = [words[: starts[0]], *(words[one:other] for one, other in pairwise([*starts, len(words)]))]
    return f"#!/bin/sh\n# {note}\n" + " \\\n    ".join(" ".join(line) for line in lines) + "\n"


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
