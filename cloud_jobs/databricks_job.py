"""What Databricks is sent, of its client's own types: a run, a job with its trigger, their cluster and libraries.

Libraries come from a volume and not by an init script, as its documents ask for:
https://docs.databricks.com/aws/en/compute/compatibility
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cloud_jobs.errors import TargetError
from cloud_jobs.job import JobRequest
from cloud_jobs.rendering import arguments
from cloud_jobs.tokens import digest

if TYPE_CHECKING:
    from databricks.sdk.service import compute, jobs

    from cloud_jobs.databricks import DatabricksSettings

TASK, ENVIRONMENT = "tradewind", "tradewind"
TOKEN = "tradewind-token"  # a tag
#: Of serverless compute: https://docs.databricks.com/aws/en/release-notes/serverless/environment-version/
SERVERLESS: Mapping[str, str] = {"3.11": "2", "3.12": "4"}


def run(settings: DatabricksSettings, job: JobRequest) -> dict[str, Any]:
    """A run without a job: the arguments of `jobs.submit`."""
    from databricks.sdk.service import jobs

    serverless = settings.compute == "serverless"
    place: dict[str, Any] = {"environment_key": ENVIRONMENT} if serverless else {"new_cluster": cluster(settings, job)}
    task = jobs.SubmitTask(
        TASK, spark_python_task=_program(settings, job), libraries=_libraries(settings, job), **place
    )
    return {
        "run_name": job.name,
        "tasks": [task],
        "environments": _environments(settings, job),
        "run_as": _identity(settings),
        "idempotency_token": digest(job.token) if job.token else None,
    }


def kept(settings: DatabricksSettings, job: JobRequest) -> jobs.JobSettings:
    """A job that stays: a stream, always on, or what starts when files arrive. Once at a time, both."""
    from databricks.sdk.service import jobs

    serverless = settings.compute == "serverless"
    place: dict[str, Any] = {"environment_key": ENVIRONMENT} if serverless else {"new_cluster": cluster(settings, job)}
    task = jobs.Task(TASK, spark_python_task=_program(settings, job), libraries=_libraries(settings, job), **place)
    return jobs.JobSettings(
        name=job.name,
        tasks=[task],
        environments=_environments(settings, job),
        run_as=_identity(settings),
        tags={TOKEN: digest(job.token)} if job.token else None,
        max_concurrent_runs=1,
        **_start(settings, job),
    )


def _start(settings: DatabricksSettings, job: JobRequest) -> dict[str, Any]:
    """What arrives while a run is under way is waited for in the queue, not passed over."""
    from databricks.sdk.service import jobs

    if job.long_running:
        retries, going = jobs.TaskRetryMode.ON_FAILURE, jobs.PauseStatus.UNPAUSED
        return {"continuous": jobs.Continuous(pause_status=going, task_retry_mode=retries)}
    watched = jobs.FileArrivalTriggerConfiguration(str(settings.file_arrival), settings.not_before, settings.settled)
    trigger = jobs.TriggerSettings(file_arrival=watched, pause_status=jobs.PauseStatus.UNPAUSED)
    return {"trigger": trigger, "queue": jobs.QueueSettings(enabled=True)}


def _program(settings: DatabricksSettings, job: JobRequest) -> jobs.SparkPythonTask:
    """The driver opens the packed environment itself; the cluster's own libraries are for the tasks."""
    from databricks.sdk.service import jobs

    if settings.compute == "classic":
        job = replace(job, secrets=tuple(one for one in job.secrets if one.store != "databricks"))
    return jobs.SparkPythonTask(job.package.entry, arguments(job, _path(job.package.environment)))


def cluster(settings: DatabricksSettings, job: JobRequest) -> compute.ClusterSpec:
    """One for this job alone: its secrets are in the environment of a cluster that nobody else may attach to.

    https://docs.databricks.com/aws/en/security/secrets/secrets-spark-conf-env-var
    """
    from databricks.sdk.service import compute

    aws, google = settings.instance_profile, settings.google_service_account
    return compute.ClusterSpec(
        spark_version=settings.runtime,
        node_type_id=settings.node_type,
        instance_pool_id=settings.instance_pool,
        policy_id=settings.policy,
        num_workers=job.size.executors,
        data_security_mode=compute.DataSecurityMode.SINGLE_USER,
        spark_conf=dict(job.conf) or None,
        spark_env_vars=_variables(job) or None,
        aws_attributes=compute.AwsAttributes(instance_profile_arn=aws) if aws else None,
        gcp_attributes=compute.GcpAttributes(google_service_account=google) if google else None,
    )


def _variables(job: JobRequest) -> dict[str, str]:
    return {one.variable: f"{{{{secrets/{one.reference}}}}}" for one in job.secrets if one.store == "databricks"}


def _libraries(settings: DatabricksSettings, job: JobRequest) -> list[compute.Library] | None:
    """The pinned requirements before the wheel, which then finds what it needs."""
    from databricks.sdk.service import compute

    if settings.compute == "serverless":
        return None
    package, excluded = job.package, list(job.package.exclusions) or None
    requirements = [compute.Library(requirements=_path(package.requirements))] if package.requirements else []
    maven = [compute.MavenLibrary(coordinates=one, exclusions=excluded) for one in package.coordinates]
    return [*requirements, compute.Library(whl=_wheel(job)), *(compute.Library(maven=one) for one in maven)]


def _environments(settings: DatabricksSettings, job: JobRequest) -> list[jobs.JobEnvironment] | None:
    from databricks.sdk.service import compute, jobs

    if settings.compute == "classic":
        return None
    pinned = [f"-r {_path(job.package.requirements)}"] if job.package.requirements else []
    spec = compute.Environment(environment_version=SERVERLESS[job.package.python], dependencies=[*pinned, _wheel(job)])
    return [jobs.JobEnvironment(ENVIRONMENT, spec)]


def _wheel(job: JobRequest) -> str:
    if not job.package.wheel:
        raise TargetError(
            f"{job.name}: this package holds no wheel, which Databricks installs on its workers: pack again"
        )
    return _path(job.package.wheel)


def _identity(settings: DatabricksSettings) -> jobs.JobRunAs | None:
    from databricks.sdk.service import jobs

    return jobs.JobRunAs(service_principal_name=settings.run_as) if settings.run_as else None


def _path(uri: str) -> str:
    """A volume's file as a path, the same on the driver, on workers and for pip."""
    return uri.removeprefix("dbfs:")
