"""Rules that say which lines of a file are no trades; these are ignored, under a reason that is counted."""

from typing import Any, Self

from pydantic import model_validator

from streaming.profiles.expressions import ColumnPattern
from streaming.profiles.rules import Frozen

#: A layout without trades names no columns: none of its records is judged for values.
NO_TRADES: dict[str, Any] = {
    **{key: {"const": ""} for key in ("symbol", "venue", "event_time", "price", "quantity")},
    "unknown_columns": "ignore",
}


class IgnoreRule(Frozen):
    """Lines that are no trades, by the text of one column: one of `values`, none of `not_values`, or where `pattern`
    (RE2 syntax) is found. `reason` names them in the books; the default says what the rule looks for.
    """

    column: str
    values: tuple[str, ...] | None = None
    not_values: tuple[str, ...] | None = None
    pattern: ColumnPattern | None = None
    reason: str = ""

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if sum(test is not None for test in (self.values, self.not_values, self.pattern)) != 1:
            raise ValueError("give exactly one of values = […], not_values = […], pattern = '…'")
        return self

    @property
    def test(self) -> str:
        """What the rule looks for, in words."""
        if self.pattern is not None:
            return f"matches {self.pattern}"
        listed = ", ".join(self.values if self.values is not None else self.not_values or ())
        return f"is one of {listed}" if self.values is not None else f"is none of {listed}"

    @property
    def why(self) -> str:
        """The reason under which such lines are counted."""
        return self.reason or f"{self.column} {self.test}"


def check_columns(ignore: tuple[IgnoreRule, ...], header: bool, columns: tuple[str, ...]) -> None:
    """ValueError where a rule reads a column that a layout without a header does not have."""
    for place, rule in enumerate(ignore):
        if not header and rule.column not in columns:
            raise ValueError(f'ignore.{place}: dialect.columns holds no "{rule.column}"')


def without_columns(data: Any) -> Any:
    """A layout of quotes only needs neither [columns] nor [identity]."""
    if isinstance(data, dict) and data.get("quotes_only"):
        return {"columns": NO_TRADES, "identity": {"kind": "content"}, **data}
    return data
