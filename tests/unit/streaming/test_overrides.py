"""A feed's single settings over its profile: merged by key, before the whole is checked."""

from typing import Any

import pytest

from streaming.profiles.overrides import merged

PROFILE: dict[str, Any] = {
    "dialect": {"delimiter": ",", "columns": ["a", "b"]},
    "columns": {
        "price": "px",
        "symbol": {"path": "symbol", "upper": True},
        "side": {"column": "s", "values": {"B": "buy"}},
    },
    "path": {"pattern": "x"},
}


@pytest.mark.parametrize(
    ("override", "at", "expected"),
    [
        ({"dialect.delimiter": ";"}, "dialect", {"delimiter": ";", "columns": ["a", "b"]}),
        ({"dialect": {"delimiter": ";"}}, "dialect", {"delimiter": ";", "columns": ["a", "b"]}),
        ({"dialect.columns": ["c"]}, "dialect", {"delimiter": ",", "columns": ["c"]}),
        ({"path.pattern": "y"}, "path", {"pattern": "y"}),
        ({"dates.zone": "Europe/Paris"}, "dates", {"zone": "Europe/Paris"}),
    ],
)
def test_a_key_is_put_into_its_table_and_the_rest_stays(override: Any, at: str, expected: Any) -> None:
    assert merged(PROFILE, override)[at] == expected
    assert {key: value for key, value in merged(PROFILE, override).items() if key != at} == {
        key: value for key, value in PROFILE.items() if key != at
    }


@pytest.mark.parametrize(
    ("override", "rule", "expected"),
    [
        ({"columns.price.scale": 100}, "price", {"column": "px", "scale": 100}),
        ({"columns.price": "p"}, "price", "p"),
        ({"columns.price": "p", "columns.price.scale": 10}, "price", {"column": "p", "scale": 10}),
        ({"columns.symbol.const": "X"}, "symbol", {"const": "X", "upper": True}),
        ({"columns.symbol": {"const": "X"}}, "symbol", {"const": "X", "upper": True}),
        ({"columns.symbol.upper": False}, "symbol", {"path": "symbol", "upper": False}),
        ({"columns.side.values": {"S": "sell"}}, "side", {"column": "s", "values": {"B": "buy", "S": "sell"}}),
        ({"columns": {"side": {"values": {"a.b": "buy"}}}}, "side",
         {"column": "s", "values": {"B": "buy", "a.b": "buy"}}),
    ],
)  # fmt: skip
def test_a_rule_keeps_what_is_not_set_anew_but_its_origin_is_one(override: Any, rule: str, expected: Any) -> None:
    assert merged(PROFILE, override)["columns"][rule] == expected


def test_false_takes_a_rule_away() -> None:
    assert set(merged(PROFILE, {"columns.price": False})["columns"]) == {"symbol", "side"}


def test_the_profile_itself_stays_as_it_was() -> None:
    before = repr(PROFILE)
    merged(PROFILE, {"columns.side.values": {"S": "sell"}, "dialect.delimiter": ";"})
    assert repr(PROFILE) == before
