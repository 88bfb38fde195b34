"""Times of day without their day: a count since midnight, or HHMMSS and HH:MM:SS; the day comes from elsewhere."""

import numpy as np

from streaming.kernels import Texts
from streaming.values.civil import DAY, Civil, clock_us
from streaming.values.digits import Bytes, Mask, by_length, number
from streaming.values.epoch import counts, scaled
from streaming.values.zones import Ints

SHORTEST, LONGEST = 6, 18  # 093000 … 09:30:00.123456789


def since_midnight(texts: Texts, unit: str) -> tuple[Civil, Mask]:
    """What the clock shows after so many units of an ordinary day; and which counts are a day or more, or below 0."""
    count, decimals, good = counts(texts)
    us, nanos, exact = scaled(count, decimals, unit)
    outside = good & ((us < 0) | (us >= DAY))
    none = np.zeros(len(count), np.bool_)
    return Civil(us, nanos.astype(np.int16), good & exact & ~outside, none), outside


def of_day(texts: Texts) -> Civil:
    """HHMMSS with up to 9 more digits, with or without a point before them; HH:MM:SS with up to 9 decimals."""
    out = Civil.empty(len(texts))
    for rows, text in by_length(texts, SHORTEST, LONGEST):
        spaced = text[:, 2] == 58
        for here, places in ((spaced, (0, 3, 6)), (~spaced, (0, 2, 4))):
            if here.all():
                _read(text, places, rows, out)
            elif here.any():
                _read(text[here], places, rows[here], out)
    return out


def _read(text: Bytes, places: tuple[int, int, int], rows: Ints, out: Civil) -> None:
    end = places[2] + 2
    if text.shape[1] < end:
        return
    good = np.ones(len(text), np.bool_)
    if places[1] == 3:
        good &= (text[:, 2] == 58) & (text[:, 5] == 58)
    hour, minute, second = (number(text[:, place : place + 2], good) for place in places)
    us = clock_us(hour, minute, second, good)
    if text.shape[1] > end:
        part = _billionths(text[:, end:], places[1] == 3, good)
        us, out.nanos[rows] = us + part // 1000, part % 1000
    out.us[rows], out.good[rows] = us, good


def _billionths(text: Bytes, pointed: bool, good: Mask) -> Ints:
    point = (text[:, 0] == 46) | (text[:, 0] == 44)
    part = np.zeros(len(text), np.int64)
    for here, first in ((point, 1), (~point, 0)):
        width = text.shape[1] - first
        if pointed > first or not 1 <= width <= 9:
            good &= ~here
        elif here.any():
            fine = np.ones(int(here.sum()), np.bool_)
            part[here] = number(text[here, first:], fine) * 10 ** (9 - width)
            good[here] &= fine
    return part
