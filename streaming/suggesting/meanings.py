"""What the words of a column stand for: the sides, what becomes of a trade, and lines that are none."""

from __future__ import annotations

import re
from typing import Any

from streaming.errors import SuggestError
from streaming.suggesting.kinds import Column
from streaming.suggesting.names import plain
from streaming.suggesting.said import Said, Settings
from streaming.suggesting.sides import actions_of, is_plain, sides_of, words_of

LONG = 20  # characters of a text that says more than the side


def side_of(column: Column, name: str) -> tuple[Said, list[str]]:
    """The rule for the side, and the texts that are none; raises SuggestError where no text is one."""
    found = sides_of(column.distinct)
    if found is None:
        raise SuggestError(f"{column.name} holds no sides")
    values, other = dict(found[0]), found[1]
    if "maker" in plain(column.name).split():
        values = {text: {"buy": "sell", "sell": "buy"}.get(side, side) for text, side in values.items()}
        why = "where the buyer is the maker, the seller was the aggressor"
        return Said(_rule(column, name, values, other), (why,)), other
    said = Said(_rule(column, name, values, other))
    if not is_plain([text for text, side in values.items() if side != "none"]):
        said = said.asking(f"which of {', '.join(filter(None, values))} is a buy?")
    return said, other


def _rule(column: Column, name: str, values: dict[str, str], other: list[str]) -> dict[str, Any]:
    if not column.empty and any(len(text) > LONG for text in values) and (words := words_of(values)):
        return {"column": name, "pattern": rf"\b(?P<value>{'|'.join(words)})\b", "values": words}
    return {"column": name, "values": values | ({"": "none"} if column.empty and not other else {})}


def no_trades(column: Column, name: str, texts: list[str]) -> Settings:
    """The rule for lines with texts that are no sides."""
    listed: list[str] = [*texts, *([""] if column.empty else [])]
    asked = "these texts are neither a buy nor a sell: are such lines no trades?"
    found = Said(listed, (), (asked,))
    if column.padded:
        found = Said(rf"^\s*(?:{'|'.join(map(re.escape, listed))})\s*$", (), (asked,))
    return {
        "column": Said(name),
        "pattern" if column.padded else "values": found,
        "reason": Said(f"{name} is neither a buy nor a sell"),
    }


def action_of(column: Column, name: str, has_id: bool) -> Said | None:
    """The rule for what becomes of a trade; None where the texts do not tell it."""
    values = actions_of(column.distinct)
    if values is None:
        return None
    asked = "is this what these texts do to a trade?"
    if not has_id:
        values = {text: "ignore" if what in ("correct", "cancel") else what for text, what in values.items()}
        asked += " Corrections and cancellations need an id, to say of which trade; without one they are passed over"
    return Said({"column": name, "values": values}, (), (asked,))
