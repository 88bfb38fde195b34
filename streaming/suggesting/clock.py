"""The time of a trade: from which column, in which format and unit, on which clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from streaming.errors import SuggestError
from streaming.profiles.time_rules import day
from streaming.suggesting.kinds import Column
from streaming.suggesting.moments import days_of
from streaming.suggesting.names import plain, score, sure
from streaming.suggesting.paths import date_in
from streaming.suggesting.said import Said

_ZONE = "the times carry no offset: UTC is a placeholder, which zone's clocks were they read off?"
_ORDERS = {"%d": "the day stands first", "%m": "the month stands first", "%y": "the year stands first"}
_ZONES = re.compile(r"\b(?:utc|gmt|zulu)\b")


@dataclass(slots=True)
class Clock:
    """The rule for event_time and the columns that it uses; `local`: the zone is a question."""

    said: Said
    columns: list[Column] = field(default_factory=list)
    needs_path: bool = False
    local: bool = False


def clock_of(columns: Sequence[Column], uris: Sequence[str], named: bool) -> Clock:
    """The time of the trades; raises SuggestError where no column holds one."""
    moments = _ranked([one for one in columns if one.is_moment and (not named or score(one.name, "time") > 0)])
    days = _ranked([one for one in columns if one.is_day])
    clocks = [one for one in _ranked(_clocks(columns, named)) if one not in days]
    if clocks and days and (not moments or not moments[0].pattern):
        return _in_two(clocks[0], days[0], uris)
    moments = moments or _ranked([one for one in columns if one.is_moment])
    if moments:
        return _in_one(moments, uris, named)
    if clocks or (counted := [one for one in columns if one.midnight and _may_count(one, named)]):
        return _without_day((clocks or _ranked(counted))[0], uris)
    if days:
        return _days_only(days[0], uris)
    raise SuggestError(_nothing(columns))


def _ranked(columns: Sequence[Column]) -> list[Column]:
    """Full columns first, then by name, then texts before counts, then in their order."""
    return sorted(columns, key=lambda one: (one.empty > 0, -score(one.name, "time"), one.pattern is None, one.place))


def _clocks(columns: Sequence[Column], named: bool) -> list[Column]:
    """Digits alone are a time of day only under such a name, or where a zero stands in front."""

    def told(one: Column) -> bool:
        by_name = sure(score(one.name, "time")) or "time" in plain(one.name).split()
        return by_name or any(":" in text for text in one.some) or (not named and any(t[0] == "0" for t in one.some))

    return [one for one in columns if (one.is_clock or _lost_zeros(one)) and told(one)]


def _lost_zeros(column: Column) -> bool:
    padded = [text.zfill(6) for text in column.some]
    return (
        bool(padded)
        and plain(column.name) in ("time", "zeit", "hora", "trade time", "exec time")
        and all(re.fullmatch(r"\d{3,6}", text) for text in column.some)
        and all(re.fullmatch(r"([01]\d|2[0-3])[0-5]\d[0-5]\d", text) for text in padded)
    )


def _may_count(column: Column, named: bool) -> bool:
    return not named or bool(re.search(r"time|ms|sec|midnight|zeit|hora|heure", column.name, re.IGNORECASE))


def _in_one(moments: list[Column], uris: Sequence[str], named: bool) -> Clock:
    column, others = moments[0], moments[1:]
    rule: dict[str, Any] = {"column": column.name}
    because, questions, local = [], [], False
    if column.pattern and column.pattern.clocked and column.pattern.dated:
        pattern = _ordered(column, uris)
        rule |= {} if pattern.value == "iso" else {"format": pattern.value}
        because, questions = list(pattern.because), list(pattern.questions)
        if not column.pattern.offset:
            rule["zone"], local = "UTC", not _ZONES.search(plain(column.name))
    else:
        rule |= {"format": "epoch", "unit": column.unit or column.spans}
        because.append(_why(column))
    if column.spans:
        questions.append("the unit changes in the sample: did it change at this day?")
    if others and not (
        named and sure(score(column.name, "time")) and score(column.name, "time") > score(others[0].name, "time")
    ):
        questions.append(f"which is the time of the trade: this, or {', '.join(one.name for one in others)}?")
    elif not named and not column.pattern:
        questions.append("told by its contents only: is it the time of the trade?")
    if local:
        questions.append(_ZONE)
    return Clock(Said(rule, tuple(because), tuple(questions)), [column], local=local)


def _why(column: Column) -> str:
    if column.unit is None:
        return "counts since 1970 in one unit at first, in another later"
    first = column.some[0]
    return f"{first} counts {column.unit} since 1970: in any other unit the year would not lie between 1990 and 2035"


def _ordered(column: Column, uris: Sequence[str]) -> Said:
    """The pattern of a column; where the order of day and month is open, it is asked."""
    if column.pattern is None:
        raise SuggestError(f"{column.name} holds no times in one pattern")
    formats = [column.pattern.format, *_rivals(column.pattern.format, column.pattern.others)]
    if len(formats) == 1:
        return Said(formats[0])
    days = {one: days_of(column.texts, one) for one in formats}
    filed = [day(text) for uri in uris if (text := date_in(uri))]
    told = [one for one in formats if filed and all(abs((d - filed[0]).days) <= 1 for d in days[one] if filed[0])]
    if len(told) == 1:
        return Said(told[0], (f"the file's name has the date {filed[0]}: {_ORDERS[_first(told[0])]}",))
    spans = {one: max(days[one]) - min(days[one]) for one in formats}
    likely = min(formats, key=lambda one: (spans[one], formats.index(one)))
    listed = " or ".join(f'"{one}"' for one in formats)
    return Said(likely, (), (f"day and month cannot be told apart in the sample ({column.some[0]}): {listed}?",))


def _rivals(format: str, others: Sequence[str]) -> list[str]:
    if re.match(r"%Y|.*%[bB]", format):
        return []
    same = "%.f" in format
    plain = [one if same else one.replace("%.f", "") for one in others]
    return [one for one in dict.fromkeys(plain) if one != format and _first(one) != _first(format)]


def _first(format: str) -> str:
    return format[:2]


def _in_two(clock: Column, date: Column, uris: Sequence[str]) -> Clock:
    dated = _day_rule(date, uris)
    rule = _clock_rule(clock) | {"date": dated.value, "zone": "UTC"}
    local = not _ZONES.search(f"{plain(clock.name)} {plain(date.name)}")
    zone = _ZONE if local else ""
    return Clock(Said(rule, dated.because, dated.questions).asking(zone), [clock, date], local=local)


def _day_rule(date: Column, uris: Sequence[str]) -> Said:
    pattern = _ordered(date, uris)
    value = (
        {"column": date.name}
        if pattern.value in ("%Y-%m-%d", "%Y%m%d")
        else {"column": date.name, "format": pattern.value}
    )
    return Said(value, pattern.because, pattern.questions)


def _clock_rule(column: Column) -> dict[str, Any]:
    rule: dict[str, Any] = {"column": column.name}
    if column.pattern and ":" in column.pattern.format and column.pattern.format not in ("%H:%M:%S", "%H:%M:%S%.f"):
        return rule | {"format": column.pattern.format}
    if column.pattern and column.pattern.format in ("%H%M%S.%f", "%H%M%S %f", "%H%M"):
        return rule | {"format": column.pattern.format}
    if not column.pattern and column.midnight and not _lost_zeros(column):
        return rule | {"format": "midnight", "unit": column.midnight}
    return rule | {"format": "clock"} | ({} if column.pattern else {"pad": 6})


def _without_day(column: Column, uris: Sequence[str]) -> Clock:
    if not all(date_in(uri) for uri in uris):
        raise SuggestError(
            f'"{column.name}" gives a time of day, but no column and no file name gives the day: '
            "name the file with its date, as in trades-2025-01-31.csv"
        )
    rule = _clock_rule(column) | {"date": "path", "zone": "UTC"}
    because = ["the day stands in the file's name"]
    questions = [_ZONE]
    if rule["format"] == "midnight":
        because.append(f"numbers that rise up to {column.some[-1]}: {column.midnight} since midnight")
        questions.insert(0, f"does the column count {column.midnight} since midnight?")
    return Clock(Said(rule, tuple(because), tuple(questions)), [column], needs_path=True, local=True)


def _days_only(column: Column, uris: Sequence[str]) -> Clock:
    dated = _day_rule(column, uris)
    rule = {"const": "00:00:00", "format": "clock", "date": dated.value, "zone": "UTC"}
    said = Said(rule, (*dated.because, "the file gives days only; midnight stands for the time"), dated.questions)
    return Clock(said.asking("is the time of day really in no column?", _ZONE), [column], local=True)


def _nothing(columns: Sequence[Column]) -> str:
    seen = ", ".join(f"{one.name} ({one.kind})" for one in columns[:30])
    return f"no column holds a time that can be told: the columns are {seen}"
