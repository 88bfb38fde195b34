"""Which column is the price, the quantity, the side …: by its name where it has one, and by what it holds."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import mean, pstdev

from streaming.suggesting.kinds import Column
from streaming.suggesting.names import is_never, score, sure
from streaming.suggesting.sides import actions_of, sides_of

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_TICKER = re.compile(r"[A-Z][A-Z0-9.=^]{0,11}(?:[-/_ :][A-Z0-9.]{1,12}){0,3}")
_CURRENCY = re.compile(r"[A-Z]{3,5}")
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}\d")

_FITS: dict[str, Callable[[Column], bool]] = {
    "price": lambda one: bool(one.numbers),
    "quantity": lambda one: bool(one.numbers),
    "side": lambda one: one.numbers is None or len(one.distinct) <= 3,
    "symbol": lambda one: bool(one.texts) and not one.is_moment,
    "venue": lambda one: bool(one.texts) and len(one.distinct) <= 100,
    "trade_id": lambda one: bool(one.texts),
    "currency": lambda one: bool(one.texts) and all(map(_CURRENCY.fullmatch, one.distinct)),
    "account": lambda one: bool(one.texts),
    "action": lambda one: bool(one.texts) and bool(actions_of(one.distinct)),
    "version": lambda one: bool(one.numbers and one.numbers.whole),
}


@dataclass(slots=True)
class Roles:
    """The column of each role; `doubts` says of a role why it is not certain."""

    columns: dict[str, Column] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)

    def take(self, role: str, column: Column | None, doubt: str = "") -> None:
        """Give a column a role that is not given yet."""
        if column is not None and role not in self.columns:
            self.columns[role] = column
            if doubt:
                self.doubts[role] = doubt

    def free(self, columns: Sequence[Column]) -> list[Column]:
        """The columns without a role."""
        return [one for one in columns if one not in self.columns.values()]


def roles_of(columns: Sequence[Column], named: bool, taken: Sequence[Column]) -> Roles:
    """The roles of all columns but those of the time, which are `taken` already."""
    roles = Roles({f"time {n}": one for n, one in enumerate(taken)})
    products = products_of(columns)
    if named:
        for role in (
            "trade_id",
            "action",
            "side",
            "price",
            "quantity",
            "symbol",
            "venue",
            "currency",
            "account",
            "version",
        ):
            _by_name(role, roles, columns, products)
    _by_content(roles, columns, products, named)
    return roles


def _by_name(role: str, roles: Roles, columns: Sequence[Column], products: set[Column]) -> None:
    fit = [(score(one.name, role), one) for one in roles.free(columns) if _FITS[role](one)]
    if role == "side":
        fit = [(points, one) for points, one in fit if sides_of(one.distinct)]
    if role in ("price", "quantity"):
        fit = [(points, one) for points, one in fit if one not in products or points > 985]
    if role == "quantity":
        fit = [(points, one) for points, one in fit if not _is_money(one, [other for p, other in fit if p], roles)]
    points, best = max(((p, one) for p, one in fit if p), key=lambda pair: pair[0], default=(0, None))
    if best is None or (role == "trade_id" and not sure(points)):
        return
    doubt = "" if sure(points) else f'"{best.name}" is taken for it by part of its name'
    roles.take(role, best, doubt or _double_meaning(role, best))


def _is_money(column: Column, others: Sequence[Column], roles: Roles) -> bool:
    """Whether the column is the price times another one of such a name, which is then the quantity."""
    price = roles.columns.get("price")
    if price is None or not column.numbers or column.empty:
        return False
    factors = [one for one in others if one is not column and one.numbers and not one.empty]
    return any(_is_product_of(column, price, one) for one in factors)


def _double_meaning(role: str, column: Column) -> str:
    words = column.name.lower()
    if role == "quantity" and ("amount" in words or words in ("vol", "volume")):
        return f'is "{column.name}" the quantity traded, or money?'
    if role == "price" and words in ("rate", "exchange rate", "close", "last"):
        return f'is "{column.name}" the price of the trade?'
    return ""


def products_of(columns: Sequence[Column]) -> set[Column]:
    """Columns of which each number is the product of two others, which are then price and quantity."""
    numeric = [one for one in columns if one.numbers and not one.empty and len(one.distinct) > 1 and not one.is_moment]
    found = set()
    for total in numeric[:12]:
        for n, one in enumerate(numeric[:12]):
            for other in numeric[n + 1 : 12]:
                if total not in (one, other) and _is_product(total, one, other):
                    found.add(total)
    return found


def _is_product(total: Column, one: Column, other: Column) -> bool:
    sizes = [mean(map(abs, column.numbers.values[:50])) for column in (total, one, other) if column.numbers]
    return sizes[0] >= max(sizes[1:]) and _is_product_of(total, one, other)


def _is_product_of(total: Column, one: Column, other: Column) -> bool:
    values = [column.numbers.values[:50] for column in (total, one, other) if column.numbers]
    rows = list(zip(*values, strict=False))
    # A column of ones would make its neighbour a product of itself.
    factors = all(any(abs(abs(row[n]) - 1) > 0.001 for row in rows) for n in (1, 2))
    close = all(math.isclose(abs(t), abs(a * b), rel_tol=2e-3, abs_tol=1e-9) for t, a, b in rows)
    return factors and close and len(rows) > 1


def _by_content(roles: Roles, columns: Sequence[Column], products: set[Column], named: bool) -> None:
    why = "told by its contents only; is it right?"
    rest = roles.free(columns)
    if not named:
        roles.take("trade_id", next((one for one in rest if _is_id(one)), None), why)
        roles.take("side", next((one for one in roles.free(columns) if _is_side(one)), None), why)
        roles.take("symbol", next((one for one in roles.free(columns) if _is_symbol(one)), None), why)
    elif "side" not in roles.columns:
        roles.take("side", next((one for one in rest if _is_side(one) and one.numbers is None), None), why)
    if "price" in roles.columns and "quantity" in roles.columns:
        return
    numeric = [one for one in roles.free(columns) if _is_amount(one) and one not in products]
    if named:
        numeric = [
            one
            for one in numeric
            if not any(score(one.name, role) for role in ("trade_id", "account", "version"))
            and not any(is_never(one.name, role) for role in ("price", "quantity") if role not in roles.columns)
        ]
    _price_and_quantity(roles, numeric)


def _price_and_quantity(roles: Roles, numeric: list[Column]) -> None:
    why = "told by its contents only: is it the price, and the other one the quantity?"
    if "price" not in roles.columns and "quantity" in roles.columns:  # what is below zero is money paid
        numeric = [one for one in numeric if one.numbers and not one.numbers.signed]
    if len(numeric) < ("price" not in roles.columns) + ("quantity" not in roles.columns):
        return
    if "price" not in roles.columns and "quantity" not in roles.columns:
        first = numeric[0]
        # Numbers near the price are bids, asks and averages; what is nowhere near them is how much was traded.
        second = next((one for one in numeric[1:] if not _are_near(one, first)), numeric[1])
        # Prices of one sample lie close together, quantities do not.
        price, quantity = (second, first) if _spread(second) * 3 < _spread(first) else (first, second)
        roles.take("price", price, why)
        roles.take("quantity", quantity, why)
    elif "price" not in roles.columns or len(numeric) == 1:
        roles.take("price", numeric[0], why)
        roles.take("quantity", numeric[0], why)


def _are_near(one: Column, other: Column) -> bool:
    pairs = zip(*(column.numbers.values[:50] for column in (one, other) if column.numbers), strict=False)
    return all(math.isclose(a, b, rel_tol=0.02) for a, b in pairs)


def _spread(column: Column) -> float:
    values = [abs(value) for value in column.numbers.values if value] if column.numbers else []
    return pstdev(values) / mean(values) if values else 0.0


def _is_amount(column: Column) -> bool:
    return bool(column.numbers) and not column.is_moment and not column.is_day and len(column.distinct) > 1


def _is_id(column: Column) -> bool:
    if all(map(_UUID.fullmatch, column.some)) and column.some:
        return column.unique
    whole = column.numbers and column.numbers.whole and not column.numbers.keys and not column.unit
    if not whole or not column.unique or len(column.texts) < 2 or column.numbers is None:
        return False
    values = column.numbers.values
    return (
        list(values) == sorted(values)
        and min(values) >= 0
        and max(values) > 0
        and not any("." in t for t in column.some)
    )


def _is_side(column: Column) -> bool:
    found = sides_of(column.distinct) if len(column.distinct) <= 6 else None
    plain = found is not None and not found[1] and column.texts != []
    return plain and not column.distinct <= {"0", "1", "2", "-1", "true", "false", "True", "False", "C", "T", "A", "V"}


def _is_symbol(column: Column) -> bool:
    few = len(column.distinct) <= max(1, len(column.texts) // 2) or len(column.texts) < 5
    tickers = all(map(_TICKER.fullmatch, column.distinct)) or all(map(_ISIN.fullmatch, column.distinct))
    return (
        bool(column.texts)
        and column.numbers is None
        and few
        and tickers
        and all(len(one) > 1 for one in column.distinct)
    )
