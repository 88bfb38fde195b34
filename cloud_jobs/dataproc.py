"""Dataproc: a job of a cluster that runs.

What the service gives: a request id that starts nothing twice, and a driver that is started again up to ten times an
hour. What is added here: one at a time by a label, since a cluster takes any number of jobs.
https://cloud.google.com/dataproc/docs/reference/rest/v1/projects.regions.jobs
https://cloud.google.com/dataproc/docs/concepts/jobs/restartable-jobs
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from cloud_jobs import exit_codes, google, rendering
from cloud_jobs.errors import Refused
from cloud_jobs.google import GoogleSettings, Interpreter
from cloud_jobs.job import JobId, JobRequest, JobState, Status
from cloud_jobs.shapes import shape
from cloud_jobs.states import end, state_of

#: https://cloud.google.com/dataproc/docs/reference/rest/v1/projects.regions.jobs#State
ServiceState = Literal[
    "PENDING", "SETUP_DONE", "RUNNING", "CANCEL_PENDING", "CANCEL_STARTED", "CANCELLED", "DONE", "ERROR",
    "ATTEMPT_FAILURE",
]  # fmt: skip
STATES: Mapping[str, JobState] = {
    "PENDING": "pending",
    "SETUP_DONE": "pending",
    "RUNNING": "running",
    "CANCEL_PENDING": "running",
    "CANCEL_STARTED": "running",
    "CANCELLED": "cancelled",
    "DONE": "succeeded",
    "ERROR": "failed",
    "ATTEMPT_FAILURE": "pending",  # the driver failed and is about to be started again
}


class DataprocSettings(GoogleSettings):
    """`[jobs.NAME]` with kind = "dataproc"."""

    kind: Literal["dataproc"] = "dataproc"
    cluster: Annotated[str, shape(r"[a-z]([a-z0-9-]{0,49}[a-z0-9])?", "the name of a cluster that runs")]
    interpreter: Interpreter | None = None  # the image's own
    restarts_per_hour: int = Field(5, ge=1, le=10)  # of the stream; the service allows ten

    def target(self) -> DataprocTarget:
        return DataprocTarget(self)


class DataprocTarget:
    """Jobs of one cluster."""

    def __init__(self, settings: DataprocSettings) -> None:
        self._settings = settings

    @cached_property
    def _client(self) -> Any:
        return google.client("JobController", self._settings)

    @property
    def _place(self) -> dict[str, str]:
        return {"project_id": self._settings.project, "region": self._settings.region}

    def request(self, job: JobRequest) -> Mapping[str, Any]:
        """SubmitJobRequest's JSON."""
        s = self._settings
        named = {"reference": {"projectId": s.project, "jobId": _job_id(job)}} if job.token else {}
        return {
            "projectId": s.project,
            "region": s.region,
            "job": {
                **named,
                "placement": {"clusterName": s.cluster},
                "pysparkJob": {
                    "mainPythonFileUri": job.package.entry,
                    "args": rendering.arguments(job),
                    "properties": _properties(s, job),
                },
                "labels": google.labels(s.labels, job),
                **({"scheduling": {"maxFailuresPerHour": s.restarts_per_hour}} if job.long_running else {}),
            },
            **({"requestId": google.digest(job.token, 36)} if job.token else {}),
        }

    def submit(self, job: JobRequest) -> JobId:
        """Raises Refused where a long-running job of this name is under way, unless it is this very wish."""
        request = google.typed("SubmitJobRequest", self.request(job))
        if job.long_running and (same := self._same_under_way(job)):
            return same
        try:
            with google.translating(f"submitting {job.name}"):
                made = self._client.submit_job(request=request, **google.call(again=bool(job.token)))
        except Refused as refused:
            if job.token and google.is_there_already(refused):
                return JobId(_job_id(job))
            raise
        return JobId(made.reference.job_id)

    def _same_under_way(self, job: JobRequest) -> JobId | None:
        which = f"status.state = ACTIVE AND labels.{google.LABEL} = {job.name.lower()}"
        with google.translating("listing the jobs"):
            found = list(self._client.list_jobs(request={**self._place, "filter": which}, **google.call()))
        for each in found:
            if not job.token or each.reference.job_id != _job_id(job):
                raise Refused(f"{job.name} is under way already, as {each.reference.job_id}: cancel that first")
        return JobId(found[0].reference.job_id) if found else None

    def status(self, job_id: JobId) -> Status:
        with google.translating(f"looking at {job_id}"):
            told = self._client.get_job(request={**self._place, "job_id": job_id}, **google.call()).status
        word = told.state.name
        state = state_of(word, STATES, "Dataproc")
        why = told.details or None if state == "failed" else None
        return Status(job_id, state, word, why, self._page(job_id), exit_codes.of(state, why))

    def _page(self, job_id: JobId) -> str:
        """The job in the console, with what the driver wrote."""
        s = self._settings
        return f"{google.CONSOLE}/jobs/{job_id}/monitoring?region={s.region}&project={s.project}"

    def cancel(self, job_id: JobId) -> None:
        end(lambda: self._cancel(job_id), lambda: self.status(job_id))

    def _cancel(self, job_id: JobId) -> None:
        with google.translating(f"ending {job_id}"):
            self._client.cancel_job(request={**self._place, "job_id": job_id}, **google.call())


def _job_id(job: JobRequest) -> str:
    """The same for the same wish, also when the service has forgotten the request's id."""
    return f"{job.name}-{google.digest(job.token, 16)}"


def _properties(settings: DataprocSettings, job: JobRequest) -> dict[str, str]:
    """The request's own come last: the user's win."""
    python = {"spark.pyspark.python": settings.interpreter} if settings.interpreter else {}
    return {
        **rendering.spark_conf(job),
        "spark.submit.deployMode": "cluster",  # where the archive is unpacked for the driver too
        "spark.yarn.maxAppAttempts": "1",  # Dataproc counts the attempts, not YARN
        "spark.dynamicAllocation.enabled": "false",  # on by default there: as many executors as the size says
        **python,
        **job.conf,
    }
