"""Google's side of Dataproc: how its clients are made, and what their errors mean here. Imported when it is needed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from importlib import import_module
from typing import Annotated, Any

from pydantic import Field

from cloud_jobs.errors import CloudJobError, MissingClient, Refused, TargetError, Unreachable
from cloud_jobs.job import JobRequest
from cloud_jobs.job_settings import JobSettings
from cloud_jobs.shapes import shape

Project = Annotated[
    str, shape(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]", "the id of a project, not its name or number")
]
Region = Annotated[str, shape(r"[a-z]+-[a-z]+\d+", "a region, such as europe-west3")]
ServiceAccount = Annotated[str, shape(r"[a-z0-9.-]+@[a-z0-9.-]+\.[a-z]+", "the address of a service account, NAME@…")]
Label = Annotated[str, shape(r"[a-z0-9_-]{0,63}", "a label: small letters, digits, - and _, at most 63")]
Address = Annotated[str, shape(r"https?://[^\s/]+", "an address, https://HOST")]
#: A program of the service's machines.
Interpreter = Annotated[str, shape(r"[\w./-]+", "the path of a Python there, such as /opt/conda/default/bin/python")]

CONSOLE = "https://console.cloud.google.com/dataproc"
#: The label that says which job of ours it is.
LABEL = "tradewind"
CALL_SECONDS, RETRY_SECONDS = 30.0, 10.0
_CREDENTIALS = (
    "check Google's credentials: GOOGLE_APPLICATION_CREDENTIALS, `gcloud auth application-default login`, or the "
    "machine's service account"
)


class GoogleSettings(JobSettings):
    """What both kinds of Dataproc are asked: where they are."""

    brings = frozenset({"gcs"})
    takes = ("gs://",)

    project: Project  # its id, not its number
    region: Region  # europe-west3
    endpoint: Address | None = None  # a private one; http:// is a stand-in's
    labels: dict[str, Label] = Field(default_factory=dict)


def client(controller: str, settings: GoogleSettings) -> Any:
    """JobController's or BatchController's client, over REST. Raises MissingClient, Refused without credentials."""
    package = controller.removesuffix("Controller").lower()
    clients = _module(f"google.cloud.dataproc_v1.services.{package}_controller")
    transports = _module(f"google.cloud.dataproc_v1.services.{package}_controller.transports.rest")
    credentials = _module("google.auth.credentials")
    host = settings.endpoint or f"{settings.region}-dataproc.googleapis.com"
    nobody = credentials.AnonymousCredentials() if host.startswith("http://") else None
    with translating("making a client of Dataproc"):
        transport = getattr(transports, f"{controller}RestTransport")(host=host, credentials=nobody)
        return getattr(clients, f"{controller}Client")(transport=transport)


def typed(message: str, told: Mapping[str, Any]) -> Any:
    """A request as the client's own type. Raises TargetError for what that type does not know."""
    known = getattr(_module("google.cloud.dataproc_v1"), message)
    parse_error = _module("google.protobuf.json_format").ParseError
    try:
        return known.from_json(json.dumps(told), ignore_unknown_fields=False)
    except parse_error as error:
        raise TargetError(f"{message}: {error}") from error


def call(*, again: bool = True) -> Mapping[str, Any]:
    """How long a call may take, and whether it is tried again. Left alone, the client goes on for 15 minutes."""
    errors, retry = _module("google.api_core.exceptions"), _module("google.api_core.retry")
    busy = retry.if_exception_type(errors.ServiceUnavailable)
    policy = retry.Retry(predicate=busy, initial=0.2, maximum=2.0, timeout=RETRY_SECONDS) if again else None
    return {"timeout": CALL_SECONDS, "retry": policy}


@contextmanager
def translating(doing: str) -> Iterator[None]:
    """Around a call: what the client raises becomes Refused or Unreachable, by its status or kind."""
    api, auth, requests = (
        _module(name) for name in ("google.api_core.exceptions", "google.auth.exceptions", "requests")
    )
    try:
        yield
    except (api.GoogleAPIError, auth.GoogleAuthError, requests.RequestException) as error:
        raise _translated(doing, error) from error


def _translated(doing: str, error: Exception) -> CloudJobError:
    from google.api_core import exceptions as api
    from google.auth import exceptions as auth

    if isinstance(error, api.RetryError) and isinstance(error.cause, Exception):
        error = error.cause
    told = f"{doing}: {' '.join(str(getattr(error, 'message', None) or error).split())}"
    match error:
        case api.Unauthorized():
            return Refused(f"{told}; {_CREDENTIALS}")
        case api.ClientError() if error.code not in (408, 429):
            return Refused(told)
        case auth.GoogleAuthError() if not isinstance(error, auth.TransportError):
            return Refused(f"{told}; {_CREDENTIALS}")
        case _:  # 408, 429, 5xx, and whatever came before an answer
            return Unreachable(told)


def is_there_already(refused: Refused) -> bool:
    """Whether the service refused because a job of that id is there (409)."""
    return getattr(refused.__cause__, "code", None) == 409


def digest(token: str, length: int) -> str:
    """Of a wish, as part of a name."""
    return sha256(token.encode()).hexdigest()[:length]


def labels(given: Mapping[str, str], job: JobRequest) -> dict[str, str]:
    """The user's, and ours by which the job is found again."""
    return {**given, LABEL: job.name.lower()}


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as missing:
        raise MissingClient(
            f"google-cloud-dataproc is not installed: `pip install 'tradewind[jobs]'` ({missing.name})"
        ) from missing
