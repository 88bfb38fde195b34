"""The rules for times and days: how a vendor writes them."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, field_validator, model_validator

from streaming.profiles.directives import pattern_of
from streaming.profiles.origins import Frozen, Joined, Rule

Unit = Literal["s", "ms", "us", "ns"]
DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})|(\d{4})(\d{2})(\d{2})", re.ASCII)
DAY_PARTS = {"Y": "year", "y": "year", "m": "month", "b": "month", "B": "month", "d": "day", "j": "day of the year"}
WHOLE_DAYS = ({"year", "month", "day"}, {"year", "day of the year"})


def day(text: str) -> date | None:
    """The date in a text that is YYYY-MM-DD or YYYYMMDD and nothing else, if there is such a day."""
    found = DAY.fullmatch(text)
    try:
        return date(*(int(part) for part in found.groups() if part)) if found else None
    except ValueError:
        return None


class DateRule(Rule):
    """A day: `iso` is YYYY-MM-DD or YYYYMMDD; else a pattern as TimeRule's, of %Y %y %m %d %b %B %j alone."""

    format: str = "iso"

    @field_validator("format")
    @classmethod
    def _is_a_day(cls, text: str) -> str:
        if text != "iso" and (not _dated(text) or _clocked(text)):
            raise ValueError(f'"{text}" must give a day and no time of day, as in "%d/%m/%Y"')
        return text


class UnitSpan(Frozen):
    """The unit of epoch times before a day (UTC); the last span has no end."""

    unit: Unit
    until: date | None = None

    @property
    def until_us(self) -> int | None:
        """Microseconds since 1970 at which the span ends."""
        if self.until is None:
            return None
        end = datetime(self.until.year, self.until.month, self.until.day, tzinfo=UTC)
        return int(end.timestamp()) * 1_000_000


def _spans(unit: Any) -> Any:
    return [{"unit": unit}] if isinstance(unit, str) else unit


def _day_of(rule: Any) -> Any:
    if isinstance(rule, str):
        return {"path": "date"} if rule == "path" else {"column": rule}
    return rule


def known_zone(name: str) -> str:
    """The name, if the time zone database has it; ValueError otherwise."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'no time zone is called "{name}"; use a name like "America/New_York"') from error
    return name


class TimeRule(Joined):
    """The time of a trade; `columns`, say date and time, are joined by one blank before they are read.

    `format` is one of
    - `iso`: YYYY-MM-DD, then T, a blank or _, HH:MM:SS, up to 9 decimals; Z, an offset, or (with `zone`) neither;
    - `epoch`: `unit`s since 1970 UTC, with decimals; the unit may change at a day;
    - `midnight`: `unit`s that the zone's clocks show since midnight, with decimals (9:30 is 34200 s on any day,
      also on one that is an hour shorter or longer);
    - `clock`: HHMMSS with up to 9 digits of a second after it, or HH:MM:SS with up to 9 decimals;
    - a pattern of %Y %y %m %d %b %B %j %H %I %p %M %S %f %.f %z and literal text. %m %d %H %I may lack their zero
      where no digit stands beside them; %y is 19yy from 69 on, else 20yy (as POSIX has it); month names are
      English, in any case; %f has 1 to 9 digits, %.f may be missing together with its point.

    What gives no day takes it from `date`: "path" (its group `date`), a column, or a rule with a format of its
    own. What gives no offset needs the `zone` whose clocks it was read off; a local time that they show twice is
    refused unless `ambiguous` says which one is meant. `pad` fills digits that lost their leading zeros.
    """

    format: str = "iso"
    unit: Annotated[tuple[UnitSpan, ...], BeforeValidator(_spans)] = ()
    zone: str | None = None
    ambiguous: Literal["refuse", "earlier", "later"] = "refuse"
    date: Annotated[DateRule | None, BeforeValidator(_day_of)] = None
    pad: int = 0

    @property
    def reads(self) -> tuple[str, ...]:
        return super().reads + (self.date.reads if self.date else ())

    @property
    def named(self) -> tuple[str, ...]:
        return super().reads

    @property
    def groups(self) -> tuple[str, ...]:
        return super().groups + (self.date.groups if self.date else ())

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str | None) -> str | None:
        return zone if zone is None else known_zone(zone)

    @field_validator("format")
    @classmethod
    def _format_is_known(cls, text: str) -> str:
        if text not in ("iso", "epoch", "midnight", "clock") and (_dated(text) is None or not _clocked(text)):
            raise ValueError(
                f'"{text}" must give the hour (%H, or %I with %p), and either the whole day or none of it '
                "(date = … gives it then)"
            )
        return text

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        self._check_unit()
        if self.needs_day != (self.date is not None):
            raise ValueError(
                f'format = "{self.format}" gives no day: set date = "path" (the group date of its pattern), or a column'
                if self.needs_day
                else f'format = "{self.format}" gives the day itself: take date = … out'
            )
        if self.zone is None and not self._tells_offset():
            raise ValueError(f'format = "{self.format}" gives no offset: set zone = "UTC" or "Area/City"')
        return self

    @property
    def needs_day(self) -> bool:
        """Whether the text holds no day."""
        if self.format in ("iso", "epoch"):
            return False
        return self.format in ("midnight", "clock") or not _dated(self.format)

    def _tells_offset(self) -> bool:
        return self.format in ("iso", "epoch") or ("%" in self.format and "z" in pattern_of(self.format).letters)

    def _check_unit(self) -> None:
        counted = self.format in ("epoch", "midnight")
        if counted and not self.unit:
            raise ValueError(f'format = "{self.format}" needs unit = "s", "ms", "us" or "ns"')
        if self.unit and not counted:
            raise ValueError(f'format = "{self.format}" has no unit: only "epoch" and "midnight" count units')
        if counted and self.columns:
            raise ValueError(f'format = "{self.format}" counts in one column; columns = … joins texts')
        ends = [span.until for span in self.unit]
        if ends and (ends[-1] is not None or None in ends[:-1] or ends[:-1] != sorted(ends[:-1], key=str)):
            raise ValueError("every unit but the last needs until = a date, rising; the last has none")
        if self.format == "midnight" and len(ends) > 1:
            raise ValueError('format = "midnight" has one unit; where it changed, declare a profile of its own')


def _dated(pattern: str) -> bool | None:
    """Whether a pattern gives a day; None if it gives a part of one."""
    said = {DAY_PARTS[letter] for letter in pattern_of(pattern).letters if letter in DAY_PARTS}
    return (True if said in WHOLE_DAYS else None) if said else False


def _clocked(pattern: str) -> bool:
    return bool(pattern_of(pattern).letters & {"H", "I"})
