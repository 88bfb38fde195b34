"""Times to the nanosecond from text, whole columns at once, in integer arithmetic only."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streaming.iso import civil_us
from streaming.kernels import Texts, pc
from streaming.numbers import holds
from streaming.rules import TimeRule, UnitSpan
from streaming.zones import SECOND, Ints, to_utc

LATEST = 9_246_182_400 * SECOND - 1  # the last microsecond of 2262
INT64 = 2**63 - 1
# Sign, digits without leading zeros, decimals without trailing ones.
DECIMAL = r"^(?P<sign>-?)(?:0*(?P<count>[1-9][0-9]*)|0+)(?:\.(?P<part>(?:[0-9]{0,8}[1-9])?)0*)?$"
NANOS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}

Codes = npt.NDArray[np.uint8]


class Fault(IntEnum):
    """Why a text is no time of a trade."""

    NONE = 0
    TEXT = 1  # not written as the profile says
    RANGE = 2  # outside 1970 to 2262, or outside the days for which the profile declares a unit
    NO_ZONE = 3  # local time, and the profile names no zone
    TWICE = 4  # the clocks were set back: shown twice that day
    NEVER = 5  # the clocks were set forward: never shown


@dataclass(frozen=True, slots=True)
class Times:
    """UTC microseconds since 1970, what is below them in nanoseconds, and a Fault per row."""

    us: Ints
    nanos: npt.NDArray[np.int16]
    faults: Codes


def parse_times(texts: Texts, rule: TimeRule) -> Times:
    """Read a column of times as the rule says; rows with a fault hold 0."""
    times = _epoch(texts, rule.unit) if rule.format == "epoch" else _iso(texts, rule)
    out = (times.faults == Fault.NONE) & ((times.us < 0) | (times.us > LATEST))
    times.faults[out] = Fault.RANGE
    times.us[times.faults != Fault.NONE] = 0
    return times


def reason(fault: int, text: str, rule: TimeRule) -> str:
    """One sentence on why the text is no time, with the way out where there is one."""
    shown = f'"{text[:60]}"'
    match Fault(fault):
        case Fault.TEXT if rule.format == "epoch":
            units = "/".join(span.unit for span in rule.unit)
            return f"{shown} is not a count of {units} since 1970"
        case Fault.TEXT:
            return f"{shown} is not a possible ISO time (YYYY-MM-DDTHH:MM:SS, up to 9 decimals, Z or offset)"
        case Fault.RANGE if len(rule.unit) > 1:
            return f"{shown} is out of range: in no declared unit does it fall into the days of that unit"
        case Fault.RANGE:
            return f"{shown} is out of range: before 1970 or after 2262; is the unit right?"
        case Fault.NO_ZONE:
            return f'{shown} has neither Z nor offset: give event_time a zone = "Area/City" in the profile'
        case Fault.TWICE:
            way_out = 'set ambiguous = "earlier" or "later"'
            return f"{shown} was shown twice by the clocks of {rule.zone}: {way_out}"
        case _:
            return f"{shown} was never shown by the clocks of {rule.zone} (they were set forward)"


def _iso(texts: Texts, rule: TimeRule) -> Times:
    civil = civil_us(texts)
    us, faults = civil.us, np.where(civil.good, Fault.NONE, Fault.TEXT).astype(np.uint8)
    local = civil.good & ~civil.zoned
    if local.any():
        if rule.zone is None:
            faults[local] = Fault.NO_ZONE
        else:
            us[local], faults[local] = _localised(us[local], rule)
    return Times(us, civil.nanos, faults)


def _localised(local: Ints, rule: TimeRule) -> tuple[Ints, Codes]:
    assert rule.zone is not None
    earlier, later = (to_utc(local, rule.zone, later=fold) for fold in (False, True))
    faults = np.zeros(len(local), dtype=np.uint8)
    # In a gap the two readings stand the other way round: the "earlier" offset gives the later moment.
    faults[earlier > later] = Fault.NEVER
    if rule.ambiguous == "refuse":
        faults[earlier < later] = Fault.TWICE
    return (later if rule.ambiguous == "later" else earlier), faults


def _epoch(texts: Texts, spans: tuple[UnitSpan, ...]) -> Times:
    count, decimals, good = _whole_numbers(texts) or _decimal_numbers(texts)
    us, nanos = np.zeros(len(count), np.int64), np.zeros(len(count), np.int16)
    faults = np.where(good, Fault.RANGE, Fault.TEXT).astype(np.uint8)
    since = 0
    for span in spans:
        until = LATEST + 1 if span.until_us is None else span.until_us
        at, below, exact = _scaled(count, decimals, NANOS[span.unit])
        here = (faults == Fault.RANGE) & (at >= since) & (at < until)
        us[here], nanos[here] = at[here], below[here]
        faults[here] = np.where(exact[here], Fault.NONE, Fault.TEXT)
        since = until
    return Times(us, nanos, faults)


def _scaled(count: Ints, decimals: Ints | None, unit: int) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    exact = np.ones(len(count), dtype=np.bool_)
    if unit == 1:
        at, below = count // 1000, count % 1000
    else:
        limit = LATEST // (unit // 1000)
        at = np.where((count >= 0) & (count <= limit), count, -1) * (unit // 1000)
        below = np.zeros(len(count), np.int64)
    if decimals is not None:  # billionths of the unit
        part = decimals * unit
        exact = part % 1_000_000_000 == 0
        below = below + part // 1_000_000_000
        at, below = at + below // 1000, below % 1000
    return at, below, exact


def _whole_numbers(texts: Texts) -> tuple[Ints, None, npt.NDArray[np.bool_]] | None:
    if holds(texts, b"x", b"X"):  # the cast takes hexadecimal numbers
        return None
    try:
        return _ints(pc.cast(texts, pa.int64())), None, np.ones(len(texts), dtype=np.bool_)
    except pa.ArrowInvalid:
        return None


def _decimal_numbers(texts: Texts) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
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
