"""Times in a vendor's own pattern, as "2/27/2022 12:09" and "26-May-2024 16:18:16.235", read as columns of digits."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from streaming.kernels import Texts
from streaming.profiles.directives import pattern_of
from streaming.values.civil import DAY, Civil, clock_us, day_number, day_of_year
from streaming.values.digits import Mask, by_length
from streaming.values.walking import Found, walk
from streaming.values.zones import SECOND, Ints

LONGEST = 200
CENTURY = 69  # POSIX: two-digit years from 69 on are of the 20th century


def pattern_us(texts: Texts, pattern: str) -> Civil:
    """Times in the pattern; microseconds since midnight where it gives no day."""
    read = _read(texts, pattern)
    us, nanos, zoned = read.clock()
    if pattern_of(pattern).letters & {"Y", "y"}:
        us += read.days() * DAY
    return Civil(us, nanos, read.good, zoned)


def pattern_days(texts: Texts, pattern: str) -> tuple[Ints, Mask]:
    """Days since 1970 in a pattern that gives a day, and which texts are in it and possible."""
    read = _read(texts, pattern)
    return read.days(), read.good


@dataclass(slots=True)
class _Read:
    """The number that each directive found in each row, and the rows in which all of them found one."""

    good: Mask
    numbers: dict[str, Ints] = field(default_factory=dict)

    def add(self, rows: Ints, found: Found) -> None:
        self.good[rows] = found.good
        for letter, values in found.numbers.items():
            self.numbers.setdefault(letter, np.zeros(len(self.good), np.int64))[rows] = values

    def of(self, *letters: str) -> Ints:
        found = (self.numbers[letter] for letter in letters if letter in self.numbers)
        return next(found, np.zeros(len(self.good), np.int64))

    def days(self) -> Ints:
        year = self.of("Y")
        if "y" in self.numbers:
            short = self.numbers["y"]
            year = short + np.where(short < CENTURY, 2000, 1900)
        if "j" in self.numbers:
            return day_of_year(year, self.of("j"), self.good)
        return day_number(year, self.of("m", "b", "B"), self.of("d"), self.good)

    def clock(self) -> tuple[Ints, npt.NDArray[np.int16], Mask]:
        hour = self.of("H")
        if "I" in self.numbers:
            twelve = self.numbers["I"]
            self.good &= (twelve >= 1) & (twelve <= 12)
            hour = twelve % 12 + self.of("p")
        part = self.of("f")
        us = clock_us(hour, self.of("M"), self.of("S"), self.good) + part // 1000 - self.of("z") * SECOND
        return us, (part % 1000).astype(np.int16), np.full(len(us), "z" in self.numbers)


def _read(texts: Texts, pattern: str) -> _Read:
    read = _Read(np.zeros(len(texts), np.bool_))
    for rows, text in by_length(texts, 1, LONGEST):
        read.add(rows, walk(text, pattern_of(pattern)))
    return read
