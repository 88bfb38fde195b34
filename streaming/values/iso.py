"""ISO 8601 times of any mix of shapes, read as columns of digits."""

import numpy as np
import numpy.typing as npt

from streaming.kernels import Texts
from streaming.values.civil import DAY, Civil, clock_us, day_number, offset_seconds
from streaming.values.digits import Bytes, Mask, by_length, number
from streaming.values.zones import SECOND, Ints

SHORTEST, LONGEST = 19, 35  # 2024-01-31T09:30:00 … 2024-01-31T09:30:00.123456789+00:00
# Length of the zone's text: none, Z, +HH, +HHMM, +HH:MM
SUFFIXES = (0, 1, 3, 5, 6)
SEPARATORS = b"T t_"  # between day and time, the usual first


def civil_us(texts: Texts) -> Civil:
    """Read YYYY-MM-DD, T or blank or _, HH:MM:SS, up to 9 decimals, and Z, +HH, +HHMM, +HH:MM or nothing."""
    out = Civil.empty(len(texts))
    for rows, text in by_length(texts, SHORTEST, LONGEST):
        _read(text, rows, out)
    return out


def _read(text: Bytes, rows: Ints, out: Civil) -> None:
    suffix = _suffix(text)
    for width in SUFFIXES:
        here = suffix == width
        if here.all():
            _read_shape(text, width, rows, out)
        elif here.any():
            _read_shape(text[here], width, rows[here], out)


def _suffix(text: Bytes) -> npt.NDArray[np.int8]:
    """The length of each text's zone, by its last characters."""
    width = np.zeros(len(text), np.int8)
    for back in SUFFIXES[2:]:
        sign = text[:, -back]
        # A sign before the 20th character is a hyphen of the date.
        width[(sign == 43) | ((sign == 45) & (text.shape[1] - back >= SHORTEST))] = back
    width[text[:, -1] == 90] = 1
    return width


def _read_shape(text: Bytes, suffix: int, rows: Ints, out: Civil) -> None:
    body = text.shape[1] - suffix
    decimals = body - SHORTEST - 1
    if body != SHORTEST and not 1 <= decimals <= 9:
        return
    good = (text[:, 4] == 45) & (text[:, 7] == 45) & (text[:, 13] == 58) & (text[:, 16] == 58)
    good &= _among(text[:, 10], SEPARATORS)
    year, month, day, hour, minute, second = (
        number(text[:, a:b], good) for a, b in ((0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19))
    )
    us = day_number(year, month, day, good) * DAY + clock_us(hour, minute, second, good)
    if body > SHORTEST:
        good &= _among(text[:, 19], b".,")
        part = number(text[:, 20:body], good) * 10 ** (9 - decimals)
        us += part // 1000
        out.nanos[rows] = part % 1000
    if suffix:
        us -= _offset(text[:, body:], good) * SECOND
    out.us[rows], out.good[rows], out.zoned[rows] = us, good, suffix > 0


def _among(column: Bytes, characters: bytes) -> Mask:
    found: Mask = column == characters[0]
    for character in characters[1:]:
        if found.all():
            break
        found |= column == character
    return found


def _offset(zone: Bytes, good: Mask) -> Ints:
    """Seconds east of UTC."""
    if zone.shape[1] == 1:
        return np.zeros(len(zone), np.int64)
    hours = number(zone[:, 1:3], good)
    minutes = np.zeros(len(zone), np.int64)
    if zone.shape[1] > 3:
        minutes = number(zone[:, -2:], good)
    if zone.shape[1] == 6:
        good &= zone[:, 3] == 58
    return offset_seconds(zone[:, 0], hours, minutes, good)
