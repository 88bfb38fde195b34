"""EMR Serverless on this machine: moto's, whose runs succeed at once and whose tokens are not looked at, mended."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from moto.emrserverless.models import EMRServerlessBackend, JobRun, emrserverless_backends

from cloud_jobs.emr_serverless import EmrServerlessSettings
from cloud_jobs.job import JobId, JobRequest, JobState, Target
from tests.clouds import s3_events
from tests.clouds.aws_environment import REGION
from tests.clouds.job_service import a_job
from tests.clouds.moto_server import ACCOUNT, MotoServer

STATES: dict[JobState, str] = {
    "pending": "SCHEDULED",
    "running": "RUNNING",
    "succeeded": "SUCCESS",
    "failed": "FAILED",
    "cancelled": "CANCELLED",
}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/tradewind-job"


class EmrServerlessService:
    """Job runs of one application."""

    def __init__(self, aws: MotoServer) -> None:
        self.aws = aws
        made = aws.client("emr-serverless").create_application(name="trades", releaseLabel="emr-7.1.0", type="SPARK")
        self.application = str(made["applicationId"])
        self.runs: list[JobRun] = _backend().job_runs.setdefault(self.application, [])
        self.settings = EmrServerlessSettings(
            packages="s3://trade-jobs/tradewind",
            region=REGION,
            endpoint=aws.endpoint,
            application=self.application,
            role=ROLE,
            logs="s3://trade-logs/serverless",
        )
        self.target: Target = self.settings.target()

    def job(self, name: str = "backfill-spot", *, long_running: bool = False, token: str = "") -> JobRequest:
        return a_job(name, long_running=long_running, token=token)

    def bring(self, job_id: JobId, state: JobState) -> None:
        run = next(run for run in self.runs if run.id == job_id)
        run.state = STATES[state]
        run.state_details = "Job failed, please check complete logs" if state == "failed" else None

    def down(self) -> AbstractContextManager[object]:
        return self.aws.down()

    def busy(self) -> AbstractContextManager[object]:
        return self.aws.failing(429, "ThrottlingException", "emr-serverless")

    def denying(self) -> AbstractContextManager[object]:
        return self.aws.failing(403, "AccessDeniedException", "emr-serverless")


def _backend() -> EMRServerlessBackend:
    found: EMRServerlessBackend = emrserverless_backends[ACCOUNT][REGION]
    return found


@contextmanager
def mended() -> Iterator[None]:
    """A run is SUBMITTED at first; one that ended cannot be cancelled; the same token gives the same run."""
    start, cancel = EMRServerlessBackend.start_job_run, EMRServerlessBackend.cancel_job_run

    def once(self: EMRServerlessBackend, application_id: str, client_token: str, **rest: Any) -> JobRun:
        for run in self.job_runs.get(application_id, []):
            if run.client_token == client_token:
                return run
        run = start(self, application_id=application_id, client_token=client_token, **rest)
        run.state = "SUBMITTED"
        return run

    def cancelled(self: EMRServerlessBackend, application_id: str, job_run_id: str) -> tuple[str, str]:
        self.get_job_run(application_id, job_run_id)
        return cancel(self, application_id, job_run_id)

    with ExitStack() as stack:
        s3_events.replace(stack, EMRServerlessBackend, "start_job_run", once)
        s3_events.replace(stack, EMRServerlessBackend, "cancel_job_run", cancelled)
        yield
