"""Where a rule's text stands: in the file, in the path, or in the profile itself; and which part of it counts."""

import re
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from streaming.profiles.expressions import ColumnPattern


class Frozen(BaseModel):
    """Settings that are read once: unknown keys are refused and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(Frozen):
    """One value of a trade: a column of the file, a constant, or a named group of the path.

    `trim` takes blanks off both ends first. `pattern` cuts the value out of the text: a regular expression with
    the group `value`; a text in which it is not found is refused.
    """

    column: str | None = None
    const: str | None = None
    path: str | None = None
    trim: bool = False
    pattern: ColumnPattern | None = None

    @field_validator("pattern")
    @classmethod
    def _cuts_one_value(cls, pattern: str | None) -> str | None:
        if pattern is None:
            return None
        groups = re.compile(pattern)
        if "value" not in groups.groupindex or groups.groups > len(groups.groupindex):
            raise ValueError("pattern needs the group (?P<value>…); write all other groups as (?:…) or with a name")
        return pattern

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        origins = self.origins()
        if sum(bool(given) or given == "" for given in origins.values()) != 1:
            raise ValueError(f"give exactly one of {', '.join(f'{name} = …' for name in origins)}")
        return self

    def origins(self) -> dict[str, Any]:
        """What may say where the text stands, by its key."""
        return {"column": self.column, "const": self.const, "path": self.path}

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns of the file that the rule needs."""
        return (self.column,) if self.column is not None else ()

    @property
    def named(self) -> tuple[str, ...]:
        """The columns of the file that the text itself stands in."""
        return self.reads

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of the path that the rule needs."""
        return (self.path,) if self.path is not None else ()


class Joined(Rule):
    """A rule that may also join several columns."""

    columns: tuple[str, ...] = ()

    def origins(self) -> dict[str, Any]:
        return {**super().origins(), "columns": self.columns}

    @property
    def reads(self) -> tuple[str, ...]:
        return self.columns or super().reads
