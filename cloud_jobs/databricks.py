"""Databricks: a run for a history, a job with a file arrival trigger, a continuous job for the stream.

https://docs.databricks.com/aws/en/jobs/continuous
https://docs.databricks.com/aws/en/jobs/file-arrival-triggers
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from cloud_jobs import clients, databricks_job, databricks_runs
from cloud_jobs.databricks_workspace import translated, workspace
from cloud_jobs.errors import Refused, TargetError
from cloud_jobs.job import ENDED, JobId, JobRequest, SecretStore, Status
from cloud_jobs.job_settings import JobSettings
from cloud_jobs.tokens import digest, with_token

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service import jobs
    from databricks.sdk.service.jobs import Job

#: The Python and the Spark of a runtime: https://docs.databricks.com/aws/en/release-notes/runtime/
RUNTIMES: Mapping[str, tuple[str, str]] = {
    "15": ("3.11", "3.5"),
    "16": ("3.12", "3.5"),
    "17": ("3.12", "4.0"),
    "18": ("3.12", "4.1"),
}
_KEY = re.compile(r"[\w.@-]+/[\w.@-]+")


class DatabricksSettings(JobSettings):
    """One of `node_type`, `instance_pool` and `policy` says what machines a classic cluster is made of.

    `host` and `profile` say which workspace (default: the client's own choice, by DATABRICKS_HOST and so on). The
    token comes by the environment, a profile or an identity, never by this file. `run_as` is a service principal's
    application id. `file_arrival` is a volume or an external location to watch: a job stays there that starts when
    files arrive, `not_before` seconds after the last time and once nothing has changed for `settled`.
    A secret is named `SCOPE/KEY`. The number of executors is that of workers; cores and memory are the machine's.
    """

    own_store: ClassVar[SecretStore] = "databricks"
    takes: ClassVar[tuple[str, ...]] = ("dbfs:/Volumes/",)
    brings: ClassVar[frozenset[str]] = frozenset({"s3", "azure", "gcs"})

    kind: Literal["databricks"] = "databricks"
    host: str | None = Field(None, pattern=r"^https?://[^\s/]+$")
    profile: str | None = None
    compute: Literal["classic", "serverless"] = "classic"
    runtime: str = Field("15.4.x-scala2.12", pattern=r"^\d{2}\.\d+\.x(-\w+)*-scala2\.1[23]$")
    node_type: str | None = None
    instance_pool: str | None = None
    policy: str | None = None
    run_as: str | None = None
    instance_profile: str | None = Field(None, pattern=r"^arn:aws[a-z-]*:iam::\d{12}:instance-profile/\S+$")
    google_service_account: str | None = Field(None, pattern=r"^\S+@\S+\.iam\.gserviceaccount\.com$")
    file_arrival: str | None = Field(None, pattern=r"^(/Volumes/|s3://|abfss://|gs://)\S+/$")
    not_before: int = Field(60, ge=60)
    settled: int = Field(60, ge=60)
    spark: str = Field("3.5", pattern=r"^(3\.5|4\.\d{1,2})$")

    def target(self) -> DatabricksTarget:
        return DatabricksTarget(self)

    @field_validator("secrets")
    @classmethod
    def _name_a_key(cls, secrets: dict[str, str]) -> dict[str, str]:
        for variable, reference in secrets.items():
            if cls._store(reference) == "databricks" and not _KEY.fullmatch(reference):
                raise ValueError(f"holds {variable}, which is SCOPE/KEY: a secret scope and a key in it")
        return secrets

    @model_validator(mode="after")
    def _is_a_cluster(self) -> Self:
        machines = [one for one in (self.node_type, self.instance_pool) if one]
        if self.compute == "classic" and not machines and not self.policy:
            raise ValueError('says no machine: node_type, instance_pool or policy, or compute = "serverless"')
        if len(machines) > 1:
            raise ValueError("has node_type and instance_pool: the machines are those of the pool; remove node_type")
        return self

    @model_validator(mode="after")
    def _is_the_runtimes(self) -> Self:
        """What is packed for another Python could only be refused there, minutes later."""
        if self.compute == "serverless":
            if self.python not in databricks_job.SERVERLESS:
                raise ValueError(f"has python = {self.python!r}; serverless compute has 3.11 and 3.12")
            return self
        python, spark = RUNTIMES.get(self.runtime.partition(".")[0], (self.python, self.spark))
        if (python, spark) != (self.python, self.spark):
            raise ValueError(
                f'has a runtime of Python {python} and Spark {spark}: say python = "{python}", spark = "{spark}"'
            )
        return self


@dataclass(frozen=True)
class DatabricksTarget:
    """One workspace. A job's id is run/ID of a run without a job, or job/ID/TOKEN of one that stays.

    `patience`: the seconds that a call is tried again for where the workspace has no time.
    """

    settings: DatabricksSettings
    patience: int = 20

    def request(self, job: JobRequest) -> Mapping[str, Any]:
        """The body of jobs/create, or of jobs/runs/submit. Raises TargetError, MissingClient."""
        with clients.needed():
            if self._stays(job):
                return databricks_job.kept(self.settings, job).as_dict()
            run = databricks_job.run(self.settings, job)
            return {name: _plain(value) for name, value in run.items() if value is not None}

    def submit(self, job: JobRequest) -> JobId:
        """Raises Refused where a stream of this name is under way, unless it is this very wish."""
        job, stays = with_token(job), self._stays(job)
        with clients.needed(), translated(f"sending {job.name}"):
            if stays:
                return self._kept(job)
            return JobId(f"run/{self._client.jobs.submit(**databricks_job.run(self.settings, job)).run_id}")

    def status(self, job_id: JobId) -> Status:
        with translated(f"looking at {job_id}"):
            match job_id.split("/"):
                case ["run", number] if number.isdecimal():
                    return _of_run(job_id, self._client.jobs.get_run(int(number)))
                case ["job", number, token] if number.isdecimal():
                    return self._of_job(job_id, self._found(int(number), token))
        raise Refused(f"{job_id} is no id of a job here: run/NUMBER or job/NUMBER/TOKEN")

    def cancel(self, job_id: JobId) -> None:
        """Of a job that stays: no run starts any more, and what runs is ended."""
        if self.status(job_id).ended:
            return
        number = int(job_id.split("/")[1])
        with translated(f"ending {job_id}"):
            if job_id.startswith("run/"):
                self._client.jobs.cancel_run(number)
            else:
                self._pause(number)

    def _stays(self, job: JobRequest) -> bool:
        """Raises TargetError for a stream on serverless compute, which has no continuous jobs."""
        if job.long_running and self.settings.compute == "serverless":
            raise TargetError(
                f"{job.name}: serverless compute runs no stream without an end. Send a backfill there, with "
                "`file_arrival` or on a schedule: it loads what the ledger does not know, and ends. Or stream with "
                'compute = "classic"'
            )
        return job.long_running or self.settings.file_arrival is not None

    def _kept(self, job: JobRequest) -> JobId:
        wanted = databricks_job.kept(self.settings, job)
        there = self._by_name(job.name)
        if there is None or there.job_id is None:
            return _job_id(self._created(job, wanted), job)
        if _token(there) != digest(job.token):
            self._refuse_running(job, there)
            self._client.jobs.reset(there.job_id, wanted)
        return _job_id(there.job_id, job)

    def _created(self, job: JobRequest, wanted: jobs.JobSettings) -> int:
        """Names are not unique there: of two who submit at once the first one's stays. Raises Refused for the other."""
        number = int(self._client.jobs.create(**_arguments(wanted)).job_id or 0)
        first = min(one.job_id or number for one in self._client.jobs.list(name=job.name))
        if first < number:
            self._client.jobs.delete(number)
            raise Refused(f"{job.name} was sent by another at the same time, as job {first}")
        return number

    def _by_name(self, name: str) -> Job | None:
        """Raises Refused where there are several: which one is meant is not ours to say."""
        found = [one.job_id for one in self._client.jobs.list(name=name) if one.job_id and one.settings]
        if len(found) > 1:
            raise Refused(f"there are {len(found)} jobs of the name {name}: {found}; remove or rename all but one")
        return self._client.jobs.get(found[0]) if found else None

    def _refuse_running(self, job: JobRequest, there: Job) -> None:
        """A job that starts when files arrive may be changed at any time, but not become a stream, nor a stream it."""
        state, streams = (
            self._of_job(JobId(f"job/{there.job_id}"), there).state,
            there.settings and there.settings.continuous,
        )
        if (job.long_running or streams) and state not in ENDED:
            raise Refused(
                f"{job.name} is {state} already, as job {there.job_id}, and runs once at a time; cancel that first"
            )

    def _of_job(self, job_id: JobId, job: Job) -> Status:
        """It has ended when nothing starts it again and nothing runs."""
        last = next(iter(self._client.jobs.list_runs(job_id=job.job_id, limit=1)), None)
        logs, paused = f"{self._client.config.host}/jobs/{job.job_id}", _is_paused(job)
        if last is None:
            state: Any = "cancelled" if paused else "pending"
            return Status(job_id, state, "PAUSED" if paused else "WAITING", None, logs)
        status = _of_run(job_id, last)
        if status.ended and not paused:
            told = f"its last run: {status.service_state}" + (f", {status.reason}" if status.reason else "")
            return Status(job_id, "pending", "WAITING", told, status.logs or logs)
        return status

    def _found(self, number: int, token: str) -> Job:
        job = self._client.jobs.get(number)
        if (_token(job) or "")[: len(token)] != token:
            raise Refused(f"job/{number}/{token} has been replaced: job {number} is of another wish now")
        return job

    def _pause(self, number: int) -> None:
        from databricks.sdk.service import jobs

        now = self._client.jobs.get(number).settings or jobs.JobSettings()
        paused = jobs.PauseStatus.PAUSED
        if now.continuous:
            fewer = jobs.JobSettings(continuous=_with(now.continuous, pause_status=paused))
        else:
            fewer = jobs.JobSettings(trigger=_with(now.trigger, pause_status=paused))
        self._client.jobs.update(number, new_settings=fewer)
        self._client.jobs.cancel_all_runs(job_id=number, all_queued_runs=True)

    @cached_property
    def _client(self) -> WorkspaceClient:
        return workspace(self.settings.host, self.settings.profile, self.patience)


def _of_run(job_id: JobId, run: Any) -> Status:
    state = databricks_runs.state(run)
    reason = None if state == "succeeded" else databricks_runs.reason(run)
    return Status(job_id, state, databricks_runs.word_of(run), reason, run.run_page_url)


def _job_id(number: int, job: JobRequest) -> JobId:
    return JobId(f"job/{number}/{digest(job.token)[:8]}")


def _token(job: Job) -> str | None:
    return ((job.settings and job.settings.tags) or {}).get(databricks_job.TOKEN)


def _is_paused(job: Job) -> bool:
    own = job.settings
    start = own and (own.continuous or own.trigger)
    return bool(start and start.pause_status and start.pause_status.value == "PAUSED")


def _arguments(settings: Any) -> dict[str, Any]:
    """The typed parts by their names, as `jobs.create` takes them."""
    return {name: value for name, value in vars(settings).items() if value is not None}


def _with(start: Any, **changes: Any) -> Any:
    from dataclasses import replace

    return replace(start, **changes)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.as_dict() if hasattr(value, "as_dict") else value
