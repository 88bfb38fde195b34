"""Where packages lie for a cluster: each part once, under its checksum, in a folder, a bucket or a volume."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from cloud_jobs import archive
from cloud_jobs.archive import MANIFEST, Manifest, Part
from cloud_jobs.errors import PackageError, Unreachable
from cloud_jobs.job import Package
from streaming.settings import Settings
from triggers.errors import TriggerError
from triggers.folders import Folder, folder_of
from triggers.stores.local import path_of, uri_of


class Depot(Protocol):
    """A place for whole files; errors are OSError."""

    def sizes(self, folder: str) -> dict[str, int]:
        """What is in a folder of it: bytes by name."""
        ...

    def write(self, name: str, content: bytes) -> None: ...

    def read(self, name: str) -> bytes | None: ...


class FolderDepot:
    """By the stores' own clients."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def sizes(self, folder: str) -> dict[str, int]:
        return {kept.name: kept.size for kept in self._folder.below(folder).files()}

    def write(self, name: str, content: bytes) -> None:
        self._folder.write(name, content)

    def read(self, name: str) -> bytes | None:
        return self._folder.read(name)


def depot_of(place: str, settings: Settings) -> Depot:
    """The depot at an address. Raises MissingClient."""
    if place.startswith("dbfs:"):
        return _volume(place, settings)
    return FolderDepot(folder_of(place, settings.access))


def _volume(place: str, settings: Settings) -> Depot:
    """In the workspace of the job whose place it is; else in that which the environment names."""
    from cloud_jobs import databricks
    from cloud_jobs.databricks_workspace import workspace
    from cloud_jobs.volumes import VolumeDepot

    jobs = [job for job in settings.jobs.values() if isinstance(job, databricks.DatabricksSettings)]
    own = next((job for job in jobs if place.startswith(job.packages)), None)
    return VolumeDepot(place, workspace(own.host, own.profile) if own else None)


def uploaded(folder: Path, place: str, settings: Settings, told: Callable[[Part, bool], None]) -> tuple[Manifest, str]:
    """Bring a package to a place; gives its manifest and its address there. What is there already is not sent again.

    `told` hears of each part, and whether it had to be sent. Raises PackageError and Unreachable.
    """
    manifest, depot = archive.checked(folder), depot_of(place, settings)
    try:
        for part in manifest.parts:
            there = depot.sizes(part.sha256[:16]).get(part.name) == part.bytes
            told(part, not there)
            if not there:
                depot.write(_name(part), (folder / part.name).read_bytes())
        depot.write(f"{manifest.digest[:16]}/{MANIFEST}", manifest.text().encode())
    except (OSError, TriggerError) as error:
        raise Unreachable(f"{place} could not be written: {error}") from error
    return manifest, f"{place}/{manifest.digest[:16]}"


def fetched(address: str, settings: Settings) -> tuple[Manifest, str]:
    """The manifest of a package that was brought to a place, and the place. Raises PackageError and Unreachable."""
    place, _, digest = address.rstrip("/").rpartition("/")
    try:
        content = depot_of(place, settings).read(f"{digest}/{MANIFEST}")
    except (OSError, TriggerError) as error:
        raise Unreachable(f"{address} could not be read: {error}") from error
    if content is None:
        raise PackageError(f"{address} is no package; `tradewind package NAME --upload` says where it put one")
    return Manifest.read(content), place


def placed(manifest: Manifest, place: str) -> Package:
    """The package as a request names it."""
    return archive.placed(manifest, lambda part: _spelled(f"{place}/{_name(part)}"))


def is_address(text: str) -> bool:
    """Whether it is a place where a package was brought to, rather than a folder of one."""
    return "://" in text or text.startswith(("dbfs:", "file:"))


def _spelled(uri: str) -> str:
    """A local file by its plain path, as spark-submit reads it."""
    return path_of(uri) if uri.startswith("file:") else uri


def _name(part: Part) -> str:
    return f"{part.sha256[:16]}/{part.name}"


def of_path(path: str) -> str:
    """`file:///…` of a path; an address as it is."""
    return path if is_address(path) else uri_of(Path(path))
