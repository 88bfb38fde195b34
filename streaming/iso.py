"""ISO 8601 times of any mix of shapes, read as columns of digits."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streaming.kernels import Texts
from streaming.zones import SECOND, Ints

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

DAYS_IN = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)
SHORTEST, LONGEST = 19, 35  # 2024-01-31T09:30:00 … 2024-01-31T09:30:00.123456789+00:00
# Length of the zone's text: none, Z, +HH, +HHMM, +HH:MM
SUFFIXES = (0, 1, 3, 5, 6)


@dataclass(frozen=True, slots=True)
class Civil:
    """Microseconds since 1970 (UTC where `zoned`, else as written), and nanoseconds below them."""

    us: Ints
    nanos: npt.NDArray[np.int16]
    good: Mask
    zoned: Mask


def civil_us(texts: Texts) -> Civil:
    """Read YYYY-MM-DD, T or blank, HH:MM:SS, up to 9 decimals, and Z, +HH, +HHMM, +HH:MM or nothing."""
    n = len(texts)
    out = Civil(np.zeros(n, np.int64), np.zeros(n, np.int16), np.zeros(n, np.bool_), np.zeros(n, np.bool_))
    data, starts, lengths = raw_texts(texts)
    for length in np.unique(lengths):
        if SHORTEST <= length <= LONGEST:
            rows = np.flatnonzero(lengths == length)
            _read(_matrix(data, starts, rows, int(length), n), rows, out)
    return out


def raw_texts(texts: Texts) -> tuple[Bytes, Ints, Ints]:
    """The bytes of a column, and where in them each text starts and how long it is."""
    offsets, data = texts.buffers()[1:]
    edges = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    raw = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)
    return raw, edges[:-1], np.diff(edges)


def _matrix(data: Bytes, starts: Ints, rows: Ints, length: int, n: int) -> Bytes:
    if len(rows) == n:  # all texts are of one length: they stand side by side already
        begin = int(starts[0])
        return data[begin : begin + n * length].reshape(n, length)
    picked: Bytes = data[starts[rows][:, None] + np.arange(length)]
    return picked


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
    good &= (text[:, 10] == 84) | (text[:, 10] == 32)
    fields = [_number(text[:, a:b], good) for a, b in ((0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19))]
    us = _civil(fields, good)
    if body > SHORTEST:
        good &= text[:, 19] == 46
        part = _number(text[:, 20:body], good) * 10 ** (9 - decimals)
        us += part // 1000
        out.nanos[rows] = part % 1000
    if suffix:
        us -= _offset(text[:, body:], good) * SECOND
    out.us[rows], out.good[rows], out.zoned[rows] = us, good, suffix > 0


def _number(digits: Bytes, good: Mask) -> Ints:
    value = np.zeros(len(digits), np.int64)
    for place in range(digits.shape[1]):
        digit = digits[:, place] - np.uint8(48)  # wraps round for what stands before "0"
        good &= digit < 10
        value *= 10
        value += digit
    return value


def _civil(fields: list[Ints], good: Mask) -> Ints:
    year, month, day, hour, minute, second = fields
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    good &= (month >= 1) & (month <= 12) & (hour < 24) & (minute < 60) & (second < 60)
    last = DAYS_IN[np.where(good, month, 0)] + (leap & (month == 2))
    good &= (day >= 1) & (day <= last)
    us: Ints = (_days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second) * SECOND
    return us


def _days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970 (Howard Hinnant, "chrono-compatible low-level date algorithms", days_from_civil)."""
    y = year - (month <= 2)
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days: Ints = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return days


def _offset(zone: Bytes, good: Mask) -> Ints:
    """Seconds east of UTC."""
    if zone.shape[1] == 1:
        return np.zeros(len(zone), np.int64)
    hours = _number(zone[:, 1:3], good)
    minutes = np.zeros(len(zone), np.int64)
    if zone.shape[1] > 3:
        minutes = _number(zone[:, -2:], good)
    if zone.shape[1] == 6:
        good &= zone[:, 3] == 58
    good &= (hours <= 18) & (minutes < 60)
    sign: Ints = np.where(zone[:, 0] == 45, -1, 1)
    return sign * (hours * 3_600 + minutes * 60)
