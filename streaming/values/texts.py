"""The text that a rule is about: taken from the file, the path or the profile, then joined, trimmed and cut."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from streaming.kernels import Mask, Texts, as_mask, empties, pc
from streaming.profiles.origins import Joined
from streaming.profiles.rules import Rule, TextRule


class Refusal(NamedTuple):
    """Rows in which a rule finds no text, and why."""

    rows: Mask
    why: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A rule's texts as they stand, what the rule goes on with, and rows in which it finds nothing."""

    raw: Texts
    texts: Texts
    refusals: tuple[Refusal, ...] = ()


def drawn(rule: Rule, columns: Mapping[str, Texts], path: Mapping[str, str], rows: int) -> Drawn:
    """Take the rule's texts from the columns of a file and the groups of its path."""
    if isinstance(rule, Joined) and rule.columns:
        raw, refusals = _joined(rule, [_trimmed(columns[name], rule) for name in rule.columns])
    else:
        raw, refusals = _origin(rule, columns, path, rows), ()
    texts = _trimmed(raw, rule)
    if rule.pattern is None:
        return Drawn(raw, texts, refusals)
    texts, missed = _cut(texts, rule.pattern)
    return Drawn(raw, texts, (*refusals, Refusal(missed, f"the profile's pattern {rule.pattern} finds no value in it")))


def mapped(texts: Texts, values: Mapping[str, str | None], case: str) -> tuple[Texts, Mask]:
    """The values that the texts stand for (null where they are not listed), and which are not listed."""
    keys = list(values)
    if case == "ignore":
        texts, keys = pc.utf8_lower(texts), [key.lower() for key in keys]
    places = pc.index_in(texts, pa.array(keys, pa.string()))
    return pc.take(pa.array(list(values.values()), pa.string()), places), as_mask(places.is_null())


def _origin(rule: Rule, columns: Mapping[str, Texts], path: Mapping[str, str], rows: int) -> Texts:
    if rule.column is not None:
        return columns[rule.column]
    text = rule.const if rule.const is not None else path[rule.path or ""]
    return pa.repeat(pa.scalar(text, pa.string()), rows)


def _trimmed(texts: Texts, rule: Rule) -> Texts:
    return pc.utf8_trim_whitespace(texts) if rule.trim else texts


def _cut(texts: Texts, pattern: str) -> tuple[Texts, Mask]:
    """The group `value` of each text, and which texts have none though they are not empty."""
    found = pc.extract_regex(texts, pattern)
    value = pc.fill_null(pc.struct_field(found, "value"), "")
    return value, as_mask(found.is_null()) & ~empties(texts)


def _joined(rule: Joined, parts: list[Texts]) -> tuple[Texts, tuple[Refusal, ...]]:
    """One text of all parts, empty where all of them are."""
    text = rule.separator if isinstance(rule, TextRule) else " "
    blank = [empties(part) for part in parts]
    none, some = blank[0].copy(), blank[0].copy()
    for one in blank[1:]:
        none, some = none & one, some | one
    whole = pc.binary_join_element_wise(*parts, text)
    if none.any():
        whole = pc.if_else(pa.array(none), "", whole)
    return whole, tuple(_refusals(rule, parts, some & ~none)) if isinstance(rule, TextRule) else ()


def _refusals(rule: TextRule, parts: list[Texts], incomplete: Mask) -> list[Refusal]:
    refusals = []
    if rule.empty_parts == "refuse" and incomplete.any():
        why = f'one of {", ".join(rule.columns)} is empty: if it may be, set empty_parts = "keep"'
        refusals.append(Refusal(incomplete, why))
    if rule.separator:
        # In the last part it can do no harm: the others end before it.
        for name, part in zip(rule.columns[:-1], parts[:-1], strict=True):
            inside = as_mask(pc.match_substring(part, rule.separator))
            refusals.append(Refusal(inside, f'column "{name}" holds the separator {rule.separator}: set another one'))
    return refusals
