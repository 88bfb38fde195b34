"""When a trade was made: its moment to the nanosecond, and the day that it is counted under."""

import pyarrow as pa

from streaming.kernels import Column, Mask, Texts
from streaming.passage.rows import Rows
from streaming.profiles.rules import DateRule
from streaming.values.civil import DAY
from streaming.values.dates import as_dates, no_day, read_days
from streaming.values.refusals import no_time
from streaming.values.times import Days, Times, parse_times
from streaming.values.zones import to_local


def moments(rows: Rows) -> tuple[Column, Column, Column]:
    """Microseconds since 1970 UTC, nanoseconds below them, and the trade's date; null where there is no such one."""
    rule = rows.rules.event_time
    found = rows.drawn("event_time", rule)
    times = parse_times(found.texts, rule, _days(rows, rule.date, found.texts) if rule.date else None)
    bad = times.faults != 0
    if not bad.any():
        return pa.array(times.us), pa.array(times.nanos), _dates(rows, times, None)
    rows.fault(
        rows.but_excused(bad, found.texts), "event_time", found.raw,
        lambda text, row: no_time(int(times.faults[row]), text, rule),
    )  # fmt: skip
    return pa.array(times.us, mask=bad), pa.array(times.nanos, mask=bad), _dates(rows, times, bad)


def _days(rows: Rows, rule: DateRule, beside: Texts) -> Days:
    """The days that times of day belong to."""
    found = rows.drawn("event_time", rule)
    days, good = read_days(found.texts, rule)
    column = rule.column or "event_time"
    bad = rows.but_excused(~good, beside)
    rows.fault(bad, "event_time", found.raw, lambda text, _: f"the date {no_day(text, rule)}", column)
    return days, good


def _dates(rows: Rows, times: Times, unknown: Mask | None) -> Column:
    rule = rows.rules.trade_date
    if rule is not None:
        return _given_dates(rows, rule)
    return as_dates(to_local(times.us, rows.layout.profile.dates.zone) // DAY, unknown)


def _given_dates(rows: Rows, rule: DateRule) -> Column:
    found = rows.drawn("trade_date", rule)
    days, good = read_days(found.texts, rule)
    rows.fault(~good, "trade_date", found.raw, lambda text, _: f"trade_date {no_day(text, rule)}")
    return as_dates(days, ~good)
