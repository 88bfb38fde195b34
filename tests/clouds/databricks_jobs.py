"""A workspace, as the contract of targets needs it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from cloud_jobs.databricks import DatabricksSettings, DatabricksTarget
from cloud_jobs.job import JobId, JobRequest, JobState, Package, Secret, Target
from tests.clouds.databricks_server import DatabricksServer
from tests.clouds.job_service import a_job

FOLDER = "dbfs:/Volumes/main/trades/packages/0a1b2c3d"
PACKAGE = Package(
    entry=f"{FOLDER}/tradewind_job.py",
    environment=f"{FOLDER}/environment.tar.gz",
    python="3.11",
    architecture="x86_64",
    spark="3.5",
    wheel=f"{FOLDER}/tradewind-0.1.0-py3-none-any.whl",
    requirements=f"{FOLDER}/requirements.txt",
)
SECRET = Secret("PGPASSWORD", "databricks", "tradewind/pgpassword")
TABLE: Mapping[str, Any] = {
    "kind": "databricks",
    "packages": "dbfs:/Volumes/main/trades/packages",
    "node_type": "m5d.large",
    "secrets": {SECRET.variable: SECRET.reference},
}
_ENDS: Mapping[JobState, tuple[str, str | None, str]] = {
    "pending": ("PENDING", None, ""),
    "running": ("RUNNING", None, ""),
    "succeeded": ("TERMINATED", "SUCCESS", ""),
    "failed": ("TERMINATED", "RUN_EXECUTION_ERROR", "Workload failed, see run output for details"),
    "cancelled": ("TERMINATED", "USER_CANCELED", "Run cancelled."),
}


def a_volume_job(name: str = "backfill-spot", *, long_running: bool = False, token: str = "") -> JobRequest:
    job = a_job(name, long_running=long_running, token=token, package=PACKAGE)
    return replace(job, secrets=(SECRET,))


class DatabricksService:
    """Runs and jobs. The token comes by the environment: `DATABRICKS_TOKEN`."""

    target: Target

    def __init__(self, server: DatabricksServer, **changes: Any) -> None:
        self.server = server
        self.settings = DatabricksSettings.model_validate({**TABLE, "host": server.address, **changes})
        self.target = DatabricksTarget(self.settings, patience=1)

    def job(self, name: str = "backfill-spot", *, long_running: bool = False, token: str = "") -> JobRequest:
        return a_volume_job(name, long_running=long_running, token=token)

    def bring(self, job_id: JobId, state: JobState) -> None:
        """A job that stays has ended when somebody has paused it too."""
        kind, number, *_ = job_id.split("/")
        if kind == "run":
            self.server.becomes(int(number), *_ENDS[state])
            return
        if state != "pending":
            self.server.becomes(self.server.starts(int(number)), *_ENDS[state])
        if state not in ("pending", "running"):
            self.server.jobs[int(number)]["settings"]["continuous"]["pause_status"] = "PAUSED"

    def down(self) -> AbstractContextManager[object]:
        return self.server.down()

    def busy(self) -> AbstractContextManager[object]:
        return self.server.refusing(429, "REQUEST_LIMIT_EXCEEDED")

    def denying(self) -> AbstractContextManager[object]:
        return self.server.refusing(403, "PERMISSION_DENIED")
