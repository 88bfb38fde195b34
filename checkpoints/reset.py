"""Starts a checkpoint anew."""

from dataclasses import dataclass

from checkpoints.errors import CheckpointUnwritable
from checkpoints.fingerprint import DISCARDED, NAME
from checkpoints.folder import Folder

MEANING = (
    "The stream starts a new checkpoint and looks again at everything its journal or prefix still shows. "
    "Nothing is lost and nothing is doubled: the ledger decides what is loaded, file by file. "
    "It costs the time to compare."
)


@dataclass(frozen=True, slots=True)
class Removed:
    """What went: bytes and files."""

    directory: str
    size: int
    files: int


def reset(folder: Folder) -> Removed | None:
    """Remove one checkpoint; None when there is none. The stream must not be running.

    It is first marked as discarded, and the mark goes last: half a checkpoint is never a place to start from, the
    next stream or `prune` removes the rest. Raises CheckpointUnwritable.
    """
    try:
        files = list(folder.files())
        if not files:
            return None
        folder.write(NAME, DISCARDED)
        folder.clear(last=NAME)
    except OSError as cause:
        raise CheckpointUnwritable(folder.place, cause.strerror or str(cause)) from cause
    return Removed(folder.place, sum(kept.size for kept in files), len(files))
