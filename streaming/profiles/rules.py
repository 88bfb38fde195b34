"""The rules of a profile: where each canonical value comes from and how it is written."""

from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, model_validator

from streaming.profiles.number_rules import NumberRule
from streaming.profiles.origins import Frozen, Joined, Rule
from streaming.profiles.time_rules import DateRule, TimeRule, Unit, UnitSpan, day, known_zone

__all__ = [
    "ActionRule",
    "Columns",
    "DateRule",
    "Frozen",
    "NumberRule",
    "Rule",
    "SideRule",
    "TextRule",
    "TimeRule",
    "Unit",
    "UnitSpan",
    "day",
    "known_zone",
]

Side = Literal["buy", "sell", "none"]
Action = Literal["new", "correct", "cancel", "ignore"]
SIDES: dict[str, Side] = dict.fromkeys(("buy", "Buy", "BUY"), "buy")
SIDES |= dict.fromkeys(("sell", "Sell", "SELL"), "sell")


class Listed(Rule):
    """A rule that may list texts of the vendor; `case` = "ignore" compares them without regard to case."""

    case: Literal["exact", "ignore"] = "exact"

    @model_validator(mode="after")
    def _listed_once(self) -> Self:
        values = getattr(self, "values", None) or {}
        folded = [text.lower() for text in values]
        clash = next((text for text in values if folded.count(text.lower()) > 1), None)
        if self.case == "ignore" and clash and len({values[t] for t in values if t.lower() == clash.lower()}) > 1:
            raise ValueError(f'values: with case = "ignore", "{clash}" stands for two things')
        return self


class TextRule(Listed, Joined):
    """A text; `values`, if given, lists every text of the vendor and what it stands for.

    `columns` are joined by `separator`; an empty one among them is refused unless `empty_parts` = "keep". The
    text is trimmed, cut by `pattern`, made capitals by `upper` and then looked up; `other` = "keep" lets texts
    through that `values` does not list.
    """

    values: dict[str, str] | None = None
    other: Literal["refuse", "keep"] = "refuse"
    separator: str = "|"
    empty_parts: Literal["refuse", "keep"] = "refuse"
    upper: bool = False


class SideRule(Listed, Joined):
    """The aggressor's side; `none` stands for a trade whose side is not known.

    `sign_of` names a column of numbers instead: above zero is a buy, below zero a sell, zero is refused. A number
    rule over the same column says how it is written. `columns` are joined by one blank before they are looked up,
    where the side is told by more than one.
    """

    values: dict[str, Side] = SIDES
    sign_of: str | None = None

    def origins(self) -> dict[str, Any]:
        return {**super().origins(), "sign_of": self.sign_of}

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.sign_of,) if self.sign_of is not None else super().reads

    @model_validator(mode="after")
    def _a_sign_has_no_values(self) -> Self:
        if self.sign_of is not None and "values" in self.model_fields_set:
            raise ValueError("sign_of reads a number: take values = … out")
        return self


class ActionRule(Listed):
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


def _column(rule: Any) -> Any:
    return {"column": rule} if isinstance(rule, str) else rule


Text = Annotated[TextRule, BeforeValidator(_column)]
Date = Annotated[DateRule, BeforeValidator(_column)]
Time = Annotated[TimeRule, BeforeValidator(_column)]
SideOf = Annotated[SideRule, BeforeValidator(_column)]
Number = Annotated[NumberRule, BeforeValidator(_column)]


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
