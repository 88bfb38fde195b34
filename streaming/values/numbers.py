"""Exact decimals: checked as text and handed on unchanged, so that no digit is lost.

What a vendor writes otherwise (units, groups, decimal commas, scaled integers) becomes a plain decimal by moving
characters, never by arithmetic in floating point.
"""

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streaming.kernels import Texts, pc, text_bytes
from streaming.profiles.number_rules import NumberRule

# Three digits of exponent and 1,000 characters are far inside what PostgreSQL's numeric takes.
DECIMAL = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"
PARTS = r"^(?P<sign>[+-]?)(?P<whole>[0-9]*)\.?(?P<part>[0-9]*)(?:[eE](?P<power>[+-]?[0-9]+))?$"
ZERO = r"^[+-]?[0.]*(?:[eE].*)?$"
BLANKS = r"[\s\x{a0}\x{202f}]*"
LONGEST = 1000

Mask = npt.NDArray[np.bool_]


def decimals(texts: Texts, rule: NumberRule) -> tuple[Texts, Mask | None]:
    """The numbers as plain decimals, and which texts are none as the rule has them; None if all are."""
    if rule.plain:
        return texts, not_decimal(texts)
    texts, wrong = _written_plainly(texts, rule)
    bad = _either(wrong, not_decimal(texts))
    if bad is not None:
        texts = pc.if_else(pa.array(bad), "0", texts)
    if rule.absolute:
        texts = pc.utf8_ltrim(texts, "+-")
    return (shifted(texts, rule.places) if rule.places else texts), bad


def signs(texts: Texts) -> npt.NDArray[np.int8]:
    """-1, 0 or 1 for each plain decimal."""
    below, zero = pc.starts_with(texts, "-"), pc.match_substring_regex(texts, ZERO)
    found = pc.if_else(zero, pa.scalar(0, pa.int8()), pc.if_else(below, pa.scalar(-1, pa.int8()), 1))
    return np.array(found.to_numpy(zero_copy_only=False), dtype=np.int8)


def shifted(texts: Texts, places: int) -> Texts:
    """Plain decimals divided by 10 to the power of `places`, to the last digit."""
    if holds(texts, b"e", b"E"):
        return _by_power(texts, places)
    if not holds(texts, b".", b"-", b"+"):
        return _point_moved(texts, places)
    sign, whole, part, _ = _parts(texts)
    return pc.binary_join_element_wise(sign, _point_moved(whole, places), part, "")


def _point_moved(digits: Texts, places: int) -> Texts:
    digits = pc.utf8_lpad(digits, places + 1, "0")
    head, tail = pc.utf8_slice_codeunits(digits, 0, -places), pc.utf8_slice_codeunits(digits, -places)
    return pc.binary_join_element_wise(head, ".", tail, "")


def _by_power(texts: Texts, places: int) -> Texts:
    sign, whole, part, power = _parts(texts)
    lifted = pc.cast(pc.utf8_ltrim(pc.if_else(pc.equal(power, ""), "0", power), "+"), pa.int64())
    lowered = pc.cast(pc.subtract(lifted, places), pa.string())
    mantissa = pc.if_else(pc.equal(part, ""), whole, pc.binary_join_element_wise(whole, ".", part, ""))
    return pc.binary_join_element_wise(sign, mantissa, "e", lowered, "")


def _parts(texts: Texts) -> list[Texts]:
    found = pc.extract_regex(texts, PARTS)
    return [pc.struct_field(found, [n]) for n in range(4)]


def _written_plainly(texts: Texts, rule: NumberRule) -> tuple[Texts, Mask | None]:
    """A point as decimal sign, a sign in front, no groups; and which texts contradict the rule."""
    if rule.strip is not None:
        texts = _stripped(texts, rule.strip)
    if rule.negative == "parentheses" and holds(texts, b"("):
        texts = pc.replace_substring_regex(texts, r"^\((.*)\)$", r"-\1")
    if rule.negative == "trailing" and holds(texts, b"-", b"+"):
        texts = pc.replace_substring_regex(texts, r"^([^+-].*)([+-])$", r"\2\1")
    wrong = None
    if rule.thousands is not None and holds(texts, rule.thousands.encode()):
        texts, wrong = _ungrouped(texts, rule.thousands, rule.decimal)
    if rule.decimal == ",":
        wrong = _either(wrong, _mask(pc.match_substring(texts, ".")) if holds(texts, b".") else None)
        texts = pc.replace_substring(texts, ",", ".")
    return texts, wrong


def _stripped(texts: Texts, strip: str) -> Texts:
    # Only before and after the number: what stands between its digits is no unit.
    last = re.compile(strip).groups + 1
    texts = pc.replace_substring_regex(texts, rf"^([+(-]*){BLANKS}(?:{strip}){BLANKS}", r"\1")
    return pc.replace_substring_regex(texts, rf"{BLANKS}(?:{strip}){BLANKS}([+)-]*)$", rf"\{last}")


def _ungrouped(texts: Texts, mark: str, decimal: str) -> tuple[Texts, Mask]:
    has = pc.match_substring(texts, mark)
    grouped = rf"^[+-]?[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+(?:{re.escape(decimal)}[0-9]*)?$"
    good = pc.match_substring_regex(texts, grouped)
    return pc.if_else(good, pc.replace_substring(texts, mark, ""), texts), _mask(pc.and_not(has, good))


def not_decimal(texts: Texts) -> Mask | None:
    """Which texts are no decimal numbers; None if all are."""
    if _all_plain(texts):
        return None
    good = pc.and_(pc.match_substring_regex(texts, DECIMAL), pc.less_equal(pc.binary_length(texts), LONGEST))
    bad: Mask = ~_mask(good)
    return bad if bad.any() else None


def holds(texts: Texts, *marks: bytes) -> bool:
    """Whether any of the marks stands anywhere in the column's bytes (or near it, if it is a slice)."""
    data = text_bytes(texts)
    return any(mark in data for mark in marks)


def _either(one: Mask | None, other: Mask | None) -> Mask | None:
    if one is None or other is None:
        return other if one is None else one
    return one | other


def _mask(array: Texts) -> Mask:
    return np.array(array.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _all_plain(texts: Texts) -> bool:
    # The cast to float is four times as fast as the expression and refuses all that it refuses, but for
    # nan, inf (not finite) and wild exponents (an "e"), which are left to the expression.
    if holds(texts, b"e", b"E") or (pc.max(pc.binary_length(texts)).as_py() or 0) > LONGEST:
        return False
    try:
        return bool(pc.all(pc.is_finite(pc.cast(texts, pa.float64()))).as_py())
    except pa.ArrowInvalid:
        return False
