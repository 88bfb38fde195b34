"""How a column's numbers are written: their decimal sign, groups, currency signs and brackets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_SIGNS = r"US\$|[$€£¥₹]|\b[A-Z]{3,4}(?=\s)|(?<=[\s\d])[A-Z]{3,5}\b"
_WRITINGS = (
    (".", None),
    (".", ","),
    (".", "'"),
    (".", "\u2019"),
    (".", " "),
    (",", None),
    (",", "."),
    (",", " "),
    (",", "\u00a0"),
    (",", "\u202f"),
)


@dataclass(frozen=True, slots=True)
class Written:
    """The keys of a number rule beside its origin, the numbers, and what is uncertain about them."""

    keys: dict[str, Any]
    values: tuple[float, ...]
    question: str = ""

    @property
    def whole(self) -> bool:
        """Whether no number has decimals."""
        return all(value == int(value) for value in self.values)

    @property
    def signed(self) -> bool:
        """Whether some are below zero."""
        return any(value < 0 for value in self.values)


def numbers_of(texts: Sequence[str], comma: bool = False) -> Written | None:
    """How these texts are numbers, None if they are none; `comma`: another column has decimal commas."""
    keys, bare = _bared(texts)
    fit = [(decimal, group) for decimal, group in _WRITINGS if _all(bare, decimal, group)]
    if not bare or not fit:
        return None
    decimal, group, question = _chosen(bare, fit, comma)
    keys |= {"decimal": decimal} if decimal != "." else {}
    keys |= {"thousands": group} if group else {}
    return Written(keys, tuple(_value(text, decimal, group) for text in bare), question)


def _bared(texts: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    keys: dict[str, Any] = {}
    if any(re.fullmatch(r"\(.*\)", text) for text in texts):
        keys["negative"] = "parentheses"
        texts = [re.sub(r"^\((.*)\)$", r"-\1", text) for text in texts]
    elif any(re.fullmatch(r"[\d.,]+-", text) for text in texts):
        keys["negative"] = "trailing"
        texts = [re.sub(r"^([^-].*)-$", r"-\1", text) for text in texts]
    signs = {found[0].strip() for text in texts for found in re.finditer(_SIGNS, text)}
    if signs:
        strip = "|".join(sorted(map(re.escape, signs)))
        bare = [re.sub(rf"^([+-]?)\s*(?:{strip})\s*|\s*(?:{strip})$", r"\1", text) for text in texts]
        return {"strip": strip, **keys}, bare
    return keys, list(texts)


def _all(texts: Sequence[str], decimal: str, group: str | None) -> bool:
    whole = r"\d*" if group is None else rf"(?:[1-9]\d{{0,2}}(?:{re.escape(group)}\d{{3}})+|\d*)"
    one = re.compile(rf"[+-]?(?=[.,]?\d){whole}(?:{re.escape(decimal)}\d*)?(?:[eE][+-]?\d{{1,3}})?")
    return all(one.fullmatch(text) and re.search(r"\d", text) for text in texts)


def _chosen(texts: Sequence[str], fit: list[tuple[str, str | None]], comma: bool) -> tuple[str, str | None, str]:
    plain = fit[0]
    if plain == (".", None):
        dotted = any("." in text for text in texts)
        if comma and dotted and (",", ".") in fit:
            return ",", ".", "other columns have decimal commas: is the point here a thousands sign?"
        return ".", None, ""
    if (".", ",") in fit and (",", None) in fit:
        told = "is the comma a decimal sign or one of thousands? All have three digits after it"
        return (",", None, told) if comma else (".", ",", told)
    return (*plain, "")


def _value(text: str, decimal: str, group: str | None) -> float:
    return float((text.replace(group, "") if group else text).replace(decimal, "."))
