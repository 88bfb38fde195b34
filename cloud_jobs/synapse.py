"""Azure Synapse: a batch of a Spark pool, by its Livy API. https://learn.microsoft.com/rest/api/synapse/data-plane/spark-batch

What the service gives: YARN, which starts a failed driver again as often as it is told. What is added here: the same
wish is started once, and a stream is once at a time, by the tags and names of what the pool has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import quote

from pydantic import Field

from cloud_jobs import clients, synapse_batch
from cloud_jobs.errors import CloudJobError, Refused, TargetError, Unreachable
from cloud_jobs.job import ENDED, JobId, JobRequest, JobState, Status
from cloud_jobs.job_settings import JobSettings
from cloud_jobs.states import state_of
from cloud_jobs.tokens import digest, with_token

if TYPE_CHECKING:
    from azure.synapse.spark import SparkClient

#: `state` of a batch, as LivyStates of azure-synapse-spark has them. https://livy.apache.org/docs/latest/rest-api.html
State = Literal[
    "not_started",
    "starting",
    "recovering",
    "idle",
    "running",
    "busy",
    "shutting_down",
    "success",
    "error",
    "dead",
    "killed",
]
STATES: Mapping[str, JobState] = {
    "not_started": "pending",
    "starting": "pending",
    "recovering": "pending",
    "idle": "running",
    "running": "running",
    "busy": "running",
    "shutting_down": "running",
    "success": "succeeded",
    "error": "failed",
    "dead": "failed",
    "killed": "cancelled",
}
#: `result`, which tells more of a batch that is dead; Uncertain says nothing.
RESULTS: Mapping[str, JobState] = {"Succeeded": "succeeded", "Failed": "failed", "Cancelled": "cancelled"}
_PAGE = 20  # the most that the service gives


class SynapseSettings(JobSettings):
    """`[jobs.NAME]` with kind = "synapse".

    `workspace` is its development endpoint, `pool` the name of an Apache Spark pool. `linked_service` is that of the
    Key Vault: the batch then reads its secrets as the workspace, else as whoever submits. `workspace_id` is the
    workspace's resource id, with which the page of a batch in Synapse Studio can be told. `restarts` is how often a
    stream that fails within an hour is started again, where the pool's YARN lets it.
    """

    takes: ClassVar[tuple[str, ...]] = ("abfss://",)
    brings: ClassVar[frozenset[str]] = frozenset({"azure"})

    kind: Literal["synapse"] = "synapse"
    workspace: str = Field(pattern=r"^(https://[a-z0-9-]+\.dev\.azuresynapse\.[a-z.]+|http://127\.0\.0\.1:\d+)$")
    pool: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,14}$")
    linked_service: str | None = Field(None, pattern=r"^\w[\w -]*$")
    workspace_id: str | None = Field(None, pattern=r"^/subscriptions/\S+/workspaces/[a-z0-9-]+$")
    restarts: int = Field(3, ge=0, le=10)
    spark: str = Field("3.5", pattern=r"^(3\.5|4\.\d{1,2})$")

    def target(self) -> SynapseTarget:
        return SynapseTarget(self)


@dataclass(frozen=True)
class SynapseTarget:
    """Batches of one pool, by the identity that azure-identity finds; a job's id is the batch's number."""

    settings: SynapseSettings
    credential: Any = None

    def request(self, job: JobRequest) -> Mapping[str, Any]:
        """The body of the batch, as SparkBatchJobOptions writes it. Raises TargetError, MissingClient."""
        options = self._options(job)
        body: dict[str, Any] = options.serialize()
        return body

    def submit(self, job: JobRequest) -> JobId:
        """Raises Refused where a stream of this name is under way, unless it is this very wish."""
        known = bool(job.token)
        job = with_token(job)
        options = self._options(job)
        with _translated(f"sending {job.name}"):
            if (known or job.long_running) and (same := self._same(job)) is not None:
                return same
            return JobId(str(self._batches.create_spark_batch_job(options, detailed=True, **self._call).id))

    def status(self, job_id: JobId) -> Status:
        with _translated(f"looking at batch {job_id}"):
            return self._status(self._batches.get_spark_batch_job(_number(job_id), detailed=True, **self._call))

    def cancel(self, job_id: JobId) -> None:
        if not self.status(job_id).ended:
            with _translated(f"ending batch {job_id}"):
                self._batches.cancel_spark_batch_job(_number(job_id), **self._call)

    def _options(self, job: JobRequest) -> Any:
        with clients.needed():
            from azure.synapse.spark.models import SparkBatchJobOptions
        options = SparkBatchJobOptions(**synapse_batch.told(self.settings, job))
        if faults := options.validate():
            raise TargetError(f"{job.name}: {'; '.join(str(fault) for fault in faults)}")
        return options

    def _same(self, job: JobRequest) -> JobId | None:
        """The batch of this very wish, if there is one. Raises Refused where another of a stream's is under way."""
        for batch in self._listed():
            if (batch.tags or {}).get(synapse_batch.TOKEN) == digest(job.token):
                return JobId(str(batch.id))
            if job.long_running and batch.name == job.name and self._status(batch).state not in ENDED:
                raise Refused(
                    f"{job.name} is under way already, as batch {batch.id} ({batch.state}): cancel that first"
                )
        return None

    def _listed(self) -> Iterator[Any]:
        """All that the pool tells of, page by page."""
        seen = 0
        while True:
            page = self._batches.get_spark_batch_jobs(seen, _PAGE, detailed=True, **self._call)
            yield from page.sessions or []
            seen += len(page.sessions or [])
            if not page.sessions or seen >= page.total:
                return

    def _status(self, batch: Any) -> Status:
        state = state_of(str(batch.state), STATES, "Synapse")
        if state in ENDED and batch.result in RESULTS:
            state = RESULTS[batch.result]
        told = "; ".join(f"{one.error_code}: {one.message}" for one in batch.errors or [])
        reason = (told or None) if state != "succeeded" else None
        if state == "failed" and reason is None:
            reason = next(iter(reversed(batch.log_lines or [])), None) or f"the batch is {batch.state}"
        return Status(JobId(str(batch.id)), state, str(batch.state), reason, _logs(self.settings, batch))

    @property
    def _call(self) -> dict[str, Any]:
        """A token goes over http to this machine alone."""
        return {"enforce_https": self.settings.workspace.startswith("https:")}

    @cached_property
    def _batches(self) -> Any:
        return _client(self.settings, self.credential).spark_batch


def _logs(settings: SynapseSettings, batch: Any) -> str | None:
    """The batch's page in Synapse Studio; else the driver's own log, once it has one."""
    if settings.workspace_id:
        name, workspace = quote(str(batch.name), safe=""), quote(settings.workspace_id, safe="")
        page = f"https://web.azuresynapse.net/monitoring/sparkapplication/{name}?workspace={workspace}"
        return f"{page}&livyId={batch.id}&sparkPoolName={settings.pool}"
    told = batch.app_info or {}
    return told.get("driverLogUrl") or told.get("sparkUiUrl") or f"{settings.workspace}/sparkPools/{settings.pool}"


def _number(job_id: JobId) -> int:
    if not re.fullmatch(r"\d+", job_id):
        raise Refused(f"{job_id} is no number of a batch")
    return int(job_id)


def _client(settings: SynapseSettings, credential: Any) -> SparkClient:
    with clients.needed():
        from azure.identity import DefaultAzureCredential
        from azure.synapse.spark import SparkClient
    return SparkClient(
        credential or DefaultAzureCredential(), settings.workspace, settings.pool,
        retry_total=2, retry_backoff_factor=0.2, connection_timeout=5, read_timeout=30,
    )  # fmt: skip


@contextmanager
def _translated(doing: str) -> Iterator[None]:
    """Raises Refused and Unreachable for what the client raises, by its codes."""
    with clients.needed():
        from azure.core import exceptions

    try:
        yield
    except exceptions.HttpResponseError as failed:
        told = failed.error.message if failed.error else failed.reason or str(failed).partition("\n")[0]
        raise _answered(doing, failed.status_code or 0, str(told)) from failed
    except (exceptions.ServiceRequestError, exceptions.ServiceResponseError) as failed:
        raise Unreachable(f"{doing}: the workspace does not answer ({failed})") from failed


def _answered(doing: str, status: int, told: str) -> CloudJobError:
    later = status == 429 or status >= 500
    code = f" ({status})" if status else ""  # azure-identity found nobody who could ask
    return (Unreachable if later else Refused)(f"{doing}: {told}{code}")
