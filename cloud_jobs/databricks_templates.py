"""The files of `templates/` for Databricks: an asset bundle, and the same jobs for Terraform.

https://docs.databricks.com/aws/en/dev-tools/bundles/
https://registry.terraform.io/providers/databricks/databricks/latest/docs/resources/job
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from cloud_jobs import terraform
from cloud_jobs.databricks import DatabricksSettings
from cloud_jobs.job import JobRequest, Package, Secret

_VOLUME = "/Volumes/replace_catalog/replace_schema"
_FOLDER = f"dbfs:{_VOLUME}/packages/tradewind"
_NODE, _PRINCIPAL = "replace-node-type", "replace-service-principal"
NAMES = {_VOLUME: "volumes", _NODE: "node_type", _PRINCIPAL: "service_principal"}
_BLOCKS = {"tasks": "task", "libraries": "library", "environments": "environment"}


def files(note: str) -> Mapping[str, str]:
    """The text of each by its name."""
    jobs = {
        "tradewind_stream": _target().request(_stream()),
        "tradewind_ingest": _target(file_arrival=f"{_VOLUME}/in/").request(_backfill()),
    }
    resources = {"databricks_job": {name: _blocks(job) for name, job in jobs.items()}}
    return {
        "databricks.yml": f"# {note}\n{yaml.safe_dump(bundle(jobs), sort_keys=False, width=120)}",
        "databricks.tf.json": terraform.document(note, resources, NAMES, {"databricks": "databricks/databricks"}),
    }


def bundle(jobs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """An asset bundle of jobs by their keys; `databricks bundle deploy` needs DATABRICKS_HOST, or a profile."""
    return {
        "bundle": {"name": "tradewind"},
        "resources": {"jobs": {name: dict(job) for name, job in jobs.items()}},
        "targets": {"production": {"default": True}},
    }


def _target(**more: str) -> Any:
    told = {"kind": "databricks", "packages": _FOLDER, "node_type": _NODE, "run_as": _PRINCIPAL, **more}
    return DatabricksSettings.model_validate(told).target()


def _stream() -> JobRequest:
    return JobRequest("tradewind-stream", ("stream", "spot"), _package(), _secret(), long_running=True)


def _backfill() -> JobRequest:
    return JobRequest("tradewind-ingest", ("backfill", "spot"), _package(), _secret())


def _package() -> Package:
    return Package(
        f"{_FOLDER}/tradewind_job.py", f"{_FOLDER}/environment.tar.gz", "3.11", "x86_64", "3.5",
        wheel=f"{_FOLDER}/tradewind-0.1.0-py3-none-any.whl", requirements=f"{_FOLDER}/requirements.txt",
    )  # fmt: skip


def _secret() -> tuple[Secret, ...]:
    return (Secret("PGPASSWORD", "databricks", "tradewind/pgpassword"),)


def _blocks(value: Any) -> Any:
    """The API's lists as Terraform names them."""
    if isinstance(value, Mapping):
        return {_BLOCKS.get(name, name): _blocks(inner) for name, inner in value.items()}
    return [_blocks(one) for one in value] if isinstance(value, list) else value
