"""Time zones over whole columns: the zone database is asked once per quarter of an hour, not once per row."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

SECOND = 1_000_000
BUCKET = 900 * SECOND  # no zone changes its clock twice within it
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_local(utc_us: Ints, zone: str) -> Ints:
    """Microseconds since 1970 as the clocks of the zone show them."""
    if zone == "UTC":
        return utc_us
    return utc_us + _spread(utc_us, lambda second: _offset_of_utc(second, zone))


def to_utc(local_us: Ints, zone: str, *, later: bool) -> Ints:
    """UTC microseconds of local ones; of a time that the clocks show twice, the earlier or the later."""
    return local_us - _spread(local_us, lambda second: _offset_of_local(second, zone, later))


def _spread(us: Ints, offset_of: Callable[[int], int]) -> Ints:
    buckets, places = np.unique(us // BUCKET, return_inverse=True)
    first = np.array([offset_of(int(b) * 900) for b in buckets], dtype=np.int64)
    last = np.array([offset_of(int(b) * 900 + 899) for b in buckets], dtype=np.int64)
    offsets: Ints = first[places]
    for row in np.flatnonzero((first != last)[places]):
        offsets[row] = offset_of(int(us[row]) // SECOND)
    return offsets * SECOND


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
