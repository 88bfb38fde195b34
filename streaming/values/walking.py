"""Texts of one length read by a pattern from left to right, whole columns at once.

Where a number or a word may be of several widths the rows part, so that what follows stands at one place again. A
number ends where its digits end: nothing is tried twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from streaming.profiles.directives import NUMBERS, Directive, Pattern
from streaming.values.civil import offset_seconds
from streaming.values.digits import Bytes, Mask, holds, number, spells
from streaming.values.zones import Ints

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
# The longer word first, where one begins with the other.
WORDS: dict[str, dict[bytes, int]] = {
    "b": {b"sept": 9, **{name[:3].encode(): n for n, name in enumerate(MONTHS, 1)}},
    "B": {name.encode(): n for n, name in enumerate(MONTHS, 1)},
    "p": {b"am": 0, b"pm": 12},
}


@dataclass(slots=True)
class Found:
    """For each directive the number in each row, and the rows that are written in the pattern."""

    good: Mask
    numbers: dict[str, Ints] = field(default_factory=dict)


class _Taken(NamedTuple):
    """Rows in which a directive is so many characters wide, what it says there, and where it is as it should be."""

    rows: Mask
    width: int
    values: Ints
    good: Mask


def walk(text: Bytes, pattern: Pattern) -> Found:
    """Read rows of bytes by the pattern: %z as seconds east of UTC, %f as billionths, names of months as 1 to 12."""
    found = Found(np.zeros(len(text), np.bool_))
    for part in pattern.parts:
        found.numbers[part.letter] = np.zeros(len(text), np.int64)
    _step(text, np.arange(len(text)), 0, pattern, 0, found)
    return found


def _step(text: Bytes, rows: Ints, at: int, pattern: Pattern, n: int, found: Found) -> None:
    """Read the n-th directive and all after it in rows whose first `at` characters are done."""
    literal = (pattern.parts[n].before if n < len(pattern.parts) else pattern.end).encode()
    if text.shape[1] < at + len(literal):
        return
    here = holds(text, at, literal) if literal else None
    if here is not None and not here.all():
        text, rows = text[here], rows[here]
    at += len(literal)
    if n == len(pattern.parts):
        found.good[rows] = text.shape[1] == at
        return
    for taken in _taken(text[:, at:], pattern.parts[n]):
        good = taken.rows & taken.good
        if not good.any():
            continue
        whole = bool(good.all())
        rest, places = (text, rows) if whole else (text[good], rows[good])
        found.numbers[pattern.parts[n].letter][places] = taken.values if whole else taken.values[good]
        _step(rest, places, at + taken.width, pattern, n + 1, found)


def _taken(text: Bytes, part: Directive) -> Iterator[_Taken]:
    if part.optional:
        return _fraction(text)
    if part.letter in NUMBERS:
        return _number(text, part)
    return _offset(text) if part.letter == "z" else _word(text, WORDS[part.letter])


def _number(text: Bytes, part: Directive) -> Iterator[_Taken]:
    least, most = part.digits
    if least == most:
        if text.shape[1] >= most:
            yield _digits(text, np.ones(len(text), np.bool_), 0, most, part.letter)
        return
    run = _run(text, most)
    for width in range(least, most + 1):
        if (here := run == width).any():
            yield _digits(text, here, 0, width, part.letter)


def _fraction(text: Bytes) -> Iterator[_Taken]:
    """A point or a comma and 1 to 9 digits; or nothing."""
    run = np.zeros(len(text), np.int64)
    if text.shape[1]:
        run = np.where((text[:, 0] == 46) | (text[:, 0] == 44), _run(text[:, 1:], 9), 0)
    yield _Taken(run == 0, 0, np.zeros(len(text), np.int64), np.ones(len(text), np.bool_))
    for width in range(1, 10):
        if (here := run == width).any():
            yield _digits(text, here, 1, width, "f")


def _digits(text: Bytes, here: Mask, first: int, width: int, letter: str) -> _Taken:
    good = np.ones(len(text), np.bool_)
    values = number(text[:, first : first + width], good)
    return _Taken(here, first + width, values * 10 ** (9 - width) if letter == "f" else values, good)


def _run(text: Bytes, most: int) -> Ints:
    """How many digits stand at the beginning, up to `most`."""
    run, going = np.zeros(len(text), np.int64), np.ones(len(text), np.bool_)
    for place in range(min(most, text.shape[1])):
        going = going & (text[:, place] - np.uint8(48) < 10)
        run += going
    return run


def _word(text: Bytes, words: dict[bytes, int]) -> Iterator[_Taken]:
    left = np.ones(len(text), np.bool_)
    for word, value in words.items():
        if text.shape[1] < len(word) or not left.any():
            continue
        here = left & spells(text, word)
        left &= ~here
        if here.any():
            yield _Taken(here, len(word), np.full(len(text), value, np.int64), here)


def _offset(text: Bytes) -> Iterator[_Taken]:
    """Z, +HH, +HHMM or +HH:MM."""
    if not text.shape[1]:
        return
    zulu = (text[:, 0] | np.uint8(32)) == 122
    if zulu.any():
        yield _Taken(zulu, 1, np.zeros(len(text), np.int64), zulu)
    signed = (text[:, 0] == 43) | (text[:, 0] == 45)
    run = np.where(signed, _run(text[:, 1:], 4), 0)
    colon = _colon(text, run)
    shapes: tuple[tuple[Mask, int, int | None], ...] = (
        (colon, 6, 4), ((run == 2) & ~colon, 3, None), (run == 4, 5, 3),
    )  # fmt: skip
    for here, width, minutes in shapes:
        if here.any():
            yield _east(text, here, width, minutes)


def _colon(text: Bytes, run: Ints) -> npt.NDArray[np.bool_]:
    """Where two digits, a colon and two digits stand."""
    if text.shape[1] < 6:
        return np.zeros(len(text), np.bool_)
    colon: Mask = (run == 2) & (text[:, 3] == 58) & (_run(text[:, 4:], 2) == 2)
    return colon


def _east(text: Bytes, here: Mask, width: int, minutes: int | None) -> _Taken:
    good = np.ones(len(text), np.bool_)
    hour = number(text[:, 1:3], good)
    minute = number(text[:, minutes : minutes + 2], good) if minutes else np.zeros(len(text), np.int64)
    return _Taken(here, width, offset_seconds(text[:, 0], hour, minute, good), good)
