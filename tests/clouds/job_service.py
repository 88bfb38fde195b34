"""A Spark service on this machine, as the contract of targets needs it: what a test may do to it from behind."""

from contextlib import AbstractContextManager
from typing import Protocol

from cloud_jobs.job import JobId, JobRequest, JobState, Package, Secret, Size, Target

PACKAGE = Package(
    entry="s3://trade-jobs/tradewind/0a1b2c3d/entry.py",
    environment="s3://trade-jobs/tradewind/0a1b2c3d/environment-3.11-x86_64.tar.gz",
    python="3.11",
    architecture="x86_64",
    spark="3.5",
)
SECRET = Secret("PGPASSWORD", "aws", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tradewind-db-AbCdEf")


class JobService(Protocol):
    """`target` reaches the stand-in by the service's official client."""

    target: Target

    def job(self, name: str = "backfill-spot", *, long_running: bool = False, token: str = "") -> JobRequest:
        """A request that this service takes; its package lies where the service can read."""
        ...

    def bring(self, job_id: JobId, state: JobState) -> None:
        """The service has brought the job so far by itself."""
        ...

    def down(self) -> AbstractContextManager[object]:
        """Nobody answers while it lasts."""
        ...

    def busy(self) -> AbstractContextManager[object]:
        """It answers that it has no time."""
        ...

    def denying(self) -> AbstractContextManager[object]:
        """It answers that this is not allowed."""
        ...


def a_job(
    name: str = "backfill-spot", *, long_running: bool = False, token: str = "", package: Package = PACKAGE
) -> JobRequest:
    """The stream, or a history; with one secret and settings that need care."""
    command = ("stream", "spot") if long_running else ("backfill", "spot", "--from=2026-01-01")
    conf = {"spark.sql.shuffle.partitions": "8", "spark.executor.extraJavaOptions": "-XX:+UseG1GC -Dnote='a b'"}
    return JobRequest(
        name, command, package, (SECRET,), Size(executors=3), conf, long_running=long_running, token=token
    )
