"""Dataproc as a service of the contract of targets: jobs of a cluster, and batches."""

from contextlib import AbstractContextManager
from dataclasses import replace

from google.cloud import dataproc_v1 as dataproc

from cloud_jobs.dataproc import DataprocSettings
from cloud_jobs.dataproc_serverless import DataprocServerlessSettings
from cloud_jobs.job import JobId, JobRequest, JobState, Package, Secret, Size, Target
from tests.clouds.dataproc import CLUSTER, PROJECT, REGION, DataprocServer
from tests.clouds.job_service import a_job

PACKAGE = Package(
    entry="gs://trade-jobs/tradewind/0a1b2c3d/entry.py",
    environment="gs://trade-jobs/tradewind/0a1b2c3d/environment-3.11-x86_64.tar.gz",
    python="3.11",
    architecture="x86_64",
    spark="3.5",
)
SECRET = Secret("PGPASSWORD", "google", "projects/trades-project/secrets/tradewind-db")
JOB_STATES: dict[JobState, str] = {
    "pending": "SETUP_DONE",
    "running": "RUNNING",
    "succeeded": "DONE",
    "failed": "ERROR",
    "cancelled": "CANCELLED",
}


class DataprocService:
    """Jobs of a cluster."""

    def __init__(self, server: DataprocServer) -> None:
        self.server = server
        self.settings = DataprocSettings(
            packages="gs://trade-jobs/tradewind",
            project=PROJECT,
            region=REGION,
            endpoint=server.endpoint,
            cluster=CLUSTER,
        )
        self.target: Target = self.settings.target()

    def job(self, name: str = "backfill-spot", *, long_running: bool = False, token: str = "") -> JobRequest:
        made = a_job(name, long_running=long_running, token=token, package=PACKAGE)
        return replace(made, secrets=(SECRET,))

    def bring(self, job_id: JobId, state: JobState) -> None:
        why = "Google Cloud Dataproc Agent reports job failure." if state == "failed" else ""
        self.server.jobs[job_id].status = dataproc.JobStatus(state=JOB_STATES[state], details=why)

    def down(self) -> AbstractContextManager[object]:
        return self.server.down()

    def busy(self) -> AbstractContextManager[object]:
        return self.server.refusing(429, "RESOURCE_EXHAUSTED")

    def denying(self) -> AbstractContextManager[object]:
        return self.server.refusing(403, "PERMISSION_DENIED")


class DataprocServerlessService(DataprocService):
    """Batches."""

    def __init__(self, server: DataprocServer) -> None:
        self.server = server
        self.batch = DataprocServerlessSettings(
            packages="gs://trade-jobs/tradewind",
            project=PROJECT,
            region=REGION,
            endpoint=server.endpoint,
            runtime="2.2",
            service_account=f"tradewind-job@{PROJECT}.iam.gserviceaccount.com",
        )
        self.target = self.batch.target()

    def job(self, name: str = "backfill-spot", *, long_running: bool = False, token: str = "") -> JobRequest:
        size = Size(driver_cores=4, driver_memory=8192, executors=3, executor_cores=4, executor_memory=8192)
        return replace(super().job(name, long_running=long_running, token=token), size=size)

    def bring(self, job_id: JobId, state: JobState) -> None:
        batch = self.server.batches[job_id]
        batch.state = getattr(dataproc.Batch.State, state.upper())
        batch.state_message = "Job failed with message [exit code 1]" if state == "failed" else ""
