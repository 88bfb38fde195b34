"""The files of `templates/` for Synapse: batches as its REST API takes them, with `az rest` or any other client."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cloud_jobs.job import JobRequest, Package, Secret
from cloud_jobs.synapse import SynapseSettings

_FOLDER = "abfss://jobs@replaceaccount.dfs.core.windows.net/tradewind"


def files(_note: str) -> Mapping[str, str]:
    """The text of each by its name; JSON has no place for a note."""
    target = SynapseSettings(
        packages=_FOLDER,
        workspace="https://replace.dev.azuresynapse.net",
        pool="replace",
        linked_service="replace-vault",
    ).target()
    return {
        "synapse-stream.json": _json(target.request(_stream())),
        "synapse-backfill.json": _json(target.request(_backfill())),
    }


def _stream() -> JobRequest:
    return JobRequest("tradewind-stream", ("stream", "spot"), _package(), _secret(), long_running=True)


def _backfill() -> JobRequest:
    return JobRequest("tradewind-backfill", ("backfill", "spot"), _package(), _secret())


def _package() -> Package:
    return Package(f"{_FOLDER}/tradewind_job.py", f"{_FOLDER}/environment.tar.gz", "3.11", "x86_64", "3.5")


def _secret() -> tuple[Secret, ...]:
    return (Secret("PGPASSWORD", "azure", "https://replace.vault.azure.net/secrets/tradewind-db"),)


def _json(body: Mapping[str, object]) -> str:
    return f"{json.dumps(body, indent=2)}\n"
