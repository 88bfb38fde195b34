"""EMR on EC2 on this machine: moto's, with what it lacks. A step does nothing until a test brings it on."""

import io
import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from moto.emr.models import Cluster, ElasticMapReduceBackend, Step, emr_backends

from cloud_jobs.emr import EmrCluster, EmrSettings
from cloud_jobs.job import JobId, JobRequest, JobState, Target
from tests.clouds import s3_events
from tests.clouds.aws_environment import REGION
from tests.clouds.aws_requests import Asked, Environ
from tests.clouds.job_service import a_job
from tests.clouds.moto_server import ACCOUNT, MotoServer, StartResponse

STEP_STATES: dict[JobState, str] = {
    "pending": "PENDING",
    "running": "RUNNING",
    "succeeded": "COMPLETED",
    "failed": "FAILED",
    "cancelled": "CANCELLED",
}
LOGS = "s3://trade-logs/emr"


def backend() -> Any:
    # moto looks for EMR's region in the host's name, and a stand-in's has none.
    return emr_backends[ACCOUNT]["us-east-1"]


class EmrService:
    """Steps of a cluster that runs."""

    def __init__(self, aws: MotoServer) -> None:
        self.aws, self.cluster = aws, _running_cluster(aws)
        self.settings = EmrSettings(
            packages="s3://trade-jobs/tradewind",
            region=REGION,
            endpoint=aws.endpoint,
            cluster=self.cluster,
            logs=LOGS,
        )
        self.target: Target = self.settings.target()

    def job(self, name: str = "backfill-spot", *, long_running: bool = False, token: str = "") -> JobRequest:
        return a_job(name, long_running=long_running, token=token)

    def bring(self, job_id: JobId, state: JobState) -> None:
        step = next(step for step in self.steps() if step.id == job_id)
        step.state = STEP_STATES[state]
        if state == "failed":
            step.last_state_change_reason = "Unknown Error."  # type: ignore[attr-defined]

    def steps(self) -> list[Step]:
        cluster: Cluster = backend().clusters[self.cluster]
        return cluster.steps[1:]

    def down(self) -> AbstractContextManager[object]:
        return self.aws.down()

    def busy(self) -> AbstractContextManager[object]:
        return self.aws.failing(400, "ThrottlingException", "elasticmapreduce")

    def denying(self) -> AbstractContextManager[object]:
        return self.aws.failing(400, "AccessDeniedException", "elasticmapreduce")


class EmrClusterService(EmrService):
    """A cluster for each job; what is brought on is its step, and the cluster with it."""

    def __init__(self, aws: MotoServer) -> None:
        self.aws, self.cluster = aws, ""
        self.settings = EmrSettings(
            packages="s3://trade-jobs/tradewind",
            region=REGION,
            endpoint=aws.endpoint,
            create=EmrCluster(release="emr-7.13.0", subnet="subnet-0a1b2c3d4e5f60718"),
            logs=LOGS,
        )
        self.target = self.settings.target()

    def bring(self, job_id: JobId, state: JobState) -> None:
        of_cluster = {"pending": "BOOTSTRAPPING", "running": "RUNNING", "failed": "TERMINATED_WITH_ERRORS"}
        cluster: Cluster = backend().clusters[job_id]
        cluster.state, cluster.steps[0].state = of_cluster.get(state, "TERMINATED"), STEP_STATES[state]
        if state == "failed":
            cluster.last_state_change_reason = "Shut down as step failed"  # type: ignore[attr-defined]


def _running_cluster(aws: MotoServer) -> str:
    """With one step that is done: moto lets the first step of a cluster run at once."""
    step = {"Name": "setup", "HadoopJarStep": {"Jar": "command-runner.jar"}}
    made = aws.client("emr").run_job_flow(
        Name="trades",
        ReleaseLabel="emr-7.13.0",
        Instances={"KeepJobFlowAliveWhenNoSteps": True},
        Steps=[step],
    )
    backend().clusters[made["JobFlowId"]].steps[0].state = "COMPLETED"
    return str(made["JobFlowId"])


@contextmanager
def mended(aws: MotoServer) -> Iterator[None]:
    """CancelSteps, which moto has not; refusals of clusters and steps that are not there; a cluster takes its time."""
    run = ElasticMapReduceBackend.run_job_flow

    def starting(self: ElasticMapReduceBackend, **asked: Any) -> Cluster:
        cluster = run(self, **asked)
        cluster.state = "STARTING"
        for step in cluster.steps:
            step.state = "PENDING"
        return cluster

    with ExitStack() as stack, aws.faulty(_mend):
        s3_events.replace(stack, ElasticMapReduceBackend, "run_job_flow", starting)
        yield


def _mend(wanted: Asked, environ: Environ, start_response: StartResponse) -> Iterable[bytes] | None:
    if wanted.service != "elasticmapreduce":
        return None
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    asked = json.loads(body)
    environ["wsgi.input"] = io.BytesIO(body)
    cluster = backend().clusters.get(name := asked.get("ClusterId") or asked.get("JobFlowId"))
    if name and cluster is None:
        return _refused(start_response, f"Cluster id '{name}' is not valid.")
    if (step := asked.get("StepId")) and all(each.id != step for each in cluster.steps):
        return _refused(start_response, f"Step id '{step}' is not valid.")
    if wanted.operation == "CancelSteps":
        return _answer(start_response, {"CancelStepsInfoList": [_cancel(cluster, each) for each in asked["StepIds"]]})
    return None


def _cancel(cluster: Cluster, step_id: str) -> dict[str, str]:
    step = next(step for step in cluster.steps if step.id == step_id)
    if step.state not in ("PENDING", "RUNNING"):
        return {"StepId": step_id, "Status": "FAILED", "Reason": f"Cannot cancel a step in state {step.state}."}
    step.state = "CANCELLED"
    return {"StepId": step_id, "Status": "SUBMITTED", "Reason": ""}


def _refused(start_response: StartResponse, message: str) -> Iterable[bytes]:
    told = {"__type": "InvalidRequestException", "ErrorCode": "NoSuchCluster", "Message": message}
    return _answer(start_response, told, "400 Bad Request")


def _answer(start_response: StartResponse, told: object, status: str = "200 OK") -> Iterable[bytes]:
    body = json.dumps(told).encode()
    start_response(status, [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))])
    return [body]
