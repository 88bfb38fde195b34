"""Removes the checkpoints that nobody comes back to: finished backfills' and left-overs of resets."""

import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from checkpoints.errors import CheckpointUnwritable
from checkpoints.inspect import root_of
from checkpoints.reset import DISCARDED, Removed, reset

BACKFILL = "backfill-"


def prune(
    state_dir: str | os.PathLike[str],
    older_than: timedelta,
    now: datetime,
    finished: Callable[[str, str], bool],
) -> list[Removed]:
    """What was removed: backfills' checkpoints and their journals, untouched for longer than `older_than`.

    `finished(feed, backfill)` asks the caller, who has the ledger, whether the backfill `backfill-<id>` is
    owed nothing more. Live checkpoints are never touched; Spark prunes inside of them.
    Raises CheckpointUnwritable.
    """
    limit = (now - older_than).timestamp()
    removed = []
    for path in _candidates(Path(state_dir)):
        if path.name.startswith(DISCARDED):
            _discard(path)
        elif _last_touched(path) < limit and finished(path.parent.name, path.name):
            removed.append(reset(path))
    return [one for one in removed if one is not None]


def _candidates(state_dir: Path) -> list[Path]:
    roots = (root_of(state_dir), state_dir / "journal")
    found = [path for root in roots if root.is_dir() for path in root.glob("*/*") if path.is_dir()]
    return sorted(path for path in found if path.name.startswith((BACKFILL, DISCARDED)))


def _last_touched(directory: Path) -> float:
    return max(path.stat().st_mtime for path in (directory, *directory.rglob("*")))


def _discard(directory: Path) -> None:
    try:
        shutil.rmtree(directory)
    except OSError as cause:
        raise CheckpointUnwritable(directory, cause.strerror or str(cause)) from cause
