"""A cluster's API server: how it is reached, what its refusals mean, and what pods are given."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from cloud_jobs import clients
from cloud_jobs.errors import CloudJobError, Refused, TargetError, Unreachable
from cloud_jobs.job import JobRequest, SecretStore
from cloud_jobs.job_settings import JobSettings, LocalFolder
from cloud_jobs.rendering import FOLDER, arguments, spark_conf
from cloud_jobs.tokens import digest

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

TIMEOUT = (5, 30)  # seconds to connect, to answer
#: Where a pod's own service account lies.
OWN_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/token"
NAME, JOB, TOKEN = "app.kubernetes.io/name", "tradewind/job", "tradewind/token"  # our labels
IVY = "/tmp/.ivy2"  # a place that images let their user write to
_DNS = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
_KEY = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[A-Za-z0-9._-]+")
_LONGEST = 56  # of a name, so that the longest that is made of it, NAME-driver, is a label


class ClusterSettings(JobSettings):
    """What both ways into a cluster share.

    `kubeconfig` and `context` say which cluster (default: kubectl's own choice, or inside of a cluster its own).
    `service_account` is the driver's: it starts executors. `logs` is the address of your log viewer, with `{namespace}`
    and `{pod}` in it; without it the API server's own address of the driver's log is told. A secret is named
    `SECRET/KEY`, in the namespace of the job.

    `in_image` is the folder of the image that holds the package, `tradewind_job.py` and the unpacked `environment`:
    pods then fetch nothing. Without it they fetch the package, for which the Spark that submits (the operator's) and
    that of the image need the bucket's connector among their jars.
    """

    own_store: ClassVar[SecretStore] = "kubernetes"
    takes: ClassVar[tuple[str, ...]] = ("s3://", "gs://", "abfss://", "hdfs://")

    packages: str = ""
    image: str = Field(pattern=r"^\S+$")
    namespace: str = Field("default", pattern=_DNS)
    service_account: str = Field("spark", pattern=_DNS)
    kubeconfig: LocalFolder | None = None
    context: str | None = None
    pull_policy: str = Field("IfNotPresent", pattern=r"^(Always|IfNotPresent|Never)$")
    pull_secrets: tuple[str, ...] = ()
    node_selector: dict[str, str] = Field(default_factory=dict)
    logs: str | None = Field(None, pattern=r"^https?://\S+$")
    in_image: str | None = Field(None, pattern=r"^(/[\w.-]+)+$")

    @property
    def fetches(self) -> bool:
        return self.in_image is None

    @model_validator(mode="after")
    def _has_its_package(self) -> Self:
        if self.fetches and not self.packages:
            raise ValueError(
                "says neither packages, where pods fetch the package, nor in_image, where their image has it"
            )
        return self

    @field_validator("secrets")
    @classmethod
    def _name_a_key(cls, secrets: dict[str, str]) -> dict[str, str]:
        for variable, reference in secrets.items():
            if cls._store(reference) == "kubernetes" and not _KEY.fullmatch(reference):
                raise ValueError(f"holds {variable}, which is SECRET/KEY: a Secret of the namespace and a key in it")
        return secrets


def client(settings: ClusterSettings) -> ApiClient:
    """As kubectl would reach it. Raises MissingClient, and TargetError where nothing says how."""
    with clients.needed():
        from kubernetes import config
        from kubernetes.client import ApiClient, Configuration
    try:
        if settings.kubeconfig is None and settings.context is None and _inside():
            config.load_incluster_config(client_configuration=(own := Configuration()))
            return ApiClient(own)
        found: ApiClient = config.new_client_from_config(_file(settings), settings.context)
        return found
    except config.ConfigException as unusable:
        raise TargetError(f"kubernetes: {unusable}; name the file by `kubeconfig`") from unusable


def _file(settings: ClusterSettings) -> str | None:
    return str(settings.kubeconfig) if settings.kubeconfig else None


def _inside() -> bool:
    return Path(OWN_ACCOUNT).exists()


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raises Refused and Unreachable for what the client raises, by its codes; MissingClient."""
    with clients.needed():
        from kubernetes.client.exceptions import ApiException
        from urllib3.exceptions import HTTPError

    try:
        yield
    except ApiException as failed:
        raise _error(failed.status or 0, f"{what}: {_message(failed.body, failed.reason)}") from failed
    except HTTPError as failed:
        raise Unreachable(f"{what}: the cluster's API server does not answer ({type(failed).__name__})") from failed


def _error(status: int, message: str) -> CloudJobError:
    later = status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == 0
    return (Unreachable if later else Refused)(f"{message} ({status})")


def _message(body: object, reason: object) -> str:
    """What the API server says, a Status object; else HTTP's own words."""
    try:
        return str(json.loads(body)["message"])  # type: ignore[arg-type]
    except (TypeError, ValueError, KeyError):
        return str(reason)


def resource_name(job: JobRequest) -> str:
    """A stream's is the job's own, so that the cluster itself keeps it from running twice; else the wish's."""
    name = job.name.lower().strip("-")
    if job.long_running or not job.token:
        return name[:_LONGEST].strip("-")
    return f"{name[: _LONGEST - 11].strip('-')}-{digest(job.token)[:10]}"


def labels(job: JobRequest) -> dict[str, str]:
    wish = {TOKEN: digest(job.token)} if job.token else {}
    return {NAME: "tradewind", JOB: job.name.strip("-"), **wish}


def words(settings: ClusterSettings, job: JobRequest) -> tuple[str, list[str]]:
    """The entry's address for pods, and what it is told."""
    if (folder := settings.in_image) is not None:
        return f"local://{folder}/tradewind_job.py", arguments(job, f"{folder}/{FOLDER}")
    return job.package.entry, arguments(job)


def conf(settings: ClusterSettings, job: JobRequest) -> dict[str, str]:
    """Spark's settings for pods: what every master is told, the namespace's secrets, where pods may go.

    https://spark.apache.org/docs/latest/running-on-kubernetes.html#configuration
    """
    selected = {f"spark.kubernetes.node.selector.{key}": value for key, value in settings.node_selector.items()}
    fetched = {"spark.jars.ivy": IVY} if job.package.coordinates else {}
    told = {**spark_conf(job), **_environment(settings), **fetched, **_secrets(job), **selected, **job.conf}
    return {name: value for name, value in told.items() if name != "spark.archives" or settings.in_image is None}


def _environment(settings: ClusterSettings) -> dict[str, str]:
    return {"spark.executorEnv.PYTHONPATH": f"{settings.in_image}/{FOLDER}"} if settings.in_image else {}


def for_hadoop(job: JobRequest) -> JobRequest:
    """S3 by the name of the connector that an image of one's own has."""
    own = job.package
    entry, environment = (re.sub(r"^s3://", "s3a://", uri) for uri in (own.entry, own.environment))
    return replace(job, package=replace(own, entry=entry, environment=environment))


def _secrets(job: JobRequest) -> dict[str, str]:
    """As variables of driver and executors: `secretKeyRef` of the pods, whose values no request holds."""
    held = {one.variable: ":".join(one.reference.split("/", 1)) for one in job.secrets if one.store == "kubernetes"}
    return {
        f"spark.kubernetes.{part}.secretKeyRef.{variable}": place
        for variable, place in held.items()
        for part in ("driver", "executor")
    }
