"""A Spark pool of Synapse, as the contract of targets needs it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from cloud_jobs.job import JobId, JobRequest, JobState, Package, Secret, Target
from cloud_jobs.synapse import SynapseSettings, SynapseTarget
from tests.clouds.job_service import a_job
from tests.clouds.synapse_server import POOL, Credential, SynapseServer

FOLDER = "abfss://jobs@trades.dfs.core.windows.net/tradewind/0a1b2c3d"
PACKAGE = Package(f"{FOLDER}/tradewind_job.py", f"{FOLDER}/environment.tar.gz", "3.11", "x86_64", "3.5")
SECRET = Secret("PGPASSWORD", "azure", "https://trades.vault.azure.net/secrets/tradewind-db")
TABLE: Mapping[str, Any] = {
    "packages": "abfss://jobs@trades.dfs.core.windows.net/tradewind",
    "workspace": "https://trades.dev.azuresynapse.net",
    "pool": POOL,
    "secrets": {SECRET.variable: SECRET.reference},
}
_STATES: Mapping[JobState, tuple[str, str]] = {
    "pending": ("starting", "Uncertain"),
    "running": ("running", "Uncertain"),
    "succeeded": ("success", "Succeeded"),
    "failed": ("dead", "Failed"),
    "cancelled": ("killed", "Cancelled"),
}


class SynapseService:
    """Batches; the pool's part is played by the test."""

    target: Target

    def __init__(self, server: SynapseServer, **changes: Any) -> None:
        self.server = server
        self.settings = SynapseSettings.model_validate({**TABLE, "workspace": server.address, **changes})
        self.target = SynapseTarget(self.settings, Credential())

    def job(self, name: str = "backfill-spot", *, long_running: bool = False, token: str = "") -> JobRequest:
        job = a_job(name, long_running=long_running, token=token, package=PACKAGE)
        return replace(job, secrets=(SECRET,))

    def bring(self, job_id: JobId, state: JobState) -> None:
        errors = [{"message": "exit code 1", "errorCode": "USER_APP_FAILED", "source": "User"}]
        self.server.becomes(int(job_id), *_STATES[state], errorInfo=errors if state == "failed" else [])

    def down(self) -> AbstractContextManager[object]:
        return self.server.down()

    def busy(self) -> AbstractContextManager[object]:
        return self.server.refusing(429, "TooManyRequests")

    def denying(self) -> AbstractContextManager[object]:
        return self.server.refusing(403, "Forbidden")
