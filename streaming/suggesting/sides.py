"""The words for buy and sell, and for what becomes of a trade."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from streaming.suggesting.names import unaccented

_BUY = {"buy", "b", "bot", "bought", "buyer", "buying", "purchase", "kauf", "gekauft", "achat", "compra", "c",
        "acquisto",
        "koop", "kupno", "kopt", "kop", "kjop", "kjopt", "long", "k", "bid", "1", "true", "+",
        "+1", "open buy", "買", "买", "买入", "매수"}  # fmt: skip
_SELL = {"sell", "s", "sld", "sold", "seller", "selling", "sale", "verkauf", "verkauft", "vente", "venta", "venda", "v",
         "vendita", "verkoop", "sprzedaz", "salt", "salj", "salg", "solgt", "short", "ask", "a", "offer", "2",
         "-1", "0", "false", "-", "売", "卖", "卖出", "매도"}  # fmt: skip
_WORDS = (
    {"buy", "bought", "kauf", "achat", "compra", "purchase"},
    {"sell", "sold", "verkauf", "vente", "venta", "sale"},
)
#: Letters of which each alone would mean something else: Ankauf and Verkauf, aankoop and verkoop; achat and vente.
_PAIRS = {frozenset("av"): {"a": "buy", "v": "sell"}}
_NONE = {"none", "n", "unknown", "u", "x", "na", "n/a", "undefined"}
#: Pairs of which the one and the other mean the sides beyond doubt.
_PLAIN = {"buy", "sell", "b", "s", "bot", "sld", "bought", "sold", "kauf", "verkauf", "achat", "vente", "compra",
          "venta", "venda", "buyer", "seller"}  # fmt: skip
_ACTIONS = {
    **dict.fromkeys(("new", "trade", "fill", "filled", "execution",
                     "executed", "insert", "add", "n", "t", "partial fill"), "new"),
    **dict.fromkeys(("correct", "correction", "corrected", "amend",
                     "amended", "amendment", "replace", "update", "modify"), "correct"),
    **dict.fromkeys(("cancel", "canceled", "cancelled", "cancellation",
                     "bust", "busted", "delete", "void", "reversal"), "cancel"),
    **dict.fromkeys(("order", "placement", "quote", "ack",
                     "acknowledged", "pending", "rejected", "heartbeat"), "ignore"),
}  # fmt: skip


def sides_of(texts: Collection[str]) -> tuple[dict[str, str], list[str]] | None:
    """What each text means as a side and those that mean none; None where the texts are no sides at all."""
    pair = _PAIRS.get(frozenset(text.strip().lower() for text in texts if text.strip()))
    found: dict[str, str] = {}
    other: list[str] = []
    for text in sorted(texts):
        side = pair.get(text.strip().lower()) if pair else _side(text)
        if side:
            found[text] = side
        else:
            other.append(text)
    meant = {side for side in found.values() if side != "none"}
    if not meant or len(found) > 40 or (other and not all(re.search(r"[A-Za-z]", text) for text in other)):
        return None
    return found, other


def _side(text: str) -> str | None:
    low = text.strip().lower()
    low = unaccented(low) or low
    for words, side in ((_BUY, "buy"), (_SELL, "sell"), (_NONE, "none")):
        if low in words:
            return side
    parts = set(re.findall(r"[a-z]+", low))
    buys, sells = bool(parts & _WORDS[0]), bool(parts & _WORDS[1])
    return ("buy" if buys else "sell") if buys != sells else None


def words_of(values: Mapping[str, str]) -> dict[str, str]:
    """The words by which texts say their sides: BOUGHT of "YOU BOUGHT ACME (Cash)"."""
    said = {"buy": _WORDS[0], "sell": _WORDS[1]}
    return {
        word: side
        for text, side in values.items()
        for word in re.findall(r"[A-Za-z]+", text)
        if word.lower() in said.get(side, ())
    }


def is_plain(texts: Collection[str]) -> bool:
    """Whether the texts say the sides beyond doubt; bid and ask, 1 and 2 or long and short do not."""
    words = [set(re.findall(r"[a-z]+", text.lower())) for text in texts]
    return all(parts & _PLAIN for parts in words)


def actions_of(texts: Collection[str]) -> dict[str, str] | None:
    """What each text does to a trade; None where one is not known or all of them only say that it is new."""
    found = {text: _ACTIONS.get(text.strip().lower(), "") for text in sorted(texts)}
    return (
        found if found and all(found.values()) and set(found.values()) != {"new"} and "new" in found.values() else None
    )
