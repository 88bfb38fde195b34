"""Removes the checkpoints that nobody comes back to: finished backfills' and left-overs of resets."""

from collections.abc import Callable
from datetime import datetime, timedelta

from checkpoints.errors import CheckpointUnwritable
from checkpoints.fingerprint import is_discarded
from checkpoints.folder import Folder
from checkpoints.inspect import Place, places
from checkpoints.reset import Removed, reset

BACKFILL = "backfill-"


def prune(
    checkpoints: Folder,
    journals: Folder,
    older_than: timedelta,
    now: datetime,
    finished: Callable[[str, str], bool],
) -> list[Removed]:
    """What was removed: backfills' checkpoints and their journals, untouched for longer than `older_than`.

    `finished(feed, backfill)` asks the caller, who has the ledger, whether the backfill `backfill-<id>` is
    owed nothing more. Live checkpoints are never touched; Spark prunes inside of them.
    Raises CheckpointUnwritable.
    """
    limit = now - older_than
    removed = []
    for place in (*places(checkpoints), *places(journals)):
        if is_discarded(place.folder) or (place.mode.startswith(BACKFILL) and _is_over(place, limit, finished)):
            removed.append(_removed(place.folder))
    return [one for one in removed if one is not None]


def _removed(folder: Folder) -> Removed | None:
    try:
        removed = reset(folder)
        folder.clear()  # an empty one too, which only a disk has
    except OSError as cause:
        raise CheckpointUnwritable(folder.place, cause.strerror or str(cause)) from cause
    return removed


def _is_over(place: Place, limit: datetime, finished: Callable[[str, str], bool]) -> bool:
    touched = [kept.modified_at for kept in place.folder.files()]
    return not touched or (max(touched) < limit and finished(place.feed, place.mode))
