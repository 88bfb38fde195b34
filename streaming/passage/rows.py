"""Rows of text that are judged: what a rule finds in them, and why a row is no trade."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from streaming.kernels import Column, Mask, Texts, empties
from streaming.passage.layout import Layout
from streaming.profiles.rules import Columns, Rule
from streaming.values.texts import Drawn, drawn
from streaming.values.zones import Ints


class Fault(NamedTuple):
    """Why a row is no trade."""

    row: int
    column: str | None  # of the file; of the trade where it has none there; None for the row as a whole
    reason: str
    key: str | None = None  # the rule that refused


@dataclass(slots=True)
class Rows:
    """Columns of text under a layout, with the numbers of their lines, and the faults that were found in them."""

    columns: Mapping[str, Texts]
    lines: Ints
    layout: Layout
    faults: dict[int, Fault] = field(default_factory=dict)
    excused: Mask | None = None  # rows that may leave out all but their key

    @property
    def rules(self) -> Columns:
        """What the profile says of the columns."""
        return self.layout.profile.columns

    def drawn(self, key: str, rule: Rule) -> Drawn:
        """The texts that a rule is about, one a row; where it finds none, that is the row's fault."""
        found = drawn(rule, self.columns, self.layout.path, len(self.lines))
        for refusal in found.refusals:
            self.fault(refusal.rows, key, found.raw, partial(_refused, key, refusal.why))
        return found

    def fault(
        self, bad: Mask, key: str, texts: Texts, why: Callable[[str, int], str], column: str | None = None
    ) -> None:
        """Note a reason for each bad row; the first one found stays."""
        named = column or ", ".join(self.rules.rules()[key].named) or key
        for row in np.flatnonzero(bad).tolist():
            if row not in self.faults:
                self.faults[row] = Fault(row, named, why(texts[row].as_py(), row), key)

    def but_excused(self, bad: Mask, texts: Texts) -> Mask:
        """Without the empty values of cancellations that give no more than the key."""
        if self.excused is None:
            return bad
        return bad & ~(self.excused & empties(texts))

    def nothing(self, kind: pa.DataType) -> Column:
        """A null in each row."""
        nothing: Column = pa.scalar(None, kind)
        return pa.repeat(nothing, len(self.lines))


def _refused(key: str, why: str, text: str, _: int) -> str:
    return f'{key} "{text[:60]}": {why}'
