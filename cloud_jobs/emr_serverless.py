"""EMR Serverless: a job run of an application that is there.

What the service gives: a client token that starts nothing twice, attempts again after a failure, and no limit of time.
What is added here: one at a time by name, since an application takes any number of runs of one name.
Spark's settings, archives and the driver's Python, attempts, in the EMR Serverless User Guide:
https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs-spark.html
https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/using-python-libraries.html
https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs-resiliency.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from cloud_jobs import aws, exit_codes, rendering
from cloud_jobs.aws import AwsSettings, Interpreter, RoleArn, S3Folder
from cloud_jobs.errors import Refused, TargetError
from cloud_jobs.job import JobId, JobRequest, JobState, Status
from cloud_jobs.shapes import shape
from cloud_jobs.states import end, state_of

#: https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/job-states.html
ServiceState = Literal[
    "SUBMITTED", "QUEUED", "PENDING", "SCHEDULED", "RUNNING", "SUCCESS", "FAILED", "CANCELLING", "CANCELLED"
]
STATES: Mapping[str, JobState] = {
    "SUBMITTED": "pending",
    "QUEUED": "pending",
    "PENDING": "pending",
    "SCHEDULED": "pending",
    "RUNNING": "running",
    "SUCCESS": "succeeded",
    "FAILED": "failed",
    "CANCELLING": "running",
    "CANCELLED": "cancelled",
}
UNDER_WAY: tuple[ServiceState, ...] = tuple(
    word for word in get_args(ServiceState) if STATES[word] in ("pending", "running")
)
#: The largest worker of each number of cores, in GB with the overhead.
#: https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/application-capacity.html#worker-configs
WORKERS: Mapping[int, int] = {1: 8, 2: 16, 4: 30, 8: 60, 16: 120}
#: Written into a run's tags: what list_job_runs does not tell, get_job_run does.
TOKEN_TAG = "tradewind-token"


class EmrServerlessSettings(AwsSettings):
    """`[jobs.NAME]` with kind = "emr-serverless"."""

    kind: Literal["emr-serverless"] = "emr-serverless"
    application: Annotated[str, shape(r"[0-9a-z]{1,64}", "the id of an application, such as 00f1abcd2efg3h4i")]
    role: RoleArn  # whom the job is to AWS: reads the package and the files, resolves the secrets
    logs: S3Folder  # where the driver's and the executors' logs go
    interpreter: Interpreter | None = None  # of the release or image: python3.11 and so on
    restarts_per_hour: int = Field(5, ge=1, le=10)  # attempts of the stream that may fail in an hour; 1 is no restart
    timeout_minutes: int = Field(0, ge=0, le=1_000_000)  # of other jobs; 0 is none, where the service's own is 12 hours
    tags: dict[str, str] = Field(default_factory=dict)

    def target(self) -> EmrServerlessTarget:
        return EmrServerlessTarget(self)


class EmrServerlessTarget:
    """Job runs of one application."""

    def __init__(self, settings: EmrServerlessSettings) -> None:
        self._settings = settings

    @cached_property
    def _client(self) -> Any:
        return aws.client("emr-serverless", self._settings)

    def request(self, job: JobRequest) -> Mapping[str, Any]:
        """StartJobRun's. Raises TargetError for a size that no worker has."""
        s = self._settings
        return {
            "applicationId": s.application,
            **({"clientToken": aws.accepted_token(job.token)} if job.token else {}),
            "name": job.name,
            "executionRoleArn": s.role,
            "jobDriver": {"sparkSubmit": self._spark_submit(job)},
            "configurationOverrides": _overrides(s, _conf(s, job)),
            "tags": {**s.tags, **({TOKEN_TAG: aws.accepted_token(job.token)} if job.token else {})},
            **_endurance(s, job.long_running),
        }

    def _spark_submit(self, job: JobRequest) -> Mapping[str, Any]:
        return {
            "entryPoint": job.package.entry,
            "entryPointArguments": rendering.arguments(job),
            "sparkSubmitParameters": " ".join(_parameters(_conf(self._settings, job))),
        }

    def submit(self, job: JobRequest) -> JobId:
        """Raises Refused where a long-running job of this name is under way, unless it is this very wish."""
        request = self.request(job)
        if job.long_running and (same := self._same_under_way(job)):
            return same
        with aws.translating(f"starting {job.name}"):
            return JobId(self._client.start_job_run(**request)["jobRunId"])

    def _same_under_way(self, job: JobRequest) -> JobId | None:
        for run in self._under_way(job.name):
            tags = self._run(JobId(run["id"])).get("tags", {})
            if not job.token or tags.get(TOKEN_TAG) != aws.accepted_token(job.token):
                raise Refused(f"{job.name} is under way already, as {run['id']} ({run['state']}): cancel that first")
            return JobId(run["id"])
        return None

    def _under_way(self, name: str) -> Iterator[Mapping[str, Any]]:
        listing = self._client.get_paginator("list_job_runs")
        with aws.translating("listing the job runs"):
            for page in listing.paginate(applicationId=self._settings.application, states=list(UNDER_WAY)):
                yield from (run for run in page["jobRuns"] if run.get("name") == name)

    def status(self, job_id: JobId) -> Status:
        run = self._run(job_id)
        word, details = str(run["state"]), str(run.get("stateDetails") or "") or None
        state = state_of(word, STATES, "EMR Serverless")
        why = details if state == "failed" else None
        return Status(job_id, state, word, why, self._logs(job_id), exit_codes.of(state, why))

    def _run(self, job_id: JobId) -> Mapping[str, Any]:
        with aws.translating(f"looking at {job_id}"):
            run: Mapping[str, Any] = self._client.get_job_run(
                applicationId=self._settings.application, jobRunId=job_id
            )["jobRun"]
        return run

    def _logs(self, job_id: JobId) -> str:
        s = self._settings
        return aws.bucket_page(s.region, f"{s.logs.rstrip('/')}/applications/{s.application}/jobs/{job_id}")

    def cancel(self, job_id: JobId) -> None:
        end(lambda: self._cancel(job_id), lambda: self.status(job_id))

    def _cancel(self, job_id: JobId) -> None:
        with aws.translating(f"ending {job_id}"):
            self._client.cancel_job_run(applicationId=self._settings.application, jobRunId=job_id)


def _conf(settings: EmrServerlessSettings, job: JobRequest) -> dict[str, str]:
    """The request's own come last: the user's win."""
    python = settings.interpreter or f"python{job.package.python}"
    _fits("driver", job.size.driver_cores, job.size.driver_memory)
    _fits("executor", job.size.executor_cores, job.size.executor_memory)
    return {
        **rendering.spark_conf(job),
        "spark.dynamicAllocation.enabled": "false",  # on by default there: as many executors as the size says
        "spark.emr-serverless.driverEnv.PYSPARK_DRIVER_PYTHON": python,
        "spark.emr-serverless.driverEnv.PYSPARK_PYTHON": python,
        "spark.executorEnv.PYSPARK_PYTHON": python,
        **job.conf,
    }


def _fits(what: str, cores: int, memory: int) -> None:
    whole = memory + max(384, memory // 10)  # what Spark adds for the overhead
    if cores not in WORKERS or whole > WORKERS[cores] * 1024:
        known = ", ".join(f"{n} with {gb} GB" for n, gb in WORKERS.items())
        raise TargetError(
            f"no worker of EMR Serverless has {cores} cores and {memory} MiB with a tenth more, as size.{what}_cores "
            f"and size.{what}_memory say; there are, in cores with at most: {known}"
        )


def _parameters(conf: Mapping[str, str]) -> Iterator[str]:
    for name, value in conf.items():
        if _plain(value):
            yield from ("--conf", f"{name}={value}")


def _overrides(settings: EmrServerlessSettings, conf: Mapping[str, str]) -> Mapping[str, Any]:
    logged = {"monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": f"{settings.logs.rstrip('/')}/"}}}
    odd = {name: value for name, value in conf.items() if not _plain(value)}
    if not odd:
        return logged
    return {"applicationConfiguration": [{"classification": "spark-defaults", "properties": odd}], **logged}


def _plain(value: str) -> bool:
    """How the service takes quotes apart in its one line of parameters is not documented: such values go beside it."""
    return re.fullmatch(r"[^\s'\"\\$`!&|;<>(){}*?~\[\]]+", value) is not None


def _endurance(settings: EmrServerlessSettings, long_running: bool) -> Mapping[str, Any]:
    """A stream is attempted again and has no limit of time; another job is tried once."""
    if long_running:
        retries = {"maxFailedAttemptsPerHour": settings.restarts_per_hour}
        return {"mode": "STREAMING", "retryPolicy": retries, "executionTimeoutMinutes": 0}
    return {"mode": "BATCH", "executionTimeoutMinutes": settings.timeout_minutes}
