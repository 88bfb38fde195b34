"""Days and clock times as they are written, counted in microseconds."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streaming.values.digits import Mask
from streaming.values.zones import SECOND, Ints

DAYS_IN = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)
DAY = 86_400 * SECOND


@dataclass(frozen=True, slots=True)
class Civil:
    """Microseconds since 1970 (UTC where `zoned`, else as the clocks showed), and nanoseconds below them."""

    us: Ints
    nanos: npt.NDArray[np.int16]
    good: Mask
    zoned: Mask

    @classmethod
    def empty(cls, rows: int) -> "Civil":
        """Nothing read yet: no row is good."""
        us, nanos = np.zeros(rows, np.int64), np.zeros(rows, np.int16)
        return cls(us, nanos, np.zeros(rows, np.bool_), np.zeros(rows, np.bool_))


def day_number(year: Ints, month: Ints, day: Ints, good: Mask) -> Ints:
    """Days since 1970; rows with a month or a day that there is not become bad."""
    good &= (month >= 1) & (month <= 12)
    last = DAYS_IN[np.where(good, month, 0)] + (_leap(year) & (month == 2))
    good &= (day >= 1) & (day <= last)
    return _days(year, month, day)


def day_of_year(year: Ints, day: Ints, good: Mask) -> Ints:
    """Days since 1970 of the n-th day of a year, from 1."""
    good &= (day >= 1) & (day <= 365 + _leap(year))
    one = np.ones(len(year), np.int64)
    return _days(year, one, one) + day - 1


def clock_us(hour: Ints, minute: Ints, second: Ints, good: Mask) -> Ints:
    """Microseconds that the clock shows since midnight; rows with an hour, minute or second too many become bad."""
    good &= (hour < 24) & (minute < 60) & (second < 60)
    return (hour * 3_600 + minute * 60 + second) * SECOND


def offset_seconds(sign: npt.NDArray[np.uint8], hours: Ints, minutes: Ints, good: Mask) -> Ints:
    """Seconds east of UTC; more than 18 hours become bad."""
    good &= (hours <= 18) & (minutes < 60)
    direction: Ints = np.where(sign == 45, -1, 1)
    return direction * (hours * 3_600 + minutes * 60)


def _leap(year: Ints) -> Mask:
    leap: Mask = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    return leap


def _days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970 (Howard Hinnant, "chrono-compatible low-level date algorithms", days_from_civil)."""
    y = year - (month <= 2)
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days: Ints = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return days
