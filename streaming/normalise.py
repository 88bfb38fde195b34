"""Columns of text become columns of trades by the profile's rules; what does not is a fault with its reason.

Pure, whole columns at once: no row becomes a Python object unless it is rejected.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sinks.trade import CANCEL, CORRECT, NEW, STAGED
from streaming.attributes import json_objects
from streaming.kernels import Column, Texts, pc
from streaming.layout import Layout
from streaming.lines import Ignored, ignored
from streaming.numbers import not_decimal
from streaming.rules import ActionRule, Rule, SideRule, TextRule, day
from streaming.times import Times, parse_times, reason
from streaming.zones import SECOND, Ints, to_local

Mask = npt.NDArray[np.bool_]

ACTIONS = {"new": NEW, "correct": CORRECT, "cancel": CANCEL}
DAY = 86_400 * SECOND
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

    def raw(self, rule: Rule) -> Texts:
        """The texts that a rule is about, one a row."""
        if rule.column is not None:
            return self.columns[rule.column]
        text = rule.const if rule.const is not None else self.layout.path[rule.path or ""]
        return pa.repeat(pa.scalar(text, pa.string()), len(self.lines))

    def fault(self, bad: Mask, key: str, texts: Texts, why: Callable[[str, int], str]) -> None:
        """Note a reason for each bad row; the first one found stays."""
        rule = self.layout.profile.columns.rules()[key]
        for row in np.flatnonzero(bad).tolist():
            if row not in self.faults:
                self.faults[row] = Fault(row, rule.column or key, why(texts[row].as_py(), row), key)

    def text(self, key: str, required: bool = False) -> Texts:
        rule = self.layout.profile.columns.rules().get(key)
        if rule is None:
            return self.nothing(pa.string())
        texts = self.raw(rule)
        empty = _mask(pc.equal(pc.binary_length(texts), 0))
        if required:
            self.fault(empty, key, texts, lambda _, __: f"{key} is empty")
        if isinstance(rule, TextRule) and rule.values is not None:
            texts, unknown = _mapped(texts, rule.values)
            known = ", ".join(rule.values)
            self.fault(unknown & ~empty, key, self.raw(rule), lambda text, _: _unknown(key, text, known))
        return pc.if_else(pa.array(empty), None, texts) if empty.any() else texts

    def side(self) -> Texts:
        rule = self.layout.profile.columns.side
        if not isinstance(rule, SideRule):
            return self.nothing(pa.string())
        texts = self.raw(rule)
        sides, unknown = _mapped(texts, {k: None if v == "none" else v for k, v in rule.values.items()})
        known = ", ".join(rule.values)
        self.fault(self.but_excused(unknown, texts), "side", texts, lambda t, _: _unknown("side", t, known))
        return sides

    def action(self) -> npt.NDArray[np.int8] | None:
        rule = self.layout.profile.columns.action
        if not isinstance(rule, ActionRule):
            return None
        texts = self.raw(rule)
        words, unknown = _mapped(texts, dict(rule.values))
        known = ", ".join(rule.values)
        self.fault(unknown, "action", texts, lambda text, _: _unknown("action", text, known))
        places = pc.index_in(words, pa.array(list(ACTIONS)))
        codes = pc.take(pa.array(list(ACTIONS.values()), pa.int8()), places)
        return np.array(pc.fill_null(codes, NEW).to_numpy(zero_copy_only=False), dtype=np.int8)

    def number(self, key: str) -> Texts:
        rule = self.layout.profile.columns.rules().get(key)
        if rule is None:
            return self.nothing(pa.string())
        texts = self.raw(rule)
        bad = not_decimal(texts)
        if bad is None:
            return texts
        self.fault(self.but_excused(bad, texts), key, texts, lambda text, _: _no_number(key, text))
        return pc.if_else(pa.array(bad), None, texts)

    def times(self) -> tuple[Column, Column, Column]:
        rule = self.layout.profile.columns.event_time
        texts = self.raw(rule)
        times = parse_times(texts, rule)
        bad = times.faults != 0
        if not bad.any():
            return pa.array(times.us), pa.array(times.nanos), self.dates(times, None)
        self.fault(
            self.but_excused(bad, texts), "event_time", texts,
            lambda text, row: reason(int(times.faults[row]), text, rule),
        )  # fmt: skip
        return pa.array(times.us, mask=bad), pa.array(times.nanos, mask=bad), self.dates(times, bad)

    def dates(self, times: Times, unknown: Mask | None) -> Column:
        rule = self.layout.profile.columns.trade_date
        if rule is not None:
            return self.given_dates(rule)
        days = to_local(times.us, self.layout.profile.dates.zone) // DAY
        return pa.array(days.astype(np.int32), mask=unknown).view(pa.date32())

    def given_dates(self, rule: Rule) -> Column:
        texts = self.raw(rule)
        coded = texts.dictionary_encode()
        days = pa.array([day(text) for text in coded.dictionary.to_pylist()], pa.date32())
        dates = pc.take(days, coded.indices)
        self.fault(_mask(dates.is_null()), "trade_date", texts, lambda text, _: _no_date(text))
        return dates

    def attributes(self) -> Texts:
        names = self.layout.attributes
        if not names:
            return self.nothing(pa.string())
        return json_objects({name: self.columns[name] for name in names})

    def but_excused(self, bad: Mask, texts: Texts) -> Mask:
        """Without the empty values of cancellations that give no more than the key."""
        if self.excused is None:
            return bad
        return bad & ~(self.excused & _mask(pc.equal(pc.binary_length(texts), 0)))

    def nothing(self, kind: pa.DataType) -> Column:
        nothing: Column = pa.scalar(None, kind)
        return pa.repeat(nothing, len(self.lines))


def _mapped(texts: Texts, values: Mapping[str, str | None]) -> tuple[Texts, Mask]:
    """The values that the texts stand for, and which texts are not listed."""
    places = pc.index_in(texts, pa.array(list(values), pa.string()))
    return pc.take(pa.array(list(values.values()), pa.string()), places), _mask(places.is_null())


def _mask(array: Column) -> Mask:
    return np.array(array.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _unknown(key: str, text: str, known: str) -> str:
    return f'{key} "{text[:60]}" is not in the profile, which knows: {known}'


def _no_date(text: str) -> str:
    return f'trade_date "{text[:60]}" is not a date (YYYY-MM-DD or YYYYMMDD)'


def _no_number(key: str, text: str) -> str:
    return f'{key} "{text[:60]}" is not a decimal number' if text else f"{key} is empty"
