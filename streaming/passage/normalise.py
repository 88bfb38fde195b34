"""Columns of text become columns of trades by the profile's rules; what does not is a fault with its reason.

Pure, whole columns at once: no row becomes a Python object unless it is rejected.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from sinks.trade import CANCEL, STAGED
from streaming.kernels import Texts
from streaming.passage.amounts import number
from streaming.passage.layout import Layout
from streaming.passage.lines import Ignored, ignored
from streaming.passage.moments import moments
from streaming.passage.rows import Fault, Rows
from streaming.passage.words import Codes, action, side, text
from streaming.values.attributes import json_objects
from streaming.values.zones import Ints

NO_TRADES = pa.RecordBatch.from_pylist([], STAGED)


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
        return _normalised(Rows(columns, lines, layout))
    places = np.flatnonzero(~others.rows)
    left = Rows(_only(columns, places), lines[places], layout)
    done = _normalised(left) if len(places) else Normalised(NO_TRADES, [])
    return Normalised(done.trades, [fault._replace(row=int(places[fault.row])) for fault in done.faults], others)


def _only(columns: Mapping[str, Texts], rows: Ints) -> dict[str, Texts]:
    places = pa.array(rows)
    return {name: texts.take(places) for name, texts in columns.items()}


def row_values(columns: Mapping[str, Texts], layout: Layout) -> tuple[dict[str, Any], Fault | None]:
    """What each rule makes of a single row (STAGED's names; placeholders where it fails), and the fault."""
    rows = Rows(columns, np.ones(1, np.int64), layout)
    batch = _judged(rows)
    return dict(batch.to_pylist()[0]), rows.faults.get(0)


def _normalised(rows: Rows) -> Normalised:
    batch = _judged(rows)
    if not rows.faults:
        return Normalised(batch, [])
    keep = np.ones(len(rows.lines), np.bool_)
    keep[list(rows.faults)] = False
    return Normalised(batch.filter(pa.array(keep)), [fault for _, fault in sorted(rows.faults.items())])


def _judged(rows: Rows) -> pa.RecordBatch:
    """All rows, good or not."""
    actions = action(rows)
    if actions is not None and (actions == CANCEL).any():
        rows.excused = actions == CANCEL
    return _batch(rows, actions)


def _batch(rows: Rows, actions: Codes | None) -> pa.RecordBatch:
    us, nanos, trade_date = moments(rows)
    values = {
        "line": pa.array(rows.lines, pa.int64()),
        "action": pa.array(np.zeros(len(rows.lines), np.int8) if actions is None else actions, pa.int8()),
        "trade_id": text(rows, "trade_id", required=True),
        "symbol": text(rows, "symbol", required=True),
        "venue": text(rows, "venue", required=True),
        "trade_date": trade_date,
        "event_us": us,
        "event_nanos": nanos,
        "side": side(rows),
        "price": number(rows, "price"),
        "quantity": number(rows, "quantity"),
        "currency": text(rows, "currency"),
        "account": text(rows, "account"),
        "version": number(rows, "version"),
        "attributes": _attributes(rows),
    }
    return pa.record_batch([values[name] for name in STAGED.names], schema=STAGED)


def _attributes(rows: Rows) -> Texts:
    names = rows.layout.attributes
    return json_objects({name: rows.columns[name] for name in names}) if names else rows.nothing(pa.string())
