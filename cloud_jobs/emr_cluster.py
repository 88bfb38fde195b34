"""A cluster of EMR that is started for one job and ends with it, whether it did well or not.

https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-longrunning-transient.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

from cloud_jobs import aws, emr_steps, exit_codes
from cloud_jobs.errors import Refused
from cloud_jobs.job import JobId, JobRequest, JobState, Status
from cloud_jobs.states import end, state_of

if TYPE_CHECKING:
    from cloud_jobs.emr import EmrCluster, EmrSettings

#: https://docs.aws.amazon.com/emr/latest/APIReference/API_ClusterStatus.html
ServiceState = Literal[
    "STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS"
]
#: Of the cluster, where its step does not know better.
STATES: Mapping[str, JobState] = {
    "STARTING": "pending",
    "BOOTSTRAPPING": "pending",
    "RUNNING": "running",
    "WAITING": "running",
    "TERMINATING": "running",
    "TERMINATED": "cancelled",
    "TERMINATED_WITH_ERRORS": "failed",
}
UNDER_WAY: tuple[ServiceState, ...] = tuple(
    word for word in get_args(ServiceState) if STATES[word] in ("pending", "running")
)
TOKEN_TAG = "tradewind-token"
#: AWS's own policy of the newer service role, EMR_DefaultRole_V2, grants nothing without it.
#: https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-managed-iam-policies.html
MANAGED_TAG = {"for-use-with-amazon-emr-managed-policies": "true"}


class EmrClusterTarget:
    """A job's id is its cluster's."""

    def __init__(self, settings: EmrSettings, cluster: EmrCluster) -> None:
        self._settings, self._cluster = settings, cluster

    @cached_property
    def _client(self) -> Any:
        return aws.client("emr", self._settings)

    def request(self, job: JobRequest) -> Mapping[str, Any]:
        """RunJobFlow's."""
        s, c = self._settings, self._cluster
        tags = {**MANAGED_TAG, **c.tags, **({TOKEN_TAG: aws.accepted_token(job.token)} if job.token else {})}
        return {
            "Name": job.name,
            "ReleaseLabel": c.release,
            "Applications": [{"Name": "Hadoop"}, {"Name": "Spark"}],
            "Instances": _instances(c),
            "Steps": [emr_steps.step(job, s.interpreter, s.restarts_per_hour, "TERMINATE_CLUSTER")],
            "Configurations": [_attempts(s.restarts_per_hour)],
            "ServiceRole": c.service_role,
            "JobFlowRole": c.instance_profile,
            "VisibleToAllUsers": True,
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
            **({"LogUri": f"{s.logs.rstrip('/')}/"} if s.logs else {}),
            **({"StepExecutionRoleArn": s.role} if s.role else {}),
        }

    def submit(self, job: JobRequest) -> JobId:
        """Raises Refused where a cluster of a long-running job's name is there, unless it is this very wish."""
        if same := self._same(job):
            return same
        with aws.translating(f"starting a cluster for {job.name}"):
            return JobId(self._client.run_job_flow(**self.request(job))["JobFlowId"])

    def _same(self, job: JobRequest) -> JobId | None:
        """RunJobFlow knows no token, and ListClusters tells no tags."""
        if not job.token and not job.long_running:
            return None
        for told in self._under_way(job.name):
            tags = {tag["Key"]: tag["Value"] for tag in self._described(JobId(told["Id"])).get("Tags", [])}
            if job.token and tags.get(TOKEN_TAG) == aws.accepted_token(job.token):
                return JobId(told["Id"])
            if job.long_running:
                raise Refused(f"{job.name} is under way already, on {told['Id']}: cancel that first")
        return None

    def _under_way(self, name: str) -> Iterator[Mapping[str, Any]]:
        with aws.translating("listing the clusters"):
            for page in self._client.get_paginator("list_clusters").paginate(ClusterStates=list(UNDER_WAY)):
                yield from (told for told in page["Clusters"] if told["Name"] == name)

    def status(self, job_id: JobId) -> Status:
        """The step's word where it says more than the cluster's."""
        cluster = self._described(job_id)
        word, why = str(cluster["Status"]["State"]), (cluster["Status"].get("StateChangeReason") or {}).get("Message")
        state = state_of(word, STATES, "EMR")
        if (step := self._step(job_id)) and _tells_more(step, word):
            (state, word), why = emr_steps.state(step), emr_steps.reason(step) or why
        why = why if state == "failed" else None
        return Status(job_id, state, word, why, self._logs(job_id), exit_codes.of(state, why))

    def _step(self, job_id: JobId) -> Mapping[str, Any] | None:
        with aws.translating(f"looking at the step of {job_id}"):
            steps: list[Mapping[str, Any]] = self._client.list_steps(ClusterId=job_id)["Steps"]
        return steps[-1] if steps else None

    def _described(self, job_id: JobId) -> Mapping[str, Any]:
        with aws.translating(f"looking at {job_id}"):
            told: Mapping[str, Any] = self._client.describe_cluster(ClusterId=job_id)["Cluster"]
        return told

    def _logs(self, job_id: JobId) -> str:
        from cloud_jobs.emr import cluster_page

        s = self._settings
        return aws.bucket_page(s.region, f"{s.logs.rstrip('/')}/{job_id}") if s.logs else cluster_page(s.region, job_id)

    def cancel(self, job_id: JobId) -> None:
        """The cluster ends, and with it the job."""
        end(lambda: self._cancel(job_id), lambda: self.status(job_id))

    def _cancel(self, job_id: JobId) -> None:
        with aws.translating(f"ending {job_id}"):
            self._client.terminate_job_flows(JobFlowIds=[job_id])


def _tells_more(step: Mapping[str, Any], cluster: str) -> bool:
    """A step that ended by itself does; one that was ended, by its cluster, does not."""
    state, word = emr_steps.state(step)
    return word in ("COMPLETED", "FAILED") or (state == "running" and STATES[cluster] == "running")


def _instances(c: EmrCluster) -> Mapping[str, Any]:
    groups = [("MASTER", "primary", c.primary, 1), ("CORE", "core", c.core, c.cores)]
    return {
        "InstanceGroups": [
            {"InstanceRole": role, "Name": name, "InstanceType": of, "InstanceCount": count, "Market": "ON_DEMAND"}
            for role, name, of, count in groups
        ],
        "Ec2SubnetId": c.subnet,
        "KeepJobFlowAliveWhenNoSteps": False,
        "TerminationProtected": False,
    }


def _attempts(restarts: int) -> Mapping[str, Any]:
    """YARN's own limit of attempts is 2, whatever an application asks for."""
    return {
        "Classification": "yarn-site",
        "Properties": {"yarn.resourcemanager.am.max-attempts": str(max(2, restarts + 1))},
    }
