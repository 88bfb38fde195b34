"""The numbers of trades: prices, quantities, versions, and the side that a number's sign tells."""

import pyarrow as pa

from streaming.kernels import Mask, Texts, empties, pc
from streaming.passage.rows import Rows
from streaming.profiles.rules import Columns, NumberRule
from streaming.values.numbers import decimals, signs
from streaming.values.refusals import no_number


def number(rows: Rows, key: str) -> Texts:
    """Plain decimals as text; null where there is none."""
    rule = rows.rules.rules().get(key)
    if not isinstance(rule, NumberRule):
        return rows.nothing(pa.string())
    found = rows.drawn(key, rule)
    texts, bad = decimals(found.texts, rule)
    if bad is not None and rule.empty != "reject":
        texts, bad = _filled(rows, found.texts, texts, bad, rule.empty)
    if bad is None or not bad.any():
        return texts
    rows.fault(rows.but_excused(bad, found.texts), key, found.raw, lambda text, _: no_number(key, text, rule))
    return pc.if_else(pa.array(bad), None, texts)


def _filled(rows: Rows, given: Texts, texts: Texts, bad: Mask, number: str) -> tuple[Texts, Mask]:
    """With the number that an empty text stands for, but for cancellations that give no more than the key."""
    blank = rows.but_excused(empties(given), given)
    return pc.if_else(pa.array(blank), number, texts), bad & ~blank


def side_by_sign(rows: Rows, column: str) -> Texts:
    """Buy above zero, sell below it; the number is written as another rule over the column has it."""
    rule = _written_as(column, rows.rules)
    found = rows.drawn("side", rule)
    texts, bad = decimals(found.texts, rule)
    if bad is not None:
        bad = rows.but_excused(bad, found.texts)
        rows.fault(bad, "side", found.raw, lambda text, _: no_number("side", text, rule))
    sign = signs(texts)
    zero = rows.but_excused(sign == 0, found.texts)
    rows.fault(zero, "side", found.raw, lambda text, _: f'side "{text[:60]}" is zero: its sign is neither side\'s')
    return pc.take(pa.array(["sell", None, "buy"], pa.string()), pa.array(sign + 1))


def _written_as(column: str, columns: Columns) -> NumberRule:
    """How the numbers of a column are written, with their sign."""
    rules = (rule for rule in columns.rules().values() if isinstance(rule, NumberRule) and rule.column == column)
    rule = next(rules, NumberRule(column=column))
    return rule.model_copy(update={"absolute": False}) if rule.absolute else rule
