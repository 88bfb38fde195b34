"""Tradewind's wheel, written from the modules that run here: no build, no network, the same bytes every time."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from cloud_jobs.errors import PackageError

ROOMS = ("api", "checkpoints", "cli_tool", "cloud_jobs", "sinks", "streaming", "triggers")
EPOCH = (1980, 1, 1, 0, 0, 0)  # of every file: a zip knows no earlier time
_UNSHIPPED = (".pyc", ".pyo", ".tmp")
_WHEEL = "Wheel-Version: 1.0\nGenerator: tradewind\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def name() -> str:
    """The wheel's file name."""
    return f"tradewind-{_distribution().version}-py3-none-any.whl"


def files(root: Path) -> Iterator[tuple[str, bytes]]:
    """What the wheel holds, by name: the rooms below `root`, and what a wheel says of itself."""
    contents = [*_rooms(root), *_about()]
    yield from contents
    record = f"tradewind-{_distribution().version}.dist-info/RECORD"
    yield record, _record(contents, record)


def written(root: Path) -> bytes:
    """The wheel itself."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as wheel:
        for file, content in files(root):
            entry = zipfile.ZipInfo(file, EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            wheel.writestr(entry, content)
    return buffer.getvalue()


def _rooms(root: Path) -> Iterator[tuple[str, bytes]]:
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            hidden = path.suffix in _UNSHIPPED or any(part.startswith(".") for part in path.relative_to(root).parts)
            if path.is_file() and not hidden:
                yield path.relative_to(root).as_posix(), path.read_bytes()


def _about() -> Iterator[tuple[str, bytes]]:
    distribution = _distribution()
    folder = f"tradewind-{distribution.version}.dist-info"
    for file in ("METADATA", "entry_points.txt"):
        yield f"{folder}/{file}", (distribution.read_text(file) or "").encode()
    yield f"{folder}/WHEEL", _WHEEL.encode()


def _record(contents: Iterable[tuple[str, bytes]], own: str) -> bytes:
    lines = [f"{file},sha256={_digest(content)},{len(content)}\n" for file, content in contents]
    return "".join([*lines, f"{own},,\n"]).encode()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _distribution() -> metadata.Distribution:
    try:
        return metadata.distribution("tradewind")
    except metadata.PackageNotFoundError:
        raise PackageError("Tradewind is not installed here, so its version is unknown: `pip install -e .`") from None
