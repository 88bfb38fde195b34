"""The rules of a profile: where each canonical value comes from and how it is written."""

import re
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator, model_validator

Unit = Literal["s", "ms", "us", "ns"]
Side = Literal["buy", "sell", "none"]
Action = Literal["new", "correct", "cancel", "ignore"]
SIDES: dict[str, Side] = dict.fromkeys(("buy", "Buy", "BUY"), "buy")
SIDES |= dict.fromkeys(("sell", "Sell", "SELL"), "sell")


class Frozen(BaseModel):
    """Settings that are read once: unknown keys are refused and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(Frozen):
    """One value of a trade: a column of the file, a constant, or a named group of the path."""

    column: str | None = None
    const: str | None = None
    path: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum(origin is not None for origin in (self.column, self.const, self.path)) != 1:
            raise ValueError('give exactly one of column = "…", const = "…", path = "…"')
        return self


class TextRule(Rule):
    """A text; `values`, if given, lists every text of the vendor and what it stands for."""

    values: dict[str, str] | None = None


class SideRule(Rule):
    """The aggressor's side; `none` stands for a trade whose side is not known."""

    values: dict[str, Side] = SIDES


class ActionRule(Rule):
    """What a row does to its trade; `ignore` declares rows that are no trades, `other` what unlisted texts are."""

    values: dict[str, Action]
    other: Literal["refuse", "ignore"] = "refuse"

    @property
    def ignored(self) -> tuple[str, ...]:
        """The texts that stand for rows that are no trades."""
        return tuple(text for text, action in self.values.items() if action == "ignore")

    @property
    def ignores(self) -> bool:
        """Whether any row can be no trade by this rule."""
        return bool(self.ignored) or self.other == "ignore"


class DateRule(Rule):
    """A session date, YYYY-MM-DD or YYYYMMDD."""


DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})|(\d{4})(\d{2})(\d{2})", re.ASCII)


def day(text: str) -> date | None:
    """The date in a text that is YYYY-MM-DD or YYYYMMDD and nothing else, if there is such a day."""
    found = DAY.fullmatch(text)
    try:
        return date(*(int(part) for part in found.groups() if part)) if found else None
    except ValueError:
        return None


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


def known_zone(name: str) -> str:
    """The name, if the time zone database has it; ValueError otherwise."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'no time zone is called "{name}"; use a name like "America/New_York"') from error
    return name


class TimeRule(Rule):
    """The time of a trade.

    `iso` takes up to 9 decimals, Z, an offset, or (with `zone`) neither; a local time that the clocks show
    twice is refused unless `ambiguous` says which one is meant. `epoch` counts `unit`s since 1970 UTC, which
    may change at a day.
    """

    format: Literal["iso", "epoch"] = "iso"
    unit: Annotated[tuple[UnitSpan, ...], BeforeValidator(_spans)] = ()
    zone: str | None = None
    ambiguous: Literal["refuse", "earlier", "later"] = "refuse"

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str | None) -> str | None:
        return zone if zone is None else known_zone(zone)

    @model_validator(mode="after")
    def _format_and_unit_agree(self) -> Self:
        if (self.format == "epoch") != bool(self.unit):
            raise ValueError('format = "epoch" needs unit = "s", "ms", "us" or "ns"; format = "iso" has none')
        ends = [span.until for span in self.unit]
        if ends and (ends[-1] is not None or None in ends[:-1] or ends[:-1] != sorted(ends[:-1], key=str)):
            raise ValueError("every unit but the last needs until = a date, rising; the last has none")
        return self


def _column(rule: Any) -> Any:
    return {"column": rule} if isinstance(rule, str) else rule


Text = Annotated[TextRule, BeforeValidator(_column)]
Date = Annotated[DateRule, BeforeValidator(_column)]
Time = Annotated[TimeRule, BeforeValidator(_column)]
SideOf = Annotated[SideRule, BeforeValidator(_column)]
Number = Annotated[Rule, BeforeValidator(_column)]


class Columns(Frozen):
    """Where the parts of a trade come from, and what becomes of the vendor's other columns."""

    trade_id: Text | None = None
    symbol: Text | None = None  # may also be given by the feed: Profile.with_values
    venue: Text | None = None
    trade_date: Date | None = None
    event_time: Time
    side: SideOf | None = None
    price: Number
    quantity: Number
    currency: Text | None = None
    account: Text | None = None
    version: Number | None = None
    action: ActionRule | None = None
    ignore: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    unknown_columns: Literal["keep", "ignore", "refuse"] = "keep"

    def rules(self) -> dict[str, Rule]:
        """The rules that are set, by canonical name, in the order in which a row is judged."""
        return self._rules

    @cached_property
    def _rules(self) -> dict[str, Rule]:
        # Asked many times a file: looked up once.
        named = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: rule for name, rule in named.items() if isinstance(rule, Rule)}
