"""The packed environment: the pinned wheels for a cluster's Python and architecture, whatever this machine's are."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from cloud_jobs.errors import PackageError

PINNED = Path(__file__).with_name("pinned")
#: In the environment: what it was made of and for. The entry compares it before anything is imported.
MARK = "tradewind_environment.json"
#: The oldest Linux that all of the wheels run on.
PLATFORM = "manylinux_2_28"
_LEFT_BY_INSTALLERS = ("INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json")
_UNUSED = ("tests", "include", "__pycache__")  # of pyarrow, pandas and numpy: a third of their files
_LEVEL = 1  # of gzip: three times as quick as 6 for a tenth more


def pinned(spark: str) -> Path:
    """The requirements of a Spark: newer pyarrow and numpy than 3.5 works with belong to 4."""
    return PINNED / f"spark-{spark if spark.startswith('3.') else spark.partition('.')[0]}.txt"


def install(requirements: Path, python: str, architecture: str, folder: Path) -> None:
    """Put the wheels into a folder. Raises PackageError with uv's own words."""
    command = [
        _uv(), "pip", "install", "--quiet", "--no-config", "--target", str(folder), "--python-version", python,
        "--python-platform", f"{architecture}-{PLATFORM}", "--only-binary", ":all:", "--no-deps", "--require-hashes",
        "--link-mode", "copy", "--requirement", str(requirements),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, env=_environ())
    if done.returncode:
        raise PackageError(f"the wheels for Python {python} on {architecture} could not be had: {done.stderr.strip()}")


def pack(folder: Path, more: Iterable[tuple[str, bytes]], mark: Mapping[str, object], out: BinaryIO) -> None:
    """Write all of `folder`, then `more`, as a .tar.gz that says nothing of when, where and by whom."""
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0, compresslevel=_LEVEL) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for path in sorted(filter(Path.is_file, folder.rglob("*"))):
            name = path.relative_to(folder)
            if _is_needed(PurePosixPath(name)):
                _add(tar, name.as_posix(), path.read_bytes())
        for file, content in (*more, (MARK, json.dumps(mark, sort_keys=True).encode())):
            _add(tar, file, content)


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o644
    tar.addfile(entry, io.BytesIO(content))


def _is_needed(name: PurePosixPath) -> bool:
    """Programs in bin name this machine's Python in their first line; nobody calls them there."""
    of_installer = name.name in _LEFT_BY_INSTALLERS and name.parent.suffix == ".dist-info"
    unused = name.parts[0] in ("bin", ".lock") or any(part in _UNUSED for part in name.parts[:-1])
    return not (of_installer or unused)


def _uv() -> str:
    if find_spec("uv") is not None:
        from uv import find_uv_bin

        return find_uv_bin()
    if (found := shutil.which("uv")) is not None:
        return found
    raise PackageError("uv is not here, which packs for other machines: `pip install 'tradewind[jobs]'`")


def _environ() -> dict[str, str]:
    """Its index and cache are the machine's; the environment that we run in is none of its business."""
    return {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
