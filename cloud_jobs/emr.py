"""EMR on EC2: a step of a cluster that runs, or a cluster of its own that ends with the job.

What EMR gives: YARN starts a failed driver again, and a step waits while another one runs (step concurrency 1).
What is added here: one at a time by the step's name, the same wish by a tag, since steps know no token.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cloud_jobs import aws, emr_steps, exit_codes
from cloud_jobs.aws import AwsSettings, Interpreter, RoleArn, S3Folder
from cloud_jobs.errors import Refused
from cloud_jobs.job import JobId, JobRequest, Status, Target
from cloud_jobs.shapes import refuse_unknown, shape
from cloud_jobs.states import end

InstanceType = Annotated[str, shape(r"[a-z0-9-]+\.[a-z0-9-]+", "a type of instances, such as m6i.xlarge")]
Release = Annotated[str, shape(r"emr-(spark-)?\d+\.\d+\.\d+", "a release of EMR, such as emr-7.13.0")]
Subnet = Annotated[str, shape(r"subnet-[0-9a-f]{8,17}", "the id of a subnet, subnet-…")]
Cluster = Annotated[str, shape(r"j-[A-Z0-9]{1,64}", "the id of a cluster, such as j-2AXXXXXXGAPLF, not its name")]


#: As many steps, the newest, are looked at for the same wish: a page of ListSteps.
RECENT = 50


class EmrCluster(BaseModel):
    """`[jobs.NAME.create]`: a cluster that is started for the job and ends with it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    release: Release
    subnet: Subnet
    service_role: str = Field("EMR_DefaultRole", min_length=1)  # whom EMR is to EC2
    instance_profile: str = Field("EMR_EC2_DefaultRole", min_length=1)  # whom the job is to AWS
    primary: InstanceType = "m6i.xlarge"
    core: InstanceType = "m6i.xlarge"
    cores: int = Field(2, ge=1, le=1000)  # instances of `core`
    tags: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, table: Any) -> Any:
        return refuse_unknown(table, cls.model_fields)


class EmrSettings(AwsSettings):
    """`[jobs.NAME]` with kind = "emr"."""

    kind: Literal["emr"] = "emr"
    cluster: Cluster | None = None  # the one that runs
    create: EmrCluster | None = None  # or one of its own
    role: RoleArn | None = None  # whom the step is to AWS, where the cluster allows roles of steps; else its profile
    logs: S3Folder | None = None  # where the cluster writes its logs; for one of its own, where it shall
    interpreter: Interpreter | None = None  # /usr/bin/python3.11 and so on
    restarts_per_hour: int = Field(5, ge=0, le=100)  # of the stream; the cluster's YARN has a limit of its own

    @model_validator(mode="after")
    def _runs_somewhere(self) -> Self:
        if (self.cluster is None) == (self.create is None):
            raise ValueError("has either cluster, the id of one that runs, or create, a table of one to start")
        return self

    def target(self) -> Target:
        from cloud_jobs.emr_cluster import EmrClusterTarget

        return EmrTarget(self) if self.create is None else EmrClusterTarget(self, self.create)


class EmrTarget:
    """Steps of a cluster that runs."""

    def __init__(self, settings: EmrSettings) -> None:
        self._settings = settings

    @cached_property
    def _client(self) -> Any:
        return aws.client("emr", self._settings)

    def request(self, job: JobRequest) -> Mapping[str, Any]:
        """AddJobFlowSteps'."""
        s = self._settings
        step = emr_steps.step(job, s.interpreter, s.restarts_per_hour, "CONTINUE")
        return {"JobFlowId": s.cluster, "Steps": [step], **({"ExecutionRoleArn": s.role} if s.role else {})}

    def submit(self, job: JobRequest) -> JobId:
        """Raises Refused where a long-running job of this name is under way, unless it is this very wish."""
        if same := self._same(job):
            return same
        with aws.translating(f"adding the step {job.name}"):
            return JobId(self._client.add_job_flow_steps(**self.request(job))["StepIds"][0])

    def _same(self, job: JobRequest) -> JobId | None:
        tag = emr_steps.tag_of(job)
        if job.token:  # it may have ended since
            for told in islice(self._steps(), RECENT):
                if told["Name"] == job.name and emr_steps.tag_in(told) == tag:
                    return JobId(told["Id"])
        if job.long_running:
            for told in self._steps(StepStates=list(emr_steps.UNDER_WAY)):
                if told["Name"] == job.name:
                    raise Refused(f"{job.name} is under way already, as {told['Id']}: cancel that first")
        return None

    def _steps(self, **only: Any) -> Iterator[Mapping[str, Any]]:
        """The newest first."""
        with aws.translating("listing the steps"):
            for page in self._client.get_paginator("list_steps").paginate(ClusterId=self._settings.cluster, **only):
                yield from page["Steps"]

    def status(self, job_id: JobId) -> Status:
        told = self._step(job_id)
        state, word = emr_steps.state(told)
        why = emr_steps.reason(told) if state == "failed" else None
        return Status(job_id, state, word, why, self._logs(told), exit_codes.of(state, why))

    def _step(self, job_id: JobId) -> Mapping[str, Any]:
        with aws.translating(f"looking at {job_id}"):
            told: Mapping[str, Any] = self._client.describe_step(ClusterId=self._settings.cluster, StepId=job_id)[
                "Step"
            ]
        return told

    def _logs(self, told: Mapping[str, Any]) -> str:
        s, folder = self._settings, told.get("LogUri") or self._settings.logs
        if folder:
            return aws.bucket_page(s.region, f"{folder.rstrip('/')}/{s.cluster}/steps/{told['Id']}")
        return cluster_page(s.region, str(s.cluster))

    def cancel(self, job_id: JobId) -> None:
        """The step's process ends at once; the application in YARN is ended by a step of its own."""
        end(lambda: self._cancel(job_id), lambda: self.status(job_id))

    def _cancel(self, job_id: JobId) -> None:
        cluster, told = self._settings.cluster, self._step(job_id)
        with aws.translating(f"ending {job_id}"):
            answered = self._client.cancel_steps(ClusterId=cluster, StepIds=[job_id])["CancelStepsInfoList"]
        for one in answered:  # a refusal is no error of the call
            if one["Status"] == "FAILED":
                raise Refused(f"ending {job_id}: {one.get('Reason', 'EMR gave no reason')}")
        if (tag := emr_steps.tag_in(told)) and told["Status"]["State"] == "RUNNING":
            with aws.translating(f"ending the application of {job_id}"):
                self._client.add_job_flow_steps(JobFlowId=cluster, Steps=[emr_steps.ending(told["Name"], tag)])


def cluster_page(region: str, cluster: str) -> str:
    """A cluster in the console, with its steps and their logs."""
    return f"{aws.console(region)}/emr/home?region={region}#/clusterDetails/{cluster}"
