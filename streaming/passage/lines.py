"""What a line is: a trade, or one of the other things that a file may hold, which are counted under their reason.

Asked before any value is judged: what is declared to be no trade may hold anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streaming.kernels import Texts, pc
from streaming.passage.layout import Layout
from streaming.profiles.line_rules import IgnoreRule
from streaming.profiles.profile import Profile
from streaming.profiles.rules import ActionRule
from streaming.values.texts import drawn

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int16]
TRADE = -1


@dataclass(frozen=True, slots=True)
class Ignored:
    """For each row the place of its reason in `reasons`, or TRADE."""

    codes: Codes
    reasons: tuple[str, ...]

    @property
    def rows(self) -> Mask:
        """The rows that are no trades."""
        rows: Mask = self.codes != TRADE
        return rows

    def counts(self) -> dict[str, int]:
        """How many rows were ignored under each reason that occurred."""
        numbers = np.bincount(self.codes[self.rows], minlength=len(self.reasons)).tolist()
        return {reason: number for reason, number in zip(self.reasons, numbers, strict=True) if number}


@dataclass(frozen=True, slots=True)
class Test:
    """One rule of what is no trade: where it looks, what it says of it, and the rows that it takes."""

    column: str
    rule: str
    reason: str
    rows: Mask


def ignored(columns: Mapping[str, Texts], rows: int, layout: Layout) -> Ignored | None:
    """The rows that are declared to be no trades, by the first rule that takes them; None where there is none."""
    if not judges_lines(layout.profile):
        return None
    codes: Codes = np.full(rows, TRADE, np.int16)
    reasons: dict[str, int] = {}
    for test in tests(columns, rows, layout):
        code = reasons.setdefault(test.reason, len(reasons))
        codes[test.rows & (codes == TRADE)] = code
    return Ignored(codes, tuple(reasons)) if (codes != TRADE).any() else None


def judges_lines(profile: Profile) -> bool:
    """Whether the profile knows lines that are no trades."""
    action = profile.columns.action
    return bool(profile.quotes_only or profile.ignore or (action and action.ignores))


def tests(columns: Mapping[str, Texts], rows: int, layout: Layout) -> Iterator[Test]:
    """The rules in their order: quotes_only, [[ignore]], the action."""
    profile = layout.profile
    if profile.quotes_only:
        yield Test("", "the layout holds no trades", profile.quotes_only, np.ones(rows, np.bool_))
        return
    for rule in profile.ignore:
        yield Test(rule.column, rule.test, rule.why, _found(rule, columns[rule.column]))
    if profile.columns.action:
        yield from _actions(profile.columns.action, columns, rows, layout)


def _found(rule: IgnoreRule, texts: Texts) -> Mask:
    if rule.pattern is not None:
        return _mask(pc.match_substring_regex(texts, pattern=rule.pattern))
    if rule.values is not None:
        return _among(texts, rule.values)
    return ~_among(texts, rule.not_values or ())


def _actions(rule: ActionRule, columns: Mapping[str, Texts], rows: int, layout: Layout) -> Iterator[Test]:
    """Each text that stands for `ignore` is a reason of its own; what is not listed is one together."""
    texts, fold = drawn(rule, columns, layout.path, rows).texts, rule.case == "ignore"
    listed = {text: text.lower() if fold else text for text in rule.values}
    texts = pc.utf8_lower(texts) if fold else texts
    name = rule.column or "action"
    for text in rule.ignored:
        yield Test(name, f"{text} = ignore", f'{name} "{text}"', _among(texts, (listed[text],)))
    if rule.other == "ignore":
        known = ", ".join(rule.values)
        unlisted = ~_among(texts, tuple(listed.values()))
        yield Test(name, f"other than {known} = ignore", f"{name} is none of {known}", unlisted)


def _among(texts: Texts, values: tuple[str, ...]) -> Mask:
    return _mask(pc.is_in(texts, value_set=pa.array(list(values), pa.string())))


def _mask(array: Texts) -> Mask:
    return np.array(array.to_numpy(zero_copy_only=False), dtype=np.bool_)
