"""Times to the nanosecond from text, whole columns at once, in integer arithmetic only."""

import numpy as np

from streaming.kernels import Texts, pc
from streaming.profiles.rules import TimeRule
from streaming.values import clock, epoch
from streaming.values.civil import DAY, Civil
from streaming.values.digits import Mask
from streaming.values.instants import LATEST, Codes, Fault, Times
from streaming.values.iso import civil_us
from streaming.values.patterns import pattern_us
from streaming.values.zones import Ints, to_utc

__all__ = ["Days", "Fault", "Times", "parse_times"]

Days = tuple[Ints, Mask]  # since 1970, and which of them are possible


def parse_times(texts: Texts, rule: TimeRule, days: Days | None = None) -> Times:
    """Read a column of times as the rule says; rows with a fault hold 0.

    `days` are those of the rule's `date`, where it has one.
    """
    times = _read(_padded(texts, rule.pad), rule, days)
    out = (times.faults == Fault.NONE) & ((times.us < 0) | (times.us > LATEST))
    times.faults[out] = Fault.RANGE
    times.us[times.faults != Fault.NONE] = 0
    return times


def _padded(texts: Texts, width: int) -> Texts:
    if not width:
        return texts
    return pc.if_else(pc.equal(pc.binary_length(texts), 0), texts, pc.utf8_lpad(texts, width, "0"))


def _read(texts: Texts, rule: TimeRule, days: Days | None) -> Times:
    match rule.format:
        case "epoch":
            return epoch.since_1970(texts, rule.unit)
        case "iso":
            return _placed(civil_us(texts), rule, None)
        case "midnight":
            civil, outside = clock.since_midnight(texts, rule.unit[0].unit)
            times = _placed(civil, rule, days)
            times.faults[outside] = Fault.TOO_LATE
            return times
        case "clock":
            return _placed(clock.of_day(texts), rule, days)
        case pattern:
            return _placed(pattern_us(texts, pattern), rule, days)


def _placed(civil: Civil, rule: TimeRule, days: Days | None) -> Times:
    """In UTC: on their days, by their offset or by the clocks of the rule's zone."""
    us, faults = civil.us, np.where(civil.good, Fault.NONE, Fault.TEXT).astype(np.uint8)
    local = civil.good & ~civil.zoned
    if days is not None:
        us = us + days[0] * DAY
        faults[civil.good & ~days[1]] = Fault.NO_DAY
        local &= days[1]
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
