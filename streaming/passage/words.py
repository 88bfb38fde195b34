"""The texts of trades, and those that stand for something: a side, or what becomes of the trade."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sinks.trade import CANCEL, CORRECT, NEW
from streaming.kernels import Texts, empties, pc
from streaming.passage.amounts import side_by_sign
from streaming.passage.rows import Rows
from streaming.profiles.rules import TextRule
from streaming.values.texts import mapped

ACTIONS = {"new": NEW, "correct": CORRECT, "cancel": CANCEL}

Codes = npt.NDArray[np.int8]


def text(rows: Rows, key: str, required: bool = False) -> Texts:
    """A text of the trade; an empty one is null, and a fault where it is required."""
    rule = rows.rules.rules().get(key)
    if not isinstance(rule, TextRule):
        return rows.nothing(pa.string())
    found = rows.drawn(key, rule)
    texts = pc.utf8_upper(found.texts) if rule.upper else found.texts
    if rule.values is not None:
        texts = _listed(rows, key, rule, rule.values, texts, found.raw)
    empty = empties(texts)
    if required:
        rows.fault(empty, key, texts, lambda _, __: f"{key} is empty")
    return pc.if_else(pa.array(empty), None, texts) if empty.any() else texts


def _listed(rows: Rows, key: str, rule: TextRule, values: dict[str, str], texts: Texts, raw: Texts) -> Texts:
    """What the texts stand for; of those that are not listed, the rule's `other` says what becomes."""
    meant, unknown = mapped(texts, values, rule.case)
    if rule.other == "keep":
        return pc.coalesce(meant, texts)
    if unknown.any():
        known = ", ".join(values)
        rows.fault(unknown & ~empties(texts), key, raw, lambda text, _: _unknown(key, text, known))
    return pc.fill_null(meant, "")


def side(rows: Rows) -> Texts:
    """buy, sell or null."""
    rule = rows.rules.side
    if rule is None:
        return rows.nothing(pa.string())
    if rule.sign_of is not None:
        return side_by_sign(rows, rule.sign_of)
    found = rows.drawn("side", rule)
    sides, unknown = mapped(found.texts, {k: None if v == "none" else v for k, v in rule.values.items()}, rule.case)
    known = ", ".join(rule.values)
    rows.fault(rows.but_excused(unknown, found.texts), "side", found.raw, lambda t, _: _unknown("side", t, known))
    return sides


def action(rows: Rows) -> Codes | None:
    """What each row does to its trade, in the codes of sinks.trade; None where all are new."""
    rule = rows.rules.action
    if rule is None:
        return None
    found = rows.drawn("action", rule)
    words, unknown = mapped(found.texts, dict(rule.values), rule.case)
    known = ", ".join(rule.values)
    rows.fault(unknown, "action", found.raw, lambda text, _: _unknown("action", text, known))
    places = pc.index_in(words, pa.array(list(ACTIONS)))
    codes = pc.take(pa.array(list(ACTIONS.values()), pa.int8()), places)
    return np.array(pc.fill_null(codes, NEW).to_numpy(zero_copy_only=False), dtype=np.int8)


def _unknown(key: str, text: str, known: str) -> str:
    return f'{key} "{text[:60]}" is not in the profile, which knows: {known}'
