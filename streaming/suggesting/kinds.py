"""What each column of the sample holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from streaming.suggesting.dialect import Cut
from streaming.suggesting.moments import Pattern, changing_unit, epoch_unit, midnight_unit, pattern_of
from streaming.suggesting.numbers import Written, numbers_of

LOOKED = 2000  # texts of a column that are judged


@dataclass(eq=False)
class Column:
    """A column: its texts without the empty ones, and what they are. Several kinds may be possible."""

    name: str
    place: int
    texts: list[str]
    empty: int
    comma: bool = False
    padded: bool = False
    doubts: list[str] = field(default_factory=list)

    @cached_property
    def some(self) -> list[str]:
        """The texts that are judged: from all over the sample."""
        step = max(1, len(self.texts) // LOOKED)
        return self.texts[::step]

    @cached_property
    def distinct(self) -> set[str]:
        """The different texts."""
        return set(self.texts)

    @cached_property
    def numbers(self) -> Written | None:
        """The texts as numbers."""
        return numbers_of(self.some, self.comma) if self.some else None

    @cached_property
    def pattern(self) -> Pattern | None:
        """The texts as times or days in a pattern."""
        return pattern_of(self.some) if self.some else None

    @cached_property
    def unit(self) -> str | None:
        """The texts as time since 1970."""
        return epoch_unit(self.some) if self.some else None

    @cached_property
    def spans(self) -> list[dict[str, object]] | None:
        """The texts as time since 1970 whose unit changes."""
        return changing_unit(self.texts) if self.some and not self.unit else None

    @cached_property
    def midnight(self) -> str | None:
        """The texts as time since midnight."""
        return midnight_unit(self.some) if self.some else None

    @property
    def is_moment(self) -> bool:
        """Whether each text may be a day and a time of day."""
        return bool(self.unit or self.spans) or bool(self.pattern and self.pattern.dated and self.pattern.clocked)

    @property
    def is_day(self) -> bool:
        """Whether each text may be a day."""
        return bool(self.pattern and self.pattern.dated and not self.pattern.clocked)

    @property
    def is_clock(self) -> bool:
        """Whether each text may be a time of day."""
        return bool(self.pattern and self.pattern.clocked and not self.pattern.dated)

    @property
    def unique(self) -> bool:
        """Whether no text stands twice."""
        return bool(self.texts) and len(self.distinct) == len(self.texts)

    @property
    def kind(self) -> str:
        """In words, what the column holds."""
        if not self.texts:
            return "empty"
        if self.pattern and (not self.numbers or self.is_moment):
            return f"time {self.pattern.format}" if self.pattern.clocked else f"day {self.pattern.format}"
        if self.unit:
            return f"integer, or time since 1970 in {self.unit}"
        if self.numbers is None:
            return "text"
        return "integer" if self.numbers.whole else "decimal comma" if self.numbers.keys.get("decimal") else "decimal"


def columns_of(cut: Cut) -> list[Column]:
    """The columns of the sample, with what they hold."""
    made = [_column(cut, place, name) for place, name in enumerate(cut.names)]
    if any(
        column.numbers and column.numbers.keys.get("decimal") == "," and not column.numbers.question for column in made
    ):
        made = [_column(cut, place, name, comma=True) for place, name in enumerate(cut.names)]
    return made


def _column(cut: Cut, place: int, name: str, comma: bool = False) -> Column:
    texts = cut.column(place)
    filled = [text for text in texts if text]
    return Column(name, place, filled, len(texts) - len(filled), comma, cut.is_padded(place))
