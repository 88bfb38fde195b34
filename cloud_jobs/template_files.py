"""The files of `templates/`: what the targets send, for those who use kubectl, a console or Terraform instead.

`python -m cloud_jobs.template_files` writes them; a test compares them with what is sent. Names of your own stand
where REPLACE says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from cloud_jobs.job import JobRequest, Package, Secret
from cloud_jobs.kubernetes import KubernetesSettings

FOLDER = Path(__file__).with_name("templates")
_BEGIN = "Written by `python -m cloud_jobs.template_files` from what `tradewind submit` sends."


def files() -> Mapping[str, str]:
    """The text of each by its name."""
    return {
        "kubernetes-stream.yaml": _yaml(_kubernetes(_stream("kubernetes", "tradewind-db/password"))),
        "kubernetes-backfill.yaml": _yaml(_kubernetes(_backfill("kubernetes", "tradewind-db/password"))),
    }


def _kubernetes(job: JobRequest) -> Mapping[str, Any]:
    settings = KubernetesSettings(
        kind="kubernetes", packages="s3://REPLACE-bucket/tradewind", image="REPLACE-registry/spark:4.3.0"
    )
    return settings.target().request(job)


def _stream(store: Any, reference: str) -> JobRequest:
    package, secrets = _package("s3://REPLACE-bucket/tradewind"), (Secret("PGPASSWORD", store, reference),)
    return JobRequest("stream-spot", ("stream", "spot"), package, secrets, long_running=True)


def _backfill(store: Any, reference: str) -> JobRequest:
    package, secrets = _package("s3://REPLACE-bucket/tradewind"), (Secret("PGPASSWORD", store, reference),)
    return JobRequest("backfill-spot", ("backfill", "spot"), package, secrets)


def _package(folder: str, python: str = "3.11", spark: str = "4.3") -> Package:
    """As `tradewind package` names its parts."""
    return Package(
        entry=f"{folder}/tradewind_job.py",
        environment=f"{folder}/environment.tar.gz",
        python=python,
        architecture="x86_64",
        spark=spark,
        wheel=f"{folder}/tradewind-0.1.0-py3-none-any.whl",
        requirements=f"{folder}/requirements.txt",
    )


def _yaml(body: Mapping[str, Any]) -> str:
    return f"# {_BEGIN}\n{yaml.safe_dump(dict(body), sort_keys=False, width=120)}"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
