"""Columns of text become columns of trades by the profile's rules; what does not is a fault with its reason.

Pure, whole columns at once: no row becomes a Python object unless it is rejected.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sinks.trade import CANCEL, CORRECT, NEW, STAGED
from streaming.kernels import Column, Mask, Texts, empties, pc
from streaming.passage.layout import Layout
from streaming.passage.lines import Ignored, ignored
from streaming.profiles.rules import Columns, DateRule, NumberRule, Rule, TextRule
from streaming.values.attributes import json_objects
from streaming.values.civil import DAY
from streaming.values.dates import as_dates, no_day, read_days
from streaming.values.numbers import decimals, signs
from streaming.values.refusals import no_number, no_time
from streaming.values.texts import Drawn, drawn, mapped
from streaming.values.times import Days, Times, parse_times
from streaming.values.zones import Ints, to_local

ACTIONS = {"new": NEW, "correct": CORRECT, "cancel": CANCEL}
NO_TRADES = pa.RecordBatch.from_pylist([], STAGED)


class Fault(NamedTuple):
    """Why a row is no trade."""

    row: int
    column: str | None  # of the file; of the trade where it has none there; None for the row as a whole
    reason: str
    key: str | None = None  # the rule that refused


@dataclass(frozen=True, slots=True)
class Normalised:
    """Trades (STAGED), the rows that are none, with one reason each, and those that are declared to be none."""

    trades: pa.RecordBatch
    faults: list[Fault]
    ignored: Ignored | None = None


def normalise(columns: Mapping[str, Texts], lines: Ints, layout: Layout) -> Normalised:
    """Judge every row by the layout's rules; `lines` go into the trades as they are."""
    others = ignored(columns, len(lines), layout)
    if others is None:
        return _Pass(columns, lines, layout).done()
    rows = np.flatnonzero(~others.rows)
    done = _Pass(_only(columns, rows), lines[rows], layout).done() if len(rows) else Normalised(NO_TRADES, [])
    return Normalised(done.trades, [fault._replace(row=int(rows[fault.row])) for fault in done.faults], others)


def _only(columns: Mapping[str, Texts], rows: Ints) -> dict[str, Texts]:
    places = pa.array(rows)
    return {name: texts.take(places) for name, texts in columns.items()}


def row_values(columns: Mapping[str, Texts], layout: Layout) -> tuple[dict[str, Any], Fault | None]:
    """What each rule makes of a single row (STAGED's names; placeholders where it fails), and the fault."""
    judged = _Pass(columns, np.ones(1, np.int64), layout)
    batch = judged.judge()
    return dict(batch.to_pylist()[0]), judged.faults.get(0)


@dataclass(slots=True)
class _Pass:
    columns: Mapping[str, Texts]
    lines: Ints
    layout: Layout
    faults: dict[int, Fault] = field(default_factory=dict)
    excused: Mask | None = None  # rows that may leave out all but their key

    def judge(self) -> pa.RecordBatch:
        """All rows, good or not."""
        action = self.action()
        if action is not None and (action == CANCEL).any():
            self.excused = action == CANCEL
        return self.batch(action)

    def done(self) -> Normalised:
        batch = self.judge()
        if not self.faults:
            return Normalised(batch, [])
        keep = np.ones(len(self.lines), np.bool_)
        keep[list(self.faults)] = False
        return Normalised(batch.filter(pa.array(keep)), [fault for _, fault in sorted(self.faults.items())])

    def batch(self, action: npt.NDArray[np.int8] | None) -> pa.RecordBatch:
        n = len(self.lines)
        us, nanos, trade_date = self.times()
        values = {
            "line": pa.array(self.lines, pa.int64()),
            "action": pa.array(np.zeros(n, np.int8) if action is None else action, pa.int8()),
            "trade_id": self.text("trade_id", required=True),
            "symbol": self.text("symbol", required=True),
            "venue": self.text("venue", required=True),
            "trade_date": trade_date,
            "event_us": us,
            "event_nanos": nanos,
            "side": self.side(),
            "price": self.number("price"),
            "quantity": self.number("quantity"),
            "currency": self.text("currency"),
            "account": self.text("account"),
            "version": self.number("version"),
            "attributes": self.attributes(),
        }
        return pa.record_batch([values[name] for name in STAGED.names], schema=STAGED)

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
        named = column or ", ".join(self.layout.profile.columns.rules()[key].named) or key
        for row in np.flatnonzero(bad).tolist():
            if row not in self.faults:
                self.faults[row] = Fault(row, named, why(texts[row].as_py(), row), key)

    def text(self, key: str, required: bool = False) -> Texts:
        rule = self.layout.profile.columns.rules().get(key)
        if not isinstance(rule, TextRule):
            return self.nothing(pa.string())
        found = self.drawn(key, rule)
        texts = pc.utf8_upper(found.texts) if rule.upper else found.texts
        if rule.values is not None:
            texts = self.listed(key, rule, rule.values, texts, found.raw)
        empty = empties(texts)
        if required:
            self.fault(empty, key, texts, lambda _, __: f"{key} is empty")
        return pc.if_else(pa.array(empty), None, texts) if empty.any() else texts

    def listed(self, key: str, rule: TextRule, values: dict[str, str], texts: Texts, raw: Texts) -> Texts:
        """What the texts stand for; of those that are not listed, the rule's `other` says what becomes."""
        meant, unknown = mapped(texts, values, rule.case)
        if rule.other == "keep":
            return pc.coalesce(meant, texts)
        if unknown.any():
            known = ", ".join(values)
            self.fault(unknown & ~empties(texts), key, raw, lambda text, _: _unknown(key, text, known))
        return pc.fill_null(meant, "")

    def side(self) -> Texts:
        rule = self.layout.profile.columns.side
        if rule is None:
            return self.nothing(pa.string())
        if rule.sign_of is not None:
            return self.side_by_sign(rule.sign_of)
        found = self.drawn("side", rule)
        sides, unknown = mapped(found.texts, {k: None if v == "none" else v for k, v in rule.values.items()}, rule.case)
        known = ", ".join(rule.values)
        self.fault(self.but_excused(unknown, found.texts), "side", found.raw, lambda t, _: _unknown("side", t, known))
        return sides

    def side_by_sign(self, column: str) -> Texts:
        """Buy above zero, sell below it; the number is written as another rule over the column has it."""
        rule = written_as(column, self.layout.profile.columns)
        found = self.drawn("side", rule)
        texts, bad = decimals(found.texts, rule)
        if bad is not None:
            bad = self.but_excused(bad, found.texts)
            self.fault(bad, "side", found.raw, lambda text, _: no_number("side", text, rule))
        sign = signs(texts)
        zero = self.but_excused(sign == 0, found.texts)
        self.fault(zero, "side", found.raw, lambda text, _: f'side "{text[:60]}" is zero: its sign is neither side\'s')
        return pc.take(pa.array(["sell", None, "buy"], pa.string()), pa.array(sign + 1))

    def action(self) -> npt.NDArray[np.int8] | None:
        rule = self.layout.profile.columns.action
        if rule is None:
            return None
        found = self.drawn("action", rule)
        words, unknown = mapped(found.texts, dict(rule.values), rule.case)
        known = ", ".join(rule.values)
        self.fault(unknown, "action", found.raw, lambda text, _: _unknown("action", text, known))
        places = pc.index_in(words, pa.array(list(ACTIONS)))
        codes = pc.take(pa.array(list(ACTIONS.values()), pa.int8()), places)
        return np.array(pc.fill_null(codes, NEW).to_numpy(zero_copy_only=False), dtype=np.int8)

    def number(self, key: str) -> Texts:
        rule = self.layout.profile.columns.rules().get(key)
        if not isinstance(rule, NumberRule):
            return self.nothing(pa.string())
        found = self.drawn(key, rule)
        texts, bad = decimals(found.texts, rule)
        if bad is not None and rule.empty != "reject":
            texts, bad = self.filled(found.texts, texts, bad, rule.empty)
        if bad is None or not bad.any():
            return texts
        self.fault(self.but_excused(bad, found.texts), key, found.raw, lambda text, _: no_number(key, text, rule))
        return pc.if_else(pa.array(bad), None, texts)

    def filled(self, given: Texts, texts: Texts, bad: Mask, number: str) -> tuple[Texts, Mask]:
        """With the number that an empty text stands for, but for cancellations that give no more than the key."""
        blank = self.but_excused(empties(given), given)
        return pc.if_else(pa.array(blank), number, texts), bad & ~blank

    def times(self) -> tuple[Column, Column, Column]:
        rule = self.layout.profile.columns.event_time
        found = self.drawn("event_time", rule)
        times = parse_times(found.texts, rule, self.days(rule.date, found.texts) if rule.date else None)
        bad = times.faults != 0
        if not bad.any():
            return pa.array(times.us), pa.array(times.nanos), self.dates(times, None)
        self.fault(
            self.but_excused(bad, found.texts), "event_time", found.raw,
            lambda text, row: no_time(int(times.faults[row]), text, rule),
        )  # fmt: skip
        return pa.array(times.us, mask=bad), pa.array(times.nanos, mask=bad), self.dates(times, bad)

    def days(self, rule: DateRule, beside: Texts) -> Days:
        """The days that times of day belong to."""
        found = self.drawn("event_time", rule)
        days, good = read_days(found.texts, rule)
        column = rule.column or "event_time"
        bad = self.but_excused(~good, beside)
        self.fault(bad, "event_time", found.raw, lambda text, _: f"the date {no_day(text, rule)}", column)
        return days, good

    def dates(self, times: Times, unknown: Mask | None) -> Column:
        rule = self.layout.profile.columns.trade_date
        if rule is not None:
            return self.given_dates(rule)
        return as_dates(to_local(times.us, self.layout.profile.dates.zone) // DAY, unknown)

    def given_dates(self, rule: DateRule) -> Column:
        found = self.drawn("trade_date", rule)
        days, good = read_days(found.texts, rule)
        self.fault(~good, "trade_date", found.raw, lambda text, _: f"trade_date {no_day(text, rule)}")
        return as_dates(days, ~good)

    def attributes(self) -> Texts:
        names = self.layout.attributes
        if not names:
            return self.nothing(pa.string())
        return json_objects({name: self.columns[name] for name in names})

    def but_excused(self, bad: Mask, texts: Texts) -> Mask:
        """Without the empty values of cancellations that give no more than the key."""
        if self.excused is None:
            return bad
        return bad & ~(self.excused & empties(texts))

    def nothing(self, kind: pa.DataType) -> Column:
        nothing: Column = pa.scalar(None, kind)
        return pa.repeat(nothing, len(self.lines))


def written_as(column: str, columns: Columns) -> NumberRule:
    """How the numbers of a column are written, with their sign."""
    rules = (rule for rule in columns.rules().values() if isinstance(rule, NumberRule) and rule.column == column)
    rule = next(rules, NumberRule(column=column))
    return rule.model_copy(update={"absolute": False}) if rule.absolute else rule


def _refused(key: str, why: str, text: str, _: int) -> str:
    return f'{key} "{text[:60]}": {why}'


def _unknown(key: str, text: str, known: str) -> str:
    return f'{key} "{text[:60]}" is not in the profile, which knows: {known}'
