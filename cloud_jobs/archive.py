"""A package: a folder with all that a cluster needs, of the same bytes whenever the same is packed."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cloud_jobs import archive_environment, archive_wheel
from cloud_jobs.errors import PackageError
from cloud_jobs.job import Package

ENTRY, ENVIRONMENT, CONFIG, MANIFEST = "tradewind_job.py", "environment.tar.gz", "tradewind.toml", "manifest.json"
REQUIREMENTS = "requirements.txt"
_TEMPLATE = Path(__file__).with_name(ENTRY)
_SLOT = "PACKAGE: Dict[str, Any] = {}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to pack: for which cluster, and the configuration's files by their names, which hold no secret."""

    python: str
    architecture: str
    spark: str
    config: Mapping[str, str]
    needs: tuple[str, ...] = ()  # variables that the configuration leaves to the job's environment
    coordinates: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a package."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a package. `digest` is of all the rest."""

    tradewind: str
    python: str
    architecture: str
    spark: str
    environment: Mapping[str, str]  # what the packed environment was made of
    parts: tuple[Part, ...]
    needs: tuple[str, ...]
    coordinates: tuple[str, ...]
    exclusions: tuple[str, ...]

    @property
    def digest(self) -> str:
        return _sha(json.dumps(asdict(self), sort_keys=True).encode())

    @property
    def wheel(self) -> Part:
        return next(part for part in self.parts if part.name.endswith(".whl"))

    def part(self, name: str) -> Part:
        return next(part for part in self.parts if part.name == name)

    def text(self) -> str:
        """As it lies in the package."""
        return json.dumps({**asdict(self), "digest": self.digest}, indent=2, sort_keys=True) + "\n"

    @classmethod
    def read(cls, text: str | bytes) -> Manifest:
        """Raises PackageError where that is no manifest, or was changed."""
        try:
            told = json.loads(text)
            digest = told.pop("digest")
            told["parts"] = tuple(Part(**part) for part in told["parts"])
            lists: dict[str, Any] = {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
            made = cls(**{**told, **lists})
        except (ValueError, KeyError, TypeError) as error:
            raise PackageError(f"{MANIFEST} is none that this version of Tradewind writes: {error}") from error
        if made.digest != digest:
            raise PackageError(f"{MANIFEST} was changed after it was written; pack again")
        return made


def pack(wanted: Wanted, out: Path, root: Path, told: Callable[[str], None] = lambda _: None) -> Manifest:
    """Write a package into a folder; `root` is that of Tradewind's rooms. `told` hears what is being done.

    An environment that lies there already and was made of the same is kept. Raises PackageError.
    """
    try:
        return _packed(wanted, out, root, told)
    except OSError as error:
        raise PackageError(f"{out} could not be written: {error}") from error


def _packed(wanted: Wanted, out: Path, root: Path, told: Callable[[str], None]) -> Manifest:
    out.mkdir(parents=True, exist_ok=True)
    wheel = archive_wheel.written(root)
    mark = _mark(wanted, wheel)
    if not _is_kept(out, mark):
        _environment(wanted, mark, root, out / ENVIRONMENT, told)
    told("writing the rest")
    for old in out.glob("*.whl"):
        old.unlink()
    (out / archive_wheel.name()).write_bytes(wheel)
    (out / CONFIG).write_text(wanted.config[CONFIG], encoding="utf-8")
    (out / REQUIREMENTS).write_bytes(archive_environment.pinned(wanted.spark).read_bytes())
    entry = _entry(wanted, mark, _digest_of(out / ENVIRONMENT))
    (out / ENTRY).write_text(entry, encoding="utf-8")
    manifest = _described(wanted, mark, out)
    (out / MANIFEST).write_text(manifest.text(), encoding="utf-8")
    return manifest


def checked(folder: Path) -> Manifest:
    """The manifest of a package whose parts are as it says. Raises PackageError."""
    try:
        manifest = Manifest.read((folder / MANIFEST).read_bytes())
    except OSError as error:
        raise PackageError(f"{folder} is no package: {error}; `tradewind package` makes one") from error
    for part in manifest.parts:
        if not (folder / part.name).is_file() or _digest_of(folder / part.name) != part.sha256:
            raise PackageError(f"{folder / part.name} is not what {MANIFEST} says; pack again")
    return manifest


def placed(manifest: Manifest, where: Callable[[Part], str]) -> Package:
    """The package for a request, once its parts lie where `where` says."""
    entry, environment, wheel = manifest.part(ENTRY), manifest.part(ENVIRONMENT), manifest.wheel
    return Package(
        entry=where(entry), environment=where(environment), wheel=where(wheel), python=manifest.python,
        architecture="aarch64" if manifest.architecture == "aarch64" else "x86_64",
        requirements=where(manifest.part(REQUIREMENTS)), spark=manifest.spark,
        coordinates=manifest.coordinates, exclusions=manifest.exclusions,
    )  # fmt: skip


def _mark(wanted: Wanted, wheel: bytes) -> dict[str, str]:
    requirements = archive_environment.pinned(wanted.spark).read_bytes()
    return {
        "python": wanted.python,
        "architecture": wanted.architecture,
        "requirements": _sha(requirements),
        "tradewind": _sha(wheel),
    }


def _environment(wanted: Wanted, mark: Mapping[str, str], root: Path, out: Path, told: Callable[[str], None]) -> None:
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".environment-") as scratch:
        folder, fresh = Path(scratch) / "wheels", Path(scratch) / ENVIRONMENT
        told(f"fetching the wheels for Python {wanted.python} on {wanted.architecture}")
        archive_environment.install(
            archive_environment.pinned(wanted.spark), wanted.python, wanted.architecture, folder
        )
        told("packing the environment")
        with fresh.open("wb") as file:
            archive_environment.pack(folder, archive_wheel.files(root), mark, file)
        shutil.move(fresh, out)


def _is_kept(out: Path, mark: Mapping[str, str]) -> bool:
    """Whether what lies there is an environment of this mark, and whole."""
    try:
        manifest = Manifest.read((out / MANIFEST).read_bytes())
        return manifest.environment == mark and _digest_of(out / ENVIRONMENT) == manifest.part(ENVIRONMENT).sha256
    except (PackageError, OSError):
        return False


def _entry(wanted: Wanted, mark: Mapping[str, str], environment: str) -> str:
    """The entry with what it has to know, as a literal of Python's."""
    told = {
        "python": wanted.python,
        "architecture": wanted.architecture,
        "environment": environment,
        "mark": dict(mark),
        "config": dict(wanted.config),
    }
    template = _TEMPLATE.read_text(encoding="utf-8")
    return template.replace(
        _SLOT, f"{_SLOT.partition('=')[0]}= json.loads(\n    {json.dumps(told, sort_keys=True)!r}\n)"
    )


def _described(wanted: Wanted, mark: Mapping[str, str], out: Path) -> Manifest:
    names = (ENTRY, ENVIRONMENT, CONFIG, REQUIREMENTS, archive_wheel.name())
    parts = tuple(Part(name, _digest_of(out / name), (out / name).stat().st_size) for name in names)
    version = archive_wheel.name().split("-")[1]
    return Manifest(
        version, wanted.python, wanted.architecture, wanted.spark, mark, parts, wanted.needs, wanted.coordinates,
        wanted.exclusions,
    )  # fmt: skip


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
