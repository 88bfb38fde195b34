"""What may not change over a checkpoint, kept beside it as `tradewind.json`."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from checkpoints.errors import CheckpointForeign, CheckpointMismatch, CheckpointUnwritable

NAME = "tradewind.json"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A checkpoint is a place in one stream: a feed, a prefix, a way of discovery, a major of Spark."""

    feed: str
    prefix: str
    mode: str
    spark_major: str


def guard(directory: str | os.PathLike[str], fingerprint: Fingerprint) -> None:
    """Mark a new checkpoint, or make sure that an old one is of the same stream; before Spark touches it.

    Raises CheckpointMismatch (says what changed, and the way out), CheckpointForeign, CheckpointUnwritable.
    """
    place = Path(directory)
    try:
        found = read(place, fingerprint.feed)
        if found is None:
            _begin(place, fingerprint)
            return
    except OSError as cause:
        raise CheckpointUnwritable(place, cause.strerror or str(cause)) from cause
    changes = _changes(found, fingerprint)
    if changes:
        raise CheckpointMismatch(place, fingerprint.feed, changes)


def read(directory: Path, feed: str = "FEED") -> Fingerprint | None:
    """The fingerprint in a checkpoint; None where there is none yet. Raises CheckpointForeign."""
    try:
        text = (directory / NAME).read_text()
    except FileNotFoundError:
        return None
    try:
        return Fingerprint(**json.loads(text))
    except (ValueError, TypeError):
        raise CheckpointForeign(directory, feed, f"its {NAME} cannot be understood") from None


def _begin(directory: Path, fingerprint: Fingerprint) -> None:
    if (directory / "offsets").exists() or (directory / "metadata").exists():
        raise CheckpointForeign(directory, fingerprint.feed, f"a checkpoint is there without {NAME}")
    directory.mkdir(parents=True, exist_ok=True)
    hidden = directory / f".{NAME}.tmp"
    with hidden.open("w") as stream:
        json.dump(asdict(fingerprint), stream, indent=2)
        stream.flush()
        os.fsync(stream.fileno())
    hidden.rename(directory / NAME)


def _changes(old: Fingerprint, new: Fingerprint) -> dict[str, tuple[str, str]]:
    was, now = asdict(old), asdict(new)
    return {name: (was[name], now[name]) for name in now if was[name] != now[name]}
