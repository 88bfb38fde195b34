"""Moments in UTC to the nanosecond, and why a text is none."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from streaming.values.zones import SECOND, Ints

LATEST = 9_246_182_400 * SECOND - 1  # the last microsecond of 2262

Codes = npt.NDArray[np.uint8]


class Fault(IntEnum):
    """Why a text is no time of a trade."""

    NONE = 0
    TEXT = 1  # not written as the profile says
    RANGE = 2  # outside 1970 to 2262, or outside the days for which the profile declares a unit
    NO_ZONE = 3  # local time, and the profile names no zone
    TWICE = 4  # the clocks were set back: shown twice that day
    NEVER = 5  # the clocks were set forward: never shown
    NO_DAY = 6  # the day that belongs to it is none
    TOO_LATE = 7  # more than a day since midnight


@dataclass(frozen=True, slots=True)
class Times:
    """UTC microseconds since 1970, what is below them in nanoseconds, and a Fault per row."""

    us: Ints
    nanos: npt.NDArray[np.int16]
    faults: Codes
