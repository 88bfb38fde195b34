"""Dataproc without a cluster: a batch of what Google now calls Serverless for Apache Spark.

What the service gives: a request id and a batch's own id that start nothing twice. It starts no batch again, so it
takes no stream.
https://cloud.google.com/dataproc-serverless/docs/reference/rest/v1/projects.locations.batches
https://cloud.google.com/dataproc-serverless/docs/concepts/properties
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from cloud_jobs import exit_codes, google, rendering
from cloud_jobs.errors import Refused, TargetError
from cloud_jobs.google import GoogleSettings, ServiceAccount
from cloud_jobs.job import JobId, JobRequest, JobState, Status
from cloud_jobs.job_settings import SizeTable
from cloud_jobs.shapes import shape
from cloud_jobs.states import end, state_of

#: https://cloud.google.com/dataproc-serverless/docs/reference/rest/v1/projects.locations.batches#State
ServiceState = Literal["PENDING", "RUNNING", "CANCELLING", "CANCELLED", "SUCCEEDED", "FAILED"]
STATES: Mapping[str, JobState] = {
    "PENDING": "pending",
    "RUNNING": "running",
    "CANCELLING": "running",
    "CANCELLED": "cancelled",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
}
Bucket = Annotated[str, shape(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]", "the name of a bucket, without gs://")]
#: What a driver and an executor may have: cores, MiB for each core with the overhead, executors.
CORES, PER_CORE, EXECUTORS = (4, 8, 16), (1024, 7424), (2, 2000)


class DataprocServerlessSettings(GoogleSettings):
    """`[jobs.NAME]` with kind = "dataproc-serverless"."""

    kind: Literal["dataproc-serverless"] = "dataproc-serverless"
    size: SizeTable = SizeTable(
        driver_cores=4, driver_memory=8192, executors=2, executor_cores=4, executor_memory=8192
    )  # the service's least number of cores
    runtime: Annotated[str, shape(r"\d+\.\d+", "a version of the runtime, such as 2.2")]  # it brings Spark and Python
    service_account: ServiceAccount  # whom the job is to Google: reads the package and the files, resolves the secrets
    subnetwork: Annotated[str, shape(r"[a-z0-9/.-]+", "a subnetwork's name")] | None = None  # `default`; private access
    network_tags: tuple[str, ...] = ()  # for firewalls on the way to PostgreSQL
    staging: Bucket | None = None  # one that Dataproc makes
    timeout_minutes: int = Field(0, ge=0, le=20_160)  # 0 is none

    def target(self) -> DataprocServerlessTarget:
        return DataprocServerlessTarget(self)


class DataprocServerlessTarget:
    """Batches of one project and region."""

    def __init__(self, settings: DataprocServerlessSettings) -> None:
        self._settings = settings
        self._parent = f"projects/{settings.project}/locations/{settings.region}"

    @cached_property
    def _client(self) -> Any:
        return google.client("BatchController", self._settings)

    def request(self, job: JobRequest) -> Mapping[str, Any]:
        """CreateBatchRequest's JSON. Raises TargetError for a stream, and for a size that the service has not."""
        _takes(job)
        s = self._settings
        return {
            "parent": self._parent,
            "batch": {
                "pysparkBatch": {
                    "mainPythonFileUri": job.package.entry,
                    "args": rendering.arguments(job),
                    "archiveUris": [rendering.archive(job)],
                },
                "runtimeConfig": {"version": s.runtime, "properties": _properties(job)},
                "environmentConfig": {"executionConfig": _execution(s)},
                "labels": google.labels(s.labels, job),
            },
            **({"batchId": _batch_id(job), "requestId": google.digest(job.token, 36)} if job.token else {}),
        }

    def submit(self, job: JobRequest) -> JobId:
        request = google.typed("CreateBatchRequest", self.request(job))
        try:
            with google.translating(f"creating the batch {job.name}"):
                made = self._client.create_batch(request=request, **google.call(again=bool(job.token)))
        except Refused as refused:
            if job.token and google.is_there_already(refused):
                return JobId(_batch_id(job))
            raise
        return JobId(made.metadata.batch.rpartition("/")[2])

    def status(self, job_id: JobId) -> Status:
        told = self._batch(job_id)
        word = told.state.name
        state = state_of(word, STATES, "Dataproc")
        why = told.state_message or None if state == "failed" else None
        return Status(job_id, state, word, why, self._page(job_id), exit_codes.of(state, why))

    def _batch(self, job_id: JobId) -> Any:
        with google.translating(f"looking at {job_id}"):
            return self._client.get_batch(request={"name": f"{self._parent}/batches/{job_id}"}, **google.call())

    def _page(self, job_id: JobId) -> str:
        """The batch in the console, with what the driver wrote."""
        s = self._settings
        return f"{google.CONSOLE}/batches/{s.region}/{job_id}/monitoring?project={s.project}"

    def cancel(self, job_id: JobId) -> None:
        end(lambda: self._cancel(job_id), lambda: self.status(job_id))

    def _cancel(self, job_id: JobId) -> None:
        """A batch has no cancel of its own: its operation has."""
        operation = self._batch(job_id).operation
        with google.translating(f"ending {job_id}"):
            self._client.cancel_operation(request={"name": operation}, **google.call())


def _takes(job: JobRequest) -> None:
    if job.long_running:
        raise TargetError(
            f"{job.name} is a stream, and a batch of Dataproc that failed is not started again: give it a cluster, "
            'kind = "dataproc"'
        )
    size = job.size
    _fits("driver", size.driver_cores, size.driver_memory)
    _fits("executor", size.executor_cores, size.executor_memory)
    if not EXECUTORS[0] <= size.executors <= EXECUTORS[1]:
        raise TargetError(f"size.executors is {EXECUTORS[0]} to {EXECUTORS[1]} there, not {size.executors}")


def _fits(what: str, cores: int, memory: int) -> None:
    whole = memory + max(384, memory // 10)  # what Spark adds for the overhead
    if cores not in CORES or not PER_CORE[0] <= whole / cores <= PER_CORE[1]:
        raise TargetError(
            f"size.{what}_cores is {', '.join(map(str, CORES))} there, and size.{what}_memory with a tenth more is "
            f"{PER_CORE[0]} to {PER_CORE[1]} MiB for each core: not {cores} cores with {memory} MiB"
        )


def _batch_id(job: JobRequest) -> str:
    """The same for the same wish; 63 letters at most."""
    return f"{job.name.lower()[:46]}-{google.digest(job.token, 16)}"


def _properties(job: JobRequest) -> dict[str, str]:
    """The request's own come last: the user's win. The archive and the name are fields of their own."""
    conf = {k: v for k, v in rendering.spark_conf(job).items() if k not in ("spark.archives", "spark.app.name")}
    return {**conf, "spark.dynamicAllocation.enabled": "false", **job.conf}


def _execution(s: DataprocServerlessSettings) -> Mapping[str, Any]:
    return {
        "serviceAccount": s.service_account,
        **({"subnetworkUri": s.subnetwork} if s.subnetwork else {}),
        **({"networkTags": list(s.network_tags)} if s.network_tags else {}),
        **({"stagingBucket": s.staging} if s.staging else {}),
        **({"ttl": f"{s.timeout_minutes * 60}s"} if s.timeout_minutes else {}),
    }
