"""Looks at checkpoints without Spark: where they stand, how old, how large, whether they are sound."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from checkpoints.errors import CheckpointForeign
from checkpoints.fingerprint import NAME, read
from checkpoints.folder import Folder, Kept


@dataclass(frozen=True, slots=True)
class Place:
    """Where a checkpoint is: `<feed>/<mode>` below the folder of all; the mode of a backfill is `backfill-<id>`."""

    feed: str
    mode: str
    folder: Folder


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint as it lies there.

    `planned` and `committed` are the last batch that Spark wrote down to do, and the last that it finished:
    one apart means a batch is under way, or was when the stream ended, and is done again. `position` is
    Spark's own offset per source, as text. `damaged` names log files without content, which a full disk
    leaves and Spark refuses. Times are UTC; `size` is bytes.
    """

    feed: str
    mode: str
    directory: str
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
        whole["planned_at"], whole["committed_at"] = _iso(self.planned_at), _iso(self.committed_at)
        whole["age"] = None if self.age is None else self.age.total_seconds()
        return whole


def place_of(root: Folder, feed: str, mode: str) -> Place:
    """A feed's checkpoint below the folder of all."""
    return Place(feed, mode, root.below(feed, mode))


def places(root: Folder, feed: str | None = None) -> Iterator[Place]:
    """Every checkpoint, or one feed's, by name."""
    for name in root.folders():
        if feed in (None, name):
            yield from (place_of(root, name, mode) for mode in root.below(name).folders() if not mode.startswith("."))


def inspect(place: Place, now: datetime) -> Checkpoint:
    """One checkpoint; a folder that Spark never used has no batches and no age."""
    files = {kept.name: kept for kept in place.folder.files()}
    planned, committed = _last(files, "offsets/"), _last(files, "commits/")
    position, planned_at = _offsets(place.folder, planned) if planned is not None else ((), None)
    committed_at = files[f"commits/{committed}"].modified_at if committed is not None else None
    latest = committed_at or planned_at
    prefix, spark_major = _fingerprint(place.folder)
    return Checkpoint(
        feed=place.feed,
        mode=place.mode,
        directory=place.folder.place,
        prefix=prefix,
        spark_major=spark_major,
        planned=planned,
        committed=committed,
        position=position,
        planned_at=planned_at,
        committed_at=committed_at,
        age=None if latest is None else max(timedelta(), now - latest),
        size=sum(kept.size for kept in files.values()),
        files=len(files),
        damaged=tuple(sorted(filter(None, map(_damaged, files.values())))),
    )


def _last(names: Iterable[str], log: str) -> int | None:
    batches = (name.removeprefix(log) for name in names if name.startswith(log))
    return max((int(batch) for batch in batches if batch.isdecimal()), default=None)


def _offsets(folder: Folder, batch: int) -> tuple[tuple[str, ...], datetime | None]:
    # Spark's OffsetSeqLog: a version, a line of metadata, one line for each source.
    try:
        text = folder.read(f"offsets/{batch}") or b""
        _, metadata, *sources = text.decode().splitlines()
        at = datetime.fromtimestamp(json.loads(metadata)["batchTimestampMs"] / 1000, UTC)
    except (OSError, ValueError, KeyError, TypeError):
        return (), None
    return tuple(sources), at


def _fingerprint(folder: Folder) -> tuple[str | None, str | None]:
    try:
        found = read(folder)
    except CheckpointForeign:
        return None, None
    return (found.prefix, found.spark_major) if found else (None, None)


def _damaged(kept: Kept) -> str | None:
    name = kept.name.rpartition("/")[2]
    is_log = name.removesuffix(".compact").isdecimal() or name in ("metadata", NAME)
    return kept.name if is_log and kept.size == 0 else None


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
