"""Days from text, whole columns at once: each different text is read once."""

from datetime import date

import numpy as np
import pyarrow as pa

from streaming.kernels import Column, Texts, pc
from streaming.profiles.time_rules import DateRule, day
from streaming.values.digits import Mask
from streaming.values.patterns import pattern_days
from streaming.values.zones import Ints

FIRST, LAST = 0, (date(2262, 12, 31) - date(1970, 1, 1)).days


def read_days(texts: Texts, rule: DateRule) -> tuple[Ints, Mask]:
    """Days since 1970, and which texts are days from 1970 to 2262 as the rule writes them; others are day 0."""
    coded = texts.dictionary_encode()
    days, good = _iso(coded.dictionary) if rule.format == "iso" else pattern_days(coded.dictionary, rule.format)
    good &= (days >= FIRST) & (days <= LAST)
    days[~good] = 0
    places = np.asarray(coded.indices)
    return days[places], good[places]


def no_day(text: str, rule: DateRule) -> str:
    """Why the text is no day by the rule."""
    form = "YYYY-MM-DD or YYYYMMDD" if rule.format == "iso" else f"in the format {rule.format}"
    return f'"{text[:60]}" is not a date ({form}, from 1970 to 2262)'


def as_dates(days: Ints, unknown: Mask | None = None) -> Column:
    """Days since 1970 as Arrow has them; `unknown` ones are null."""
    return pa.array(days.astype(np.int32), mask=unknown).view(pa.date32())


def _iso(texts: Texts) -> tuple[Ints, Mask]:
    days: Column = pa.array([day(text) for text in texts.to_pylist()], pa.date32())
    numbers = np.asarray(pc.fill_null(days.view(pa.int32()), -1), dtype=np.int64)
    return numbers, numbers >= 0
