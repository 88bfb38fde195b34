"""Looks at checkpoints without Spark: where they stand, how old, how large, whether they are sound."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from checkpoints.errors import CheckpointForeign
from checkpoints.fingerprint import NAME, read


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint as it lies on the disk.

    `planned` and `committed` are the last batch that Spark wrote down to do, and the last that it finished:
    one apart means a batch is under way, or was when the stream ended, and is done again. `position` is
    Spark's own offset per source, as text. `damaged` names log files without content, which a full disk
    leaves and Spark refuses. Times are UTC; `size` is bytes.
    """

    feed: str
    mode: str
    directory: Path
    prefix: str | None
    spark_major: str | None
    planned: int | None
    committed: int | None
    position: tuple[str, ...]
    planned_at: datetime | None
    committed_at: datetime | None
    age: timedelta | None
    size: int
    files: int
    damaged: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """For `--json`: times as ISO, the age in seconds."""
        whole = asdict(self)
        whole["directory"] = str(self.directory)
        whole["planned_at"], whole["committed_at"] = _iso(self.planned_at), _iso(self.committed_at)
        whole["age"] = None if self.age is None else self.age.total_seconds()
        return whole


def root_of(state_dir: str | os.PathLike[str]) -> Path:
    """Where the checkpoints of a state folder are."""
    return Path(state_dir) / "checkpoints"


def directory_of(state_dir: str | os.PathLike[str], feed: str, mode: str) -> Path:
    """`state/checkpoints/<feed>/<mode>`; the mode of a backfill is `backfill-<id>`."""
    return root_of(state_dir) / feed / mode


def directories(state_dir: str | os.PathLike[str], feed: str | None = None) -> Iterator[Path]:
    """Every checkpoint's folder, or one feed's, by name."""
    root = root_of(state_dir)
    for of_feed in sorted(root.iterdir()) if root.is_dir() else []:
        if of_feed.is_dir() and feed in (None, of_feed.name):
            yield from sorted(one for one in of_feed.iterdir() if _is_checkpoint(one))


def inspect(directory: str | os.PathLike[str], now: datetime) -> Checkpoint:
    """One checkpoint; a folder that Spark never used has no batches and no age."""
    place = Path(directory)
    planned, committed = _last(place / "offsets"), _last(place / "commits")
    position, planned_at = _offsets(place / "offsets" / str(planned)) if planned is not None else ((), None)
    committed_at = _written(place / "commits" / str(committed)) if committed is not None else None
    latest = committed_at or planned_at
    files = [path for path in place.rglob("*") if path.is_file()]
    prefix, spark_major = _fingerprint(place)
    return Checkpoint(
        feed=place.parent.name,
        mode=place.name,
        directory=place,
        prefix=prefix,
        spark_major=spark_major,
        planned=planned,
        committed=committed,
        position=position,
        planned_at=planned_at,
        committed_at=committed_at,
        age=None if latest is None else max(timedelta(), now - latest),
        size=sum(_size(path) for path in files),
        files=len(files),
        damaged=tuple(sorted(str(path.relative_to(place)) for path in files if _is_damaged(path))),
    )


def _is_checkpoint(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(".")


def _last(log: Path) -> int | None:
    names = [path.name for path in log.iterdir()] if log.is_dir() else []
    return max((int(name) for name in names if name.isdecimal()), default=None)


def _offsets(path: Path) -> tuple[tuple[str, ...], datetime | None]:
    # Spark's OffsetSeqLog: a version, a line of metadata, one line for each source.
    try:
        _, metadata, *sources = path.read_text().splitlines()
        at = datetime.fromtimestamp(json.loads(metadata)["batchTimestampMs"] / 1000, UTC)
    except (OSError, ValueError, KeyError, TypeError):
        return (), None
    return tuple(sources), at


def _written(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def _fingerprint(directory: Path) -> tuple[str | None, str | None]:
    try:
        found = read(directory)
    except CheckpointForeign:
        return None, None
    return (found.prefix, found.spark_major) if found else (None, None)


def _size(path: Path) -> int:
    # A running stream removes its old log files while we look.
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _is_damaged(path: Path) -> bool:
    is_log = path.name.removesuffix(".compact").isdecimal() or path.name in ("metadata", NAME)
    try:
        return is_log and path.stat().st_size == 0
    except FileNotFoundError:
        return False


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
