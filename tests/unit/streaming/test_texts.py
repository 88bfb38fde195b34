"""Texts are joined, trimmed, cut and looked up as declared; what cannot be told apart is refused."""

from typing import Any

import pytest

from streaming.errors import FileBroken
from streaming.explain import explain
from streaming.profiles.profile import Profile

ID = {"trade_id": {"columns": ["account", "id"]}}


def test_a_trade_id_may_be_made_of_several_columns(read: Any, row: Any, trades: Any) -> None:
    trade = read(row(account="A7"), trades(columns=ID)).trades[0]
    assert (trade["trade_id"], trade["attributes"]) == ("A7|t1", None)
    bare = trades(columns={"symbol": {"columns": ["base", "quote"], "separator": ""}})
    assert read(row(base="BTC", quote="USD"), bare).trades[0]["symbol"] == "BTCUSD"


@pytest.mark.parametrize(
    ("account", "id_", "why"),
    [
        ("", "t1", 'set empty_parts = "keep"'),
        ("A7", "", 'set empty_parts = "keep"'),
        ("", "", "trade_id is empty"),
        ("A|7", "t1", 'column "account" holds the separator |'),
    ],
)
def test_a_composite_that_could_be_another_ones_is_refused(
    read: Any, row: Any, trades: Any, account: str, id_: str, why: str
) -> None:
    ((_, column, reason),) = read(row(account=account, id=id_), trades(columns=ID)).reasons
    assert (column, why in reason) == ("account, id", True)


def test_the_last_part_may_hold_the_separator_and_parts_may_be_declared_optional(
    read: Any, row: Any, trades: Any
) -> None:
    assert read(row(account="A7", id="t|1"), trades(columns=ID)).trades[0]["trade_id"] == "A7|t|1"
    kept = trades(columns={"trade_id": {**ID["trade_id"], "empty_parts": "keep"}})
    assert read(row(account="", id="t1"), kept).trades[0]["trade_id"] == "|t1"
    assert read(row(account="", id=""), kept).reasons[0][2] == "trade_id is empty"


def test_an_optional_composite_may_be_empty_as_a_whole(read: Any, row: Any, trades: Any) -> None:
    profile = trades(columns={"account": {"columns": ["a", "b"], "separator": "/"}})
    assert read(row(a="", b=""), profile).trades[0]["account"] is None
    assert read(row(a="x", b="y"), profile).trades[0]["account"] == "x/y"
    assert read(row(a="x", b=""), profile).counts.rejected == 1


def test_a_missing_column_of_a_composite_is_named(read: Any, row: Any, trades: Any) -> None:
    with pytest.raises(FileBroken, match=r'no column "account" \(for trade_id\)'):
        read(row(), trades(columns=ID))
    with pytest.raises(FileBroken, match=r'no column "signed" \(for side\)'):
        read(row(), trades(columns={"side": {"sign_of": "signed"}}))
    with pytest.raises(FileBroken, match=r'no column "day" \(for event_time\)'):
        read(row(), trades(columns={"event_time": {"column": "time", "format": "clock", "zone": "UTC", "date": "day"}}))


def test_columns_must_be_declared_where_there_is_no_header(trades: Any) -> None:
    columns = ["id", "symbol", "time", "side", "price", "qty"]
    with pytest.raises(ValueError, match=r'columns\.trade_id: dialect\.columns holds no "account"'):
        Profile.model_validate(trades(columns=ID, dialect={"header": False, "columns": columns}))


@pytest.mark.parametrize(
    ("rule", "text", "symbol"),
    [
        ({"upper": True}, "brk.b", "BRK.B"),
        ({"trim": True}, "  AAPL ", "AAPL"),
        ({"pattern": r"^(?P<value>[A-Z]+)\.[A-Z]{2}$"}, "AAPL.US", "AAPL"),
        ({"pattern": r"^(?P<value>\w+)", "upper": True, "values": {"XBT": "BTC"}}, "xbt/usd", "BTC"),
        ({"values": {"XBT": "BTC"}, "other": "keep"}, "ETH", "ETH"),
        ({"values": {"XBT": "BTC"}, "other": "keep"}, "XBT", "BTC"),
        ({"values": {"xbt": "BTC"}, "case": "ignore"}, "XbT", "BTC"),
    ],
)
def test_texts_are_made_alike_as_declared(
    read: Any, row: Any, trades: Any, rule: dict[str, Any], text: str, symbol: str
) -> None:
    done = read(row(symbol=text), trades(columns={"symbol": {"column": "symbol", **rule}}))
    assert (done.rejects, done.trades[0]["symbol"]) == ([], symbol)


@pytest.mark.parametrize(
    ("rule", "text", "why"),
    [
        ({"trim": True}, "  ", "symbol is empty"),
        ({"pattern": r"^(?P<value>[A-Z]+)\.US$"}, "AAPL.DE", "finds no value in it"),
        ({"values": {"XBT": "BTC"}}, "xbt", 'symbol "xbt" is not in the profile, which knows: XBT'),
        ({"values": {"XBT": ""}}, "XBT", "symbol is empty"),
    ],
)
def test_texts_that_are_not_as_declared_are_refused(
    read: Any, row: Any, trades: Any, rule: dict[str, Any], text: str, why: str
) -> None:
    done = read(row(symbol=text), trades(columns={"symbol": {"column": "symbol", **rule}}))
    assert why in done.reasons[0][2]


@pytest.mark.parametrize(
    ("rule", "text", "side"),
    [
        ({"values": {"1": "buy", "-1": "sell"}}, "-1", "sell"),
        ({"case": "ignore"}, "bUY", "buy"),
        ({"values": {"bought": "buy", "sold": "sell"}, "case": "ignore"}, "Bought", "buy"),
        ({"values": {"b": "buy", "s": "sell"}, "trim": True}, " s", "sell"),
        ({"pattern": "^Market (?P<value>buy|sell)$"}, "Market sell", "sell"),
        ({"values": {"": "none", "B": "buy"}}, "", None),
    ],
)
def test_sides_are_read_in_the_vendors_words(
    read: Any, row: Any, trades: Any, rule: dict[str, Any], text: str, side: str | None
) -> None:
    done = read(row(side=text), trades(columns={"side": {"column": "side", **rule}}))
    assert (done.rejects, done.trades[0]["side"]) == ([], side)


def test_actions_may_be_told_in_any_case(read: Any, row: Any, trades: Any) -> None:
    values = {"new": "new", "quote": "ignore"}
    profile = trades(columns={"action": {"column": "what", "values": values, "case": "ignore", "trim": True}})
    assert read(row(what=" NEW"), profile).counts.trades == 1
    assert read(row(what="Quote"), profile).counts.ignored == 1
    assert read(row(what="Trade"), profile).counts.rejected == 1


EVERYTHING: dict[str, Any] = {
    "trade_id": {"columns": ["account", "id"], "separator": "/"},
    "symbol": {"column": "symbol", "trim": True, "upper": True, "values": {"XBT": "BTC"}, "other": "keep"},
    "side": {"sign_of": "qty"},
    "price": {"column": "price", "scale": 100, "decimal": ",", "thousands": ".", "strip": "€"},
    "quantity": {"column": "qty", "absolute": True, "empty": "0", "negative": "parentheses"},
    "event_time": {"column": "time", "format": "midnight", "unit": "ms", "zone": "Europe/Berlin", "date": "path"},
}


def test_every_rule_is_told_in_words_with_the_text_it_took(row: Any, trades: Any) -> None:
    profile = Profile.model_validate(trades(columns=EVERYTHING, path={"pattern": r"(?P<date>\d{8})"}))
    values = {"account": "A", "symbol": " eth", "price": '"1.234,5 €"', "qty": "(2)", "time": "36000000"}
    header, line = row(**values).splitlines()
    told = explain(line, profile, "file:///in/20240526.csv", header)
    steps = {step.name: (step.origin, step.raw, step.rule, step.value) for step in told.steps}
    assert steps == {
        "trade_id": ("columns account, id", "A/t1", 'joined by "/", as it is', "A/t1"),
        "symbol": ('column "symbol"', " eth", "trimmed, in capitals, XBT = BTC, others as they are", "ETH"),
        "venue": ("constant", "X", "as it is", "X"),
        "event_time": (
            'column "time"',
            "36000000 on 20240526",
            "ms since midnight, of the day in path (group date) (format iso), local times of Europe/Berlin; "
            "the date is that of UTC",
            "2024-05-26T08:00:00.000000000Z",
        ),
        "side": ('column "qty"', "(2)", "above zero = buy, below zero = sell", "sell"),
        "price": (
            'column "price"',
            "1.234,5 €",
            'exact decimal, without € before or after it, thousands set off by ".", decimal sign ",", divided by 100',
            "12.345",
        ),
        "quantity": ('column "qty"', "(2)", "exact decimal, (1.5) is -1.5, without its sign, empty is 0", "2"),
    }


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ({"column": "time", "format": "%d/%m/%Y %H:%M", "zone": "UTC"}, "format %d/%m/%Y %H:%M, local times of UTC"),
        (
            {"column": "time", "zone": "Europe/Berlin", "ambiguous": "later"},
            "ISO, local times of Europe/Berlin, the later of times shown twice",
        ),
        (
            {
                "column": "time",
                "format": "clock",
                "zone": "UTC",
                "pad": 6,
                "date": {"column": "day", "format": "%d%m%y"},
            },
            'time of day, filled up to 6 digits, of the day in column "day" (format %d%m%y), local times of UTC',
        ),
        ({"columns": ["day", "time"], "zone": "UTC"}, "ISO, local times of UTC"),
    ],
)
def test_every_way_to_write_a_time_is_told(row: Any, trades: Any, time: dict[str, Any], words: str) -> None:
    profile = Profile.model_validate(trades(columns={"event_time": time}))
    header, line = row(time="09:30:00", day="260524").splitlines()
    told = explain(line, profile, "file:///in/t.csv", header)
    assert next(step.rule for step in told.steps if step.name == "event_time") == f"{words}; the date is that of UTC"
