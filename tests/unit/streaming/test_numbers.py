"""Numbers are exact in every way that a vendor writes them, and refused where they could mean two things."""

from decimal import Decimal, localcontext
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.profiles.rules import NumberRule
from streaming.values.numbers import decimals, shifted, signs
from streaming.values.refusals import no_number


def read(*texts: str, **rule: Any) -> list[str | None]:
    """The plain decimals, None for what is refused."""
    found, bad = decimals(pa.array(texts, pa.string()), NumberRule(column="x", **rule))
    refused = bad.tolist() if bad is not None else [False] * len(texts)
    return [None if no else text for text, no in zip(found.to_pylist(), refused, strict=True)]


GERMAN: dict[str, Any] = {"decimal": ",", "thousands": "."}
ENGLISH: dict[str, Any] = {"thousands": ","}


@pytest.mark.parametrize(
    ("text", "rule", "number"),
    [
        ("491800", {"scale": 10000}, "49.1800"),
        ("5", {"scale": 10000}, "0.0005"),
        ("-5", {"scale": 100}, "-0.05"),
        ("1.25", {"scale": 100}, "0.0125"),
        ("3720250000000", {"scale": 10**9}, "3720.250000000"),
        ("1.5e3", {"scale": 10000}, "1.5e-1"),
        ("1E-7", {"scale": 10}, "1e-8"),
        ("1,234.50", ENGLISH, "1234.50"),
        ("1,234,567", ENGLISH, "1234567"),
        ("1234.5", ENGLISH, "1234.5"),
        ("1.234,5", GERMAN, "1234.5"),
        ("1234,5", GERMAN, "1234.5"),
        ("-1.234.567,89", GERMAN, "-1234567.89"),
        ("0,5", GERMAN, "0.5"),
        ("1 234,5", {"decimal": ",", "thousands": " "}, "1234.5"),
        ("1'234.5", {"thousands": "'"}, "1234.5"),
        ("$1,234.5", {"strip": r"\$", **ENGLISH}, "1234.5"),
        ("-$1,234.5", {"strip": r"\$", **ENGLISH}, "-1234.5"),
        ("$-5", {"strip": r"\$"}, "-5"),
        ("£12", {"strip": "£"}, "12"),
        ("12 ETH", {"strip": "[A-Z]{3,4}"}, "12"),
        ("12\u00a0€", {"strip": "€"}, "12"),
        ("USD 1,000.00", {"strip": "(USD|EUR)", **ENGLISH}, "1000.00"),
        ("(1.5)", {"negative": "parentheses"}, "-1.5"),
        ("($1,234.50)", {"negative": "parentheses", "strip": r"\$", **ENGLISH}, "-1234.50"),
        ("1.5-", {"negative": "trailing"}, "-1.5"),
        ("-200", {"absolute": True}, "200"),
        ("-200", {"absolute": True, "scale": 100}, "2.00"),
        ("(1.234,5)", {"negative": "parentheses", "absolute": True, "scale": 10, **GERMAN}, "123.45"),
    ],
)
def test_numbers_are_read_as_the_vendor_writes_them(text: str, rule: dict[str, Any], number: str) -> None:
    assert read(text, **rule) == [number]
    assert read("x", text, "1", **rule)[1] == number


@pytest.mark.parametrize(
    ("text", "rule", "cure"),
    [
        ("(1.5)", {}, 'set negative = "parentheses"'),
        ("(-1.5)", {"negative": "parentheses"}, ""),
        ("1.5-", {}, 'set negative = "trailing"'),
        ("1,5", {}, 'set decimal = ","'),
        ("1,5", ENGLISH, "must stand before every three digits"),
        ("1,2345", ENGLISH, "every three digits"),
        ("12,34,567", ENGLISH, "every three digits"),
        ("0,123", ENGLISH, "every three digits"),
        ("1234,567", ENGLISH, "every three digits"),
        (",123", ENGLISH, "every three digits"),
        ("1.234,5", {"decimal": ","}, 'set thousands = "."'),
        ("1.5", {"decimal": ","}, 'set thousands = "."'),
        ("1.5", GERMAN, "every three digits"),
        ("1,234.5", GERMAN, "every three digits"),
        ("1,2,3", {"decimal": ","}, ""),
        ("$5", {}, "set strip or pattern"),
        ("5 ETH", {}, "set strip or pattern"),
        ("1$5", {"strip": r"\$"}, ""),
        ("1,5", {"strip": ","}, "set decimal"),
        (" 5", {}, "set trim = true"),
        ("--5", {"absolute": True}, ""),
        ("", {"scale": 10}, "is empty"),
        ("abc", {"scale": 10}, ""),
        ("nan", {"absolute": True}, ""),
    ],
)
def test_what_could_mean_two_things_or_nothing_is_refused_with_the_cure(
    text: str, rule: dict[str, Any], cure: str
) -> None:
    assert read("1", text, "2", **rule)[1] is None
    assert cure in no_number("price", text, NumberRule(column="x", **rule))


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12)
PLAIN = st.from_regex(r"[+-]?([0-9]{1,20}\.?[0-9]{0,20}|\.[0-9]{1,20})([eE][+-]?[0-9]{1,2})?", fullmatch=True)
ASCII_PLAIN = PLAIN.filter(str.isascii)


@given(st.lists(ASCII_PLAIN, min_size=1, max_size=20), st.integers(1, 12))
def test_scaling_agrees_with_decimal(texts: list[str], places: int) -> None:
    moved = shifted(pa.array(texts, pa.string()), places).to_pylist()
    with localcontext(prec=100):
        assert [Decimal(text) for text in moved] == [Decimal(text).scaleb(-places) for text in texts]


@given(st.lists(ASCII_PLAIN, min_size=1, max_size=20))
def test_signs_agree_with_decimal(texts: list[str]) -> None:
    found = signs(pa.array(texts, pa.string())).tolist()
    assert found == [(Decimal(text) > 0) - (Decimal(text) < 0) for text in texts]


@given(st.lists(NUMBERS, min_size=1, max_size=20), st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'")]))
def test_grouped_numbers_agree_with_decimal(numbers: list[Decimal], marks: tuple[str, str]) -> None:
    decimal, thousands = marks
    texts = [f"{n:,.6f}".translate({ord("."): decimal, ord(","): thousands}) for n in numbers]
    found = read(*texts, decimal=decimal, thousands=thousands)
    assert [Decimal(text or "nan") for text in found] == numbers


@given(st.text("0123456789.,+-() $eE", max_size=12), st.sampled_from([{}, ENGLISH, GERMAN]))
def test_whatever_is_taken_has_one_meaning(text: str, rule: dict[str, Any]) -> None:
    (found,) = read(text, **rule)
    if found is not None:
        mark, group = rule.get("decimal", "."), rule.get("thousands", "")
        assert Decimal(found) == Decimal(text.replace(group, "").replace(mark, ".") if group else text)
        assert text.count(mark) <= 1


def test_an_empty_number_may_be_declared(read: Any, row: Any, trades: Any) -> None:
    profile = trades(columns={"quantity": {"column": "qty", "empty": "0", "scale": 100}})
    done = read(row(qty=""), profile)
    assert (done.rejects, done.trades[0]["quantity"]) == ([], "0")
    assert read(row(qty="x"), profile).counts.rejected == 1


def test_value_and_unit_may_share_a_field(read: Any, row: Any, trades: Any) -> None:
    amount = r"^(?P<value>[0-9.,]+) *(?:[A-Z]+)$"
    profile = trades(
        columns={
            "quantity": {"column": "qty", "pattern": amount},
            "currency": {"column": "qty", "pattern": r" (?P<value>[A-Z]+)$"},
        }
    )
    trade = read(row(qty="12.5 ETH"), profile).trades[0]
    assert (trade["quantity"], trade["currency"]) == ("12.5", "ETH")
    ((_, column, reason),) = read(row(qty="12.5"), profile).reasons
    assert (column, reason.startswith('quantity "12.5": the profile\'s pattern')) == ("qty", True)


SIGNED = {"side": {"sign_of": "qty"}, "quantity": {"column": "qty", "absolute": True, "decimal": ","}}


@pytest.mark.parametrize(("qty", "side", "quantity"), [("5", "buy", "5"), ("-5", "sell", "5"), ("-0,5", "sell", "0.5")])
def test_a_signed_quantity_tells_the_side(read: Any, row: Any, trades: Any, qty: str, side: str, quantity: str) -> None:
    done = read(row(qty=f'"{qty}"'), trades(columns=SIGNED))
    assert (done.rejects, done.trades[0]["side"], done.trades[0]["quantity"]) == ([], side, quantity)


@pytest.mark.parametrize(
    ("qty", "why"), [("0", "is zero"), ("-0,00", "is zero"), ("", "side is empty"), ("x", "decimal")]
)
def test_what_has_no_sign_has_no_side(read: Any, row: Any, trades: Any, qty: str, why: str) -> None:
    ((_, column, reason),) = read(row(qty=f'"{qty}"'), trades(columns=SIGNED)).reasons
    assert (column, why in reason) == ("qty", True)
