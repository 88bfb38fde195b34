"""Starts a checkpoint anew."""

import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from checkpoints.errors import CheckpointUnwritable

MEANING = (
    "The stream starts a new checkpoint and looks again at everything its journal or prefix still shows. "
    "Nothing is lost and nothing is doubled: the ledger decides what is loaded, file by file. "
    "It costs the time to compare."
)

# A folder on its way out; what a crash leaves of it is removed by `prune`.
DISCARDED = ".discarded-"


@dataclass(frozen=True, slots=True)
class Removed:
    """What went: bytes and files."""

    directory: Path
    size: int
    files: int


def _token() -> str:
    return secrets.token_hex(4)


def reset(directory: str | os.PathLike[str], token: Callable[[], str] = _token) -> Removed | None:
    """Remove one checkpoint, whole or not at all; None when there is none. The stream must not be running.

    It is first renamed, so that a crash never leaves half a checkpoint for Spark to start from.
    Raises CheckpointUnwritable.
    """
    place = Path(directory)
    if not place.is_dir():
        return None
    try:
        files = [path for path in place.rglob("*") if path.is_file()]
        removed = Removed(place, sum(path.stat().st_size for path in files), len(files))
        discarded = place.rename(place.with_name(f"{DISCARDED}{place.name}-{token()}"))
        shutil.rmtree(discarded)
    except OSError as cause:
        raise CheckpointUnwritable(place, cause.strerror or str(cause)) from cause
    return removed
