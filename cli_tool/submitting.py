"""What `package` and `submit` share: a job of the configuration, its package, the request made of both."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import cli_tool
from cli_tool import depot, packing
from cli_tool.commands import loaded
from cloud_jobs import archive
from cloud_jobs.archive import Manifest, Part, Wanted
from cloud_jobs.errors import PackageError
from cloud_jobs.job import JobRequest
from cloud_jobs.job_settings import SPARK, Architecture, JobSettings, Python
from streaming import java
from streaming.errors import SettingsError
from streaming.feeds import plans
from streaming.settings import DATABASE_VARIABLE, Settings

ROOT = Path(cli_tool.__file__).resolve().parent.parent
LONG_RUNNING = ("stream", "listen")
COMMANDS = (*LONG_RUNNING, "backfill", "sweep", "check", "doctor")
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Cluster:
    """What a package is made for. `brings` are the clouds that its Spark reaches by itself."""

    python: str
    architecture: str
    spark: str
    brings: frozenset[str] = frozenset()


def job_of(settings: Settings, name: str) -> JobSettings:
    """The table of a job. Raises SettingsError."""
    if name not in settings.jobs:
        known = ", ".join(settings.jobs) or "none"
        raise SettingsError(f"no job is called {name!r}; there are {known}. A table [jobs.{name}] makes one")
    return settings.jobs[name]


def cluster_of(job: JobSettings) -> Cluster:
    return Cluster(job.python, job.architecture, job.spark, job.brings)


def check(cluster: Cluster, upload_for: str | None = "") -> None:
    """Raises SettingsError for what nobody can pack for, or bring anywhere."""
    for key, kind in (("python", Python), ("architecture", Architecture)):
        if getattr(cluster, key) not in get_args(kind):
            raise SettingsError(f"--{key} is one of {', '.join(get_args(kind))}, not {getattr(cluster, key)!r}")
    if not re.fullmatch(SPARK, cluster.spark):
        raise SettingsError(f"--spark is 3.5, or 4.0 and later, not {cluster.spark!r}")
    if upload_for is None:
        raise SettingsError("--upload needs the name of a job, whose `packages` says where to")


def pack(settings: Settings, config: Path, cluster: Cluster, out: Path, told: Told) -> tuple[Manifest, list[str]]:
    """Write a package; gives its manifest and what there is to say about the configuration. Raises PackageError."""
    configuration = packing.packed(settings, config)
    coordinates, exclusions = packing.coordinates(settings, cluster.spark, cluster.brings)
    wanted = Wanted(
        cluster.python, cluster.architecture, cluster.spark, configuration.files, tuple(configuration.needs),
        coordinates, exclusions,
    )  # fmt: skip
    return archive.pack(wanted, out, ROOT, told), configuration.notes


def understood(settings: Settings, command: Sequence[str]) -> None:
    """Reads the command as it will be read there, so that a slip is told here. Raises UsageError and SettingsError, and
    PackageError for a secret among the words, which services show and keep."""
    if not command or command[0] not in COMMANDS:
        given = f"{command[0]!r} is no command for a cluster" if command else "no command is given"
        raise SettingsError(f"{given}; after `--` comes one of {', '.join(COMMANDS)}")
    packing.refuse_secrets({"the command": " ".join(command)})
    real: Any = loaded(command[0])
    parsed = real.make_context(command[0], list(command[1:]))
    feeds = parsed.params.get("feeds") or [parsed.params.get("feed")]
    plans(settings, [feed for feed in feeds if feed])


def sendable(settings: Settings, name: str, config: Path) -> None:
    """Raises PackageError for what a request would be refused for, before a package is made, which takes a minute."""
    job = job_of(settings, name)
    packing.conf(settings, job.conf)
    _has(job, name, packing.packed(settings, config).needs)


def request(
    settings: Settings, name: str, manifest: Manifest, place: str, command: Sequence[str], token: str
) -> JobRequest:
    """What is asked of the service. Raises PackageError where package and job do not fit together."""
    job = job_of(settings, name)
    _fits(job, name, manifest)
    return JobRequest(
        name=f"tradewind-{name}", command=tuple(command), package=depot.placed(manifest, place), secrets=job.held(),
        size=job.size.size, conf=packing.conf(settings, job.conf), long_running=command[0] in LONG_RUNNING, token=token,
    )  # fmt: skip


def _fits(job: JobSettings, name: str, manifest: Manifest) -> None:
    for key in ("python", "architecture", "spark"):
        if getattr(manifest, key) != getattr(job, key):
            raise PackageError(
                f"the package is for {key} {getattr(manifest, key)}, and jobs.{name}.{key} is {getattr(job, key)}; "
                f"pack for the job: `tradewind package {name}`"
            )
    _has(job, name, manifest.needs)


def _has(job: JobSettings, name: str, needs: Sequence[str]) -> None:
    have = {*job.secrets, *(os.environ if job.inherits else ())}
    here = f"set it in the environment of `tradewind submit`, which the driver of {name} has, or " * job.inherits
    for variable in needs:
        if variable not in have and DATABASE_VARIABLE not in have:
            raise PackageError(
                f"the configuration leaves {variable} to the job's environment: {here}name the secret that holds it, "
                f'[jobs.{name}.secrets] {variable} = "…"'
            )


def find_java(settings: Settings, job: JobSettings) -> None:
    """For a spark-submit that runs here: the Java that a local Spark would take, where none is on the PATH."""
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None:
        with suppress(java.JavaMissing):
            found = java.find(int(job.spark.partition(".")[0]))
            os.environ["JAVA_HOME"] = str(java.home_for_spark(found, settings.state.dir))


def brought(
    settings: Settings, job: JobSettings, package: str, told: Callable[[Part, bool], None]
) -> tuple[Manifest, str]:
    """A package's manifest, and the place of its parts, brought there if need be."""
    if depot.is_address(package):
        return depot.fetched(package, settings)
    if not job.fetches:
        return archive.checked(Path(package)), job.packages
    manifest, _ = depot.uploaded(Path(package), job.packages, settings, told)
    return manifest, job.packages
