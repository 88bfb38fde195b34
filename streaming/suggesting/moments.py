"""Times and days: in which pattern a column's texts are, and from when a count of units is plausible."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

# Years that a sample may be of: before, few kept electronic records; after, a clock or a guess is wrong.
EARLIEST, LATEST = date(1990, 1, 1), date(2036, 1, 1)
_EPOCH = date(1970, 1, 1)
_PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_NUMBER = re.compile(r"\d+(\.\d*)?")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T _]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d(:?\d\d)?)?")
_OFFSET = re.compile(r"(Z|[+-]\d\d(:?\d\d)?)$")

_D, _M, _Y = r"(?P<d>\d{1,2})", r"(?P<m>\d{1,2})", r"(?P<Y>(?:19|20)\d\d)"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)"
_LONG = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
#: Regular expression and pattern of days; those of two orders stand beside each other.
DAYS = [
    *((rf"{_Y}{re.escape(s)}{_M}{re.escape(s)}{_D}", f"%Y{s}%m{s}%d") for s in "-/."),
    (r"(?P<Y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])", "%Y%m%d"),
    *((rf"{_D}{re.escape(s)}{_M}{re.escape(s)}{_Y}", f"%d{s}%m{s}%Y") for s in "-/."),
    *((rf"{_M}{re.escape(s)}{_D}{re.escape(s)}{_Y}", f"%m{s}%d{s}%Y") for s in "-/."),
    *((rf"{_D}{re.escape(s)}{_M}{re.escape(s)}(?P<y>\d\d)", f"%d{s}%m{s}%y") for s in "-/."),
    *((rf"{_M}{re.escape(s)}{_D}{re.escape(s)}(?P<y>\d\d)", f"%m{s}%d{s}%y") for s in "-/."),
    *((rf"(?P<y>\d\d){re.escape(s)}{_M}{re.escape(s)}{_D}", f"%y{s}%m{s}%d") for s in "-/."),
    *(
        (rf"{_D}{re.escape(s)}{month}{re.escape(s)}{_Y}", f"%d{s}{said}{s}%Y")
        for s in ("-", " ", "/", ".", "")
        for month, said in ((_MONTH, "%b"), (_LONG, "%B"))
    ),
    *((rf"{_D}{re.escape(s)}{_MONTH}{re.escape(s)}(?P<y>\d\d)", f"%d{s}%b{s}%y") for s in ("-", " ", "/", "")),
    *(
        (rf"{month}{re.escape(after)} {_D}{re.escape(comma)} {_Y}", f"{said}{after} %d{comma} %Y")
        for month, said, after in ((_MONTH, "%b", ""), (_MONTH, "%b", "."), (_LONG, "%B", ""))
        for comma in (",", "")
    ),
]
_H, _I, _MS = r"(?:[01]?\d|2[0-3])", r"(?:0?[1-9]|1[0-2])", r"[0-5]\d"
CLOCKS = [
    (rf"{_H}:{_MS}:{_MS}(?:\.\d{{1,9}})?", "%H:%M:%S%.f"),
    (rf"{_H}:{_MS}:{_MS},\d{{1,9}}", "%H:%M:%S,%f"),
    (rf"{_H}:{_MS}:{_MS}:\d{{3}}", "%H:%M:%S:%f"),
    (rf"{_H}:{_MS}", "%H:%M"),
    (rf"{_I}:{_MS}:{_MS}(?:\.\d{{1,9}})? ?[AaPp][Mm]", "%I:%M:%S%.f %p"),
    (rf"{_I}:{_MS} ?[AaPp][Mm]", "%I:%M %p"),
    (rf"(?:[01]\d|2[0-3]){_MS}{_MS}", "%H%M%S"),
    (rf"(?:[01]\d|2[0-3]){_MS}{_MS}\.\d{{1,9}}", "%H%M%S.%f"),
    (rf"(?:[01]\d|2[0-3]){_MS}{_MS}\d{{1,9}}", "%H%M%S%f"),
    (rf"(?:[01]\d|2[0-3]){_MS}{_MS} \d{{3,9}}", "%H%M%S %f"),
    (rf"(?:[01]\d|2[0-3]){_MS}", "%H%M"),
]
_ZONED = r" ?(?:Z|[+-]\d\d:?\d\d)"
_BETWEEN = ("", " ", "T", ", ", "_", "-", "D", "  ", ":", "/", ";")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern of the times of a column. `others`: patterns that fit as well; `offset`: the texts tell theirs."""

    format: str
    dated: bool
    clocked: bool
    offset: bool = False
    others: tuple[str, ...] = ()


def pattern_of(texts: Sequence[str]) -> Pattern | None:
    """The pattern in which all texts are; None if there is no such one."""
    if all(_ISO.fullmatch(text) for text in texts):
        return Pattern("iso", True, True, all(_OFFSET.search(text[19:]) for text in texts))
    days = [format for form, format in _dated(texts[0]) if _fits(form, texts)]
    if days:
        return Pattern(
            _spoken(days[0], texts), True, "%H" in days[0] or "%I" in days[0], "%z" in days[0], tuple(days[1:])
        )
    clock = next((format for form, format in CLOCKS if _all(form, texts)), None)
    return Pattern(_spoken(clock, texts), False, True) if clock else None


def _spoken(format: str, texts: Sequence[str]) -> str:
    """Without the optional decimals where there are none, and a blank before AM and PM only if it is there."""
    format = format if any("." in text.split(":")[-1] for text in texts) else format.replace("%.f", "")
    return format if any(re.search(r"\d [AaPp][Mm]", text) for text in texts) else format.replace(" %p", "%p")


@cache
def _compiled(form: str) -> re.Pattern[str]:
    return re.compile(form, re.IGNORECASE)


def _dated(text: str) -> Iterator[tuple[re.Pattern[str], str]]:
    """The forms whose day the text begins with: only these few are compiled."""
    for day, format in DAYS:
        if _compiled(day).match(text):
            yield _compiled(day), format
            yield from _clocked(text, day, format)


def _clocked(text: str, day: str, format: str) -> Iterator[tuple[re.Pattern[str], str]]:
    for gap in _BETWEEN:
        for clock, time in CLOCKS:
            if (gap and gap in text) or (not gap and format == "%Y%m%d" and ":" not in time):
                yield _compiled(rf"{day}{re.escape(gap)}{clock}"), f"{format}{gap}{time}"
                yield _compiled(rf"{day}{re.escape(gap)}{clock}{_ZONED}"), f"{format}{gap}{time}%z"


def _fits(form: re.Pattern[str], texts: Sequence[str]) -> bool:
    return all((found := form.fullmatch(text)) and _possible(found.groupdict()) for text in texts)


def _possible(parts: dict[str, str]) -> bool:
    year = int(parts.get("Y") or 2000 + int(parts.get("y") or 0))
    try:
        day = date(year, int(parts.get("m") or 1), int(parts["d"]))
    except ValueError:
        return False
    return EARLIEST <= day < LATEST


def _all(form: str, texts: Sequence[str]) -> bool:
    one = re.compile(form)
    return all(one.fullmatch(text) for text in texts)


def days_of(texts: Sequence[str], format: str) -> list[date]:
    """The days of texts in a pattern that fits them."""
    form = next(form for form, one in _dated(texts[0]) if one == format or one.replace("%.f", "") == format)
    found = [match.groupdict() for text in texts if (match := form.fullmatch(text))]
    return [date(int(p.get("Y") or 2000 + int(p.get("y") or 0)), int(p.get("m") or 1), int(p["d"])) for p in found]


def epoch_unit(texts: Sequence[str]) -> str | None:
    """The unit in which numbers since 1970 fall between 1990 and 2035; no two units can both do."""
    if not all(_NUMBER.fullmatch(text) for text in texts):
        return None
    return next((unit for unit in _PER_DAY if all(_plausible(text, unit) for text in texts)), None)


def epoch_day(text: str, unit: str) -> date:
    """The day (UTC) of a plausible number of units since 1970."""
    return date.fromordinal(_EPOCH.toordinal() + int(text.split(".")[0]) // _PER_DAY[unit])


def _plausible(text: str, unit: str) -> bool:
    days = int(text.split(".")[0]) // _PER_DAY[unit]
    return (EARLIEST - _EPOCH).days <= days < (LATEST - _EPOCH).days


def changing_unit(texts: Sequence[str]) -> list[dict[str, object]] | None:
    """The spans of a count whose unit changed at a day, say from ms to us; None where that does not explain it."""
    if not all(_NUMBER.fullmatch(text) for text in texts):
        return None
    days: dict[str, list[date]] = {}
    for text in texts:
        unit = next((unit for unit in _PER_DAY if _plausible(text, unit)), None)
        if unit is None:
            return None
        days.setdefault(unit, []).append(epoch_day(text, unit))
    if len(days) != 2:
        return None
    (old, before), (new, after) = sorted(days.items(), key=lambda item: min(item[1]))
    return [{"until": min(after), "unit": old}, {"unit": new}] if max(before) < min(after) else None


def midnight_unit(texts: Sequence[str]) -> str | None:
    """The unit in which numbers that never fall are since midnight; None if they are no such ones."""
    if not all(_NUMBER.fullmatch(text) for text in texts):
        return None
    values = [float(text) for text in texts]
    if values != sorted(values) or not values or values[0] == values[-1]:
        return None
    return next(
        (
            unit
            for unit in _PER_DAY
            if _PER_DAY[unit] / 1000 < values[-1] < _PER_DAY[unit]
            or (unit == "s" and values[-1] < 86_400 and "." in texts[0])
        ),
        None,
    )
