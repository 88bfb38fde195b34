"""What a proposal says: a value, why, and what has to be asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """A setting of the profile with the reasons for it and the questions about it."""

    value: Any
    because: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    def asking(self, *questions: str) -> Said:
        """The same with more questions; empty ones do not count."""
        return Said(self.value, self.because, self.questions + tuple(q for q in questions if q))


Settings = dict[str, Said]


@dataclass(slots=True)
class Proposal:
    """A profile's tables in the order in which they are written."""

    top: Settings = field(default_factory=dict)
    dialect: Settings = field(default_factory=dict)
    columns: Settings = field(default_factory=dict)
    ignore: list[Settings] = field(default_factory=list)
    path: Settings = field(default_factory=dict)
    dates: Settings = field(default_factory=dict)
    identity: Settings = field(default_factory=dict)

    def tables(self) -> Iterator[tuple[str, Settings]]:
        """Every table with its heading; the top level has none."""
        yield "", self.top
        yield "[dialect]", self.dialect
        yield "[columns]", self.columns
        for rule in self.ignore:
            yield "[[ignore]]", rule
        yield "[path]", self.path
        yield "[dates]", self.dates
        yield "[identity]", self.identity

    def questions(self) -> list[str]:
        """All that somebody has to confirm, each with where it is asked."""
        return [
            f"{heading.strip('[]')}.{key}: {question}".lstrip(".")
            for heading, settings in self.tables()
            for key, said in settings.items()
            for question in said.questions
        ]
