"""The one request that every Spark service is given in its own words, and what a service must be able to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NewType, Protocol, get_args

#: The service's own name of a job that it accepted: a step id, a job run's id, a resource's name.
JobId = NewType("JobId", str)

#: One vocabulary for every service's states.
JobState = Literal[
    "pending",  # accepted; no driver runs yet
    "running",  # the driver runs
    "succeeded",  # the command ended with 0
    "failed",  # the command or the service failed; `reason` says how
    "cancelled",  # somebody ended it
]
STATES: tuple[JobState, ...] = get_args(JobState)
ENDED: frozenset[JobState] = frozenset({"succeeded", "failed", "cancelled"})

#: The secret stores that a job resolves when it starts, each with its cloud's own client.
SecretStore = Literal["aws", "azure", "google", "databricks", "kubernetes"]


@dataclass(frozen=True, slots=True)
class Secret:
    """An environment variable of the job and where its value lies; the value itself is never in a request."""

    variable: str  # PGPASSWORD
    store: SecretStore
    reference: str  # an ARN; a vault's https address of a secret; projects/P/secrets/S; scope/key; name/key


@dataclass(frozen=True, slots=True)
class Package:
    """Where the parts of a package lie for the cluster: uris that its driver and executors can read."""

    entry: str  # the program's first file: holds the configuration, checks Python, resolves secrets, runs the command
    environment: str  # the packed environment, a .tar.gz to unpack as `environment`
    python: str  # "3.11": the only one that this environment fits
    architecture: Literal["x86_64", "aarch64"]
    spark: str  # "4.3" or "3.5"
    wheel: str = ""  # Tradewind alone, where a service wants a library; the environment has it too
    requirements: str = ""  # what the environment was made of, each pinned, for a service that installs it itself
    coordinates: tuple[str, ...] = ()  # Maven's, of the connectors that this configuration needs
    exclusions: tuple[str, ...] = ()  # what of theirs not to fetch


@dataclass(frozen=True, slots=True)
class Size:
    """How much of a cluster a job takes. Memory in MiB."""

    driver_cores: int = 1
    driver_memory: int = 2048
    executors: int = 2
    executor_cores: int = 1
    executor_memory: int = 2048


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What shall run: a command of `tradewind` on a package, whatever the service.

    `long_running` is the stream: it is started again when it fails, never twice at a time, and has no end of its own.
    """

    name: str  # letters, digits and dashes, at most 63: a name in every service
    command: tuple[str, ...]  # ("backfill", "spot", "--from=2026-01-01")
    package: Package
    secrets: tuple[Secret, ...] = ()
    size: Size = Size()
    conf: Mapping[str, str] = field(default_factory=dict)  # more of Spark's settings; the user's win
    long_running: bool = False
    token: str = ""  # the same for the same wish: a service that knows it starts nothing twice


@dataclass(frozen=True, slots=True)
class Status:
    """How a job is, in the one vocabulary, and in the service's own word."""

    job_id: JobId
    state: JobState
    service_state: str
    reason: str | None = None
    logs: str | None = None  # an address that a person can open
    exit_code: int | None = None  # the command's own, where the service tells it: 3 is "something was quarantined"

    @property
    def ended(self) -> bool:
        return self.state in ENDED


class Target(Protocol):
    """One service, as a place to send a job to. Each method raises Refused or Unreachable."""

    def request(self, job: JobRequest) -> Mapping[str, Any]:
        """What submit would send, as the service's API reads it (JSON); asks nothing of the network."""
        ...

    def submit(self, job: JobRequest) -> JobId:
        """Send it. For a long-running job: raises Refused where one of this name is under way."""
        ...

    def status(self, job_id: JobId) -> Status:
        """How it is now."""
        ...

    def cancel(self, job_id: JobId) -> None:
        """Ask for its end; ending what has ended is no error."""
        ...
