"""Counts of seconds and their parts, with decimals, in integer arithmetic only."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streaming.kernels import Texts, pc
from streaming.profiles.time_rules import UnitSpan
from streaming.values.instants import LATEST, Fault, Times
from streaming.values.numbers import holds
from streaming.values.zones import Ints

INT64 = 2**63 - 1
# Sign, digits without leading zeros, decimals without trailing ones.
DECIMAL = r"^(?P<sign>-?)(?:0*(?P<count>[1-9][0-9]*)|0+)(?:\.(?P<part>(?:[0-9]{0,8}[1-9])?)0*)?$"
NANOS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}

Mask = npt.NDArray[np.bool_]


def since_1970(texts: Texts, spans: tuple[UnitSpan, ...]) -> Times:
    """Times since 1970 UTC, in the unit of the span into whose days they fall."""
    count, decimals, good = counts(texts)
    us, nanos = np.zeros(len(count), np.int64), np.zeros(len(count), np.int16)
    faults = np.where(good, Fault.RANGE, Fault.TEXT).astype(np.uint8)
    since = 0
    for span in spans:
        until = LATEST + 1 if span.until_us is None else span.until_us
        at, below, exact = scaled(count, decimals, span.unit)
        here = (faults == Fault.RANGE) & (at >= since) & (at < until)
        us[here], nanos[here] = at[here], below[here]
        faults[here] = np.where(exact[here], Fault.NONE, Fault.TEXT)
        since = until
    return Times(us, nanos, faults)


def counts(texts: Texts) -> tuple[Ints, Ints | None, Mask]:
    """Whole parts (-1 below zero or too great), billionths (None if there are none), and what is a number."""
    return _whole_numbers(texts) or _decimal_numbers(texts)


def scaled(count: Ints, decimals: Ints | None, unit: str) -> tuple[Ints, Ints, Mask]:
    """Microseconds, nanoseconds below them, and what holds nothing finer than a nanosecond."""
    nanos = NANOS[unit]
    exact = np.ones(len(count), dtype=np.bool_)
    if nanos == 1:
        at, below = count // 1000, count % 1000
    else:
        limit = LATEST // (nanos // 1000)
        at = np.where((count >= 0) & (count <= limit), count, -1) * (nanos // 1000)
        below = np.zeros(len(count), np.int64)
    if decimals is not None:  # billionths of the unit
        part = decimals * nanos
        exact = part % 1_000_000_000 == 0
        below = below + part // 1_000_000_000
        at, below = at + below // 1000, below % 1000
    return at, below, exact


def _whole_numbers(texts: Texts) -> tuple[Ints, None, Mask] | None:
    if holds(texts, b"x", b"X"):  # the cast takes hexadecimal numbers
        return None
    try:
        return _ints(pc.cast(texts, pa.int64())), None, np.ones(len(texts), dtype=np.bool_)
    except pa.ArrowInvalid:
        return None


def _decimal_numbers(texts: Texts) -> tuple[Ints, Ints, Mask]:
    # One odd text must not change how its neighbours are judged: whatever the cast takes is taken here as well.
    parts = pc.extract_regex(texts, DECIMAL)
    good = np.asarray(parts.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
    sign, count, part = (pc.fill_null(pc.struct_field(parts, [n]), "") for n in range(3))
    digits = pc.binary_length(count)
    below_zero = pc.and_(pc.equal(sign, "-"), pc.not_equal(pc.binary_join_element_wise(count, part, ""), ""))
    too_great = pc.or_(pc.greater(digits, 19), pc.and_(pc.equal(digits, 19), pc.greater(count, str(INT64))))
    count = pc.if_else(pc.or_(below_zero, too_great), "-1", pc.if_else(pc.equal(digits, 0), "0", count))
    return _ints(pc.cast(count, pa.int64())), _ints(pc.cast(pc.utf8_rpad(part, 9, "0"), pa.int64())), good


def _ints(array: Any) -> Ints:
    return np.array(array.to_numpy(zero_copy_only=False), dtype=np.int64)
