"""What may not change over a checkpoint, kept beside it as `tradewind.json`."""

import json
from dataclasses import asdict, dataclass

from checkpoints.errors import CheckpointForeign, CheckpointMismatch, CheckpointUnwritable
from checkpoints.folder import Folder

NAME = "tradewind.json"
#: Stands in the fingerprint's place while a checkpoint is removed: what a crash leaves is no place to start from.
DISCARDED = b'{"discarded": true}'


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A checkpoint is a place in one stream: a feed, a prefix, a way of discovery, a major of Spark."""

    feed: str
    prefix: str
    mode: str
    spark_major: str


def guard(folder: Folder, fingerprint: Fingerprint) -> None:
    """Mark a new checkpoint, or make sure that an old one is of the same stream; before Spark touches it.

    Raises CheckpointMismatch (says what changed, and the way out), CheckpointForeign, CheckpointUnwritable.
    """
    try:
        if is_discarded(folder):
            folder.clear(last=NAME)
        found = read(folder, fingerprint.feed)
        if found is None:
            _begin(folder, fingerprint)
            return
    except OSError as cause:
        raise CheckpointUnwritable(folder.place, cause.strerror or str(cause)) from cause
    changes = _changes(found, fingerprint)
    if changes:
        raise CheckpointMismatch(folder.place, fingerprint.feed, changes)


def read(folder: Folder, feed: str = "FEED") -> Fingerprint | None:
    """The fingerprint in a checkpoint; None where there is none yet. Raises CheckpointForeign."""
    text = folder.read(NAME)
    if text is None:
        return None
    try:
        return Fingerprint(**json.loads(text))
    except (ValueError, TypeError):
        raise CheckpointForeign(folder.place, feed, f"its {NAME} cannot be understood") from None


def is_discarded(folder: Folder) -> bool:
    """Whether a reset began to remove this checkpoint and did not come to its end."""
    return folder.read(NAME) == DISCARDED


def _begin(folder: Folder, fingerprint: Fingerprint) -> None:
    if any(kept.name == "metadata" or kept.name.startswith("offsets/") for kept in folder.files()):
        raise CheckpointForeign(folder.place, fingerprint.feed, f"a checkpoint is there without {NAME}")
    folder.write(NAME, json.dumps(asdict(fingerprint), indent=2).encode())


def _changes(old: Fingerprint, new: Fingerprint) -> dict[str, tuple[str, str]]:
    was, now = asdict(old), asdict(new)
    return {name: (was[name], now[name]) for name in now if was[name] != now[name]}
