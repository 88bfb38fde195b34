"""Time zones over whole columns: the zone database is asked twice per day, not once per row.

No zone of the database changes its clock twice within four days (Africa/Freetown did within five, in 1939): a day whose
first and last second have one offset has no other. Only the days of a change are looked at more closely.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

SECOND = 1_000_000
DAY = 86_400
QUARTER = 900  # changes fall between quarters of an hour; where they do not, each row is asked for
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_local(utc_us: Ints, zone: str) -> Ints:
    """Microseconds since 1970 as the clocks of the zone show them."""
    if zone == "UTC":
        return utc_us
    return utc_us + _spread(utc_us, lambda second: _offset_of_utc(second, zone))


def to_utc(local_us: Ints, zone: str, *, later: bool) -> Ints:
    """UTC microseconds of local ones; of a time that the clocks show twice, the earlier or the later."""
    return local_us - _spread(local_us, lambda second: _offset_of_local(second, zone, later))


def _spread(us: Ints, offset_of: Callable[[int], int], width: int = DAY) -> Ints:
    """The offset of every row in microseconds, asked at both ends of spans of `width` seconds."""
    spans, places = np.unique(us // (width * SECOND), return_inverse=True)
    first = np.array([offset_of(int(span) * width) for span in spans], dtype=np.int64)
    last = np.array([offset_of((int(span) + 1) * width - 1) for span in spans], dtype=np.int64)
    offsets: Ints = first[places] * SECOND
    changing = np.flatnonzero((first != last)[places])
    if not len(changing):
        return offsets
    if width == DAY:
        offsets[changing] = _spread(us[changing], offset_of, QUARTER)
    else:
        offsets[changing] = [offset_of(int(us[row]) // SECOND) * SECOND for row in changing]
    return offsets


@lru_cache(maxsize=4096)
def _offset_of_utc(second: int, zone: str) -> int:
    moment = EPOCH + timedelta(seconds=second)
    return _seconds(moment.astimezone(ZoneInfo(zone)).utcoffset())


@lru_cache(maxsize=4096)
def _offset_of_local(second: int, zone: str, later: bool) -> int:
    local = (EPOCH + timedelta(seconds=second)).replace(tzinfo=ZoneInfo(zone), fold=int(later))
    return _seconds(local.utcoffset())


def _seconds(offset: timedelta | None) -> int:
    return int(offset.total_seconds()) if offset is not None else 0
