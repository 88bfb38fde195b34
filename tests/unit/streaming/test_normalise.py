"""Values become exact, or the row is rejected with the column and the reason."""

from collections.abc import Callable
from typing import Any

import pytest

from streaming.errors import FileBroken

Made = Callable[..., Any]


def only(read: Any) -> dict[str, Any]:
    assert read.rejects == []
    (trade,) = read.trades
    return dict(trade)


@pytest.mark.parametrize(
    "price",
    [
        "1",
        "-0.01",
        "+5",
        ".5",
        "5.",
        "007.10",
        "1e3",
        "1E-30",
        "1234567890123456789012345678901234567890",
        "0." + "3" * 40,
    ],
)
def test_numbers_are_handed_on_as_they_are_written(read: Made, row: Made, price: str) -> None:
    assert only(read(row(price=price)))["price"] == price


NO_NUMBERS = [
    "",
    "abc",
    "1,5",
    "nan",
    "inf",
    "Infinity",
    "0x1F",
    "1e9999",
    "1e-99999",
    " 1",
    "1_0",
    "１",
    "--1",
    "9" * 1001,
]


@pytest.mark.parametrize("price", NO_NUMBERS)
def test_what_is_no_decimal_number_is_rejected(read: Made, row: Made, price: str) -> None:
    done = read(row(price=f'"{price}"'))
    assert done.trades == []
    ((line, column, reason),) = done.reasons
    assert (line, column) == (2, "price")
    assert reason.startswith("price is empty" if not price else f'price "{price[:60]}" is not a decimal number')


def test_one_bad_number_rejects_one_row_of_many(read: Made, row: Made) -> None:
    good = row().splitlines(keepends=True)
    done = read(good[0] + good[1] * 3 + row(price="x").splitlines(keepends=True)[1] + good[1] * 2)
    assert ([line for line, _, _ in done.reasons], done.counts.trades, done.counts.rejected) == ([5], 5, 1)


@pytest.mark.parametrize("column", ["id", "symbol", "qty"])
def test_an_empty_required_value_is_rejected(read: Made, row: Made, column: str) -> None:
    ((_, named, reason),) = read(row(**{column: ""})).reasons
    assert (named, reason.endswith("is empty")) == (column, True)


def test_sides_are_those_of_the_profile(read: Made, row: Made, trades: Made) -> None:
    assert only(read(row(side="S")))["side"] == "sell"
    assert read(row(side="b")).reasons == [(2, "side", 'side "b" is not in the profile, which knows: B, S')]
    unsided = trades(columns={"side": {"column": "side", "values": {"N": "none"}}})
    assert only(read(row(side="N"), unsided))["side"] is None


def test_values_come_from_the_path_and_from_constants(read: Made, row: Made, trades: Made) -> None:
    profile = trades(
        path={"pattern": r"(?P<symbol>[A-Z]+)-(?P<date>\d{8})"},
        columns={"symbol": {"path": "symbol"}, "trade_date": {"path": "date"}, "currency": {"const": "USD"}},
    )
    trade = only(read(row(), profile, uri="file:///in/MSFT-20250228.csv"))
    assert (trade["symbol"], str(trade["trade_date"]), trade["currency"]) == ("MSFT", "2025-02-28", "USD")
    with pytest.raises(FileBroken, match=r'gives no symbol .*values = \{ symbol = "…" \} in the feed'):
        read(row(), profile, uri="file:///in/other.csv")


def test_a_path_date_that_is_no_day_rejects_its_rows(read: Made, row: Made, trades: Made) -> None:
    profile = trades(path={"pattern": r"(?P<date>\d{8})"}, columns={"trade_date": {"path": "date"}})
    ((_, column, reason),) = read(row(), profile, uri="file:///in/20250230.csv").reasons
    assert (column, "not a date" in reason) == ("trade_date", True)


def test_texts_may_be_mapped_and_unlisted_ones_are_rejected(read: Made, row: Made, trades: Made) -> None:
    profile = trades(columns={"symbol": {"column": "symbol", "values": {"AAPL": "US0378331005"}}})
    assert only(read(row(), profile))["symbol"] == "US0378331005"
    ((_, column, reason),) = read(row(symbol="MSFT"), profile).reasons
    assert (column, reason) == ("symbol", 'symbol "MSFT" is not in the profile, which knows: AAPL')


def test_optional_texts_may_be_empty(read: Made, row: Made, trades: Made) -> None:
    assert only(read(row(account=""), trades(columns={"account": "account"})))["account"] is None


def test_an_empty_optional_text_is_looked_up_in_no_list(read: Made, row: Made, trades: Made) -> None:
    profile = trades(columns={"account": {"column": "account", "values": {"A1": "main"}}})
    assert only(read(row(account=""), profile))["account"] is None
    assert only(read(row(account="A1"), profile))["account"] == "main"
    assert read(row(account="A2"), profile).counts.rejected == 1


ACTIONS = {"action": {"column": "what", "values": {"N": "new", "C": "correct", "X": "cancel", "Q": "ignore"}}}


def test_actions_are_told_apart_and_counted(read: Made, row: Made, trades: Made) -> None:
    head, new = row(what="N").splitlines(keepends=True)
    rows = [row(what=mark).splitlines(keepends=True)[1] for mark in "CXQ?"]
    done = read(head + new + b"".join(rows), trades(columns=ACTIONS))
    assert [(trade["line"], trade["action"]) for trade in done.trades] == [(2, 0), (3, 1), (4, 2)]
    counts = done.counts
    assert (counts.trades, counts.corrections, counts.cancels, counts.ignored, counts.rejected) == (3, 1, 1, 1, 1)
    assert done.reasons == [(6, "what", 'action "?" is not in the profile, which knows: N, C, X, Q')]


def test_a_cancellation_needs_no_more_than_its_key(read: Made, row: Made, trades: Made) -> None:
    profile = trades(columns={**ACTIONS, "version": "v"})
    bare = {"time": "", "side": "", "price": "", "qty": "", "v": ""}
    trade = only(read(row(what="X", **bare), profile))
    empty = ("event_us", "event_nanos", "trade_date", "side", "price", "quantity", "version")
    assert (trade["trade_id"], trade["action"], [trade[key] for key in empty]) == ("t1", 2, [None] * 7)
    assert read(row(what="C", **bare), profile).counts.rejected == 1
    assert [column for _, column, _ in read(row(what="X", **{**bare, "price": "x"}), profile).reasons] == ["price"]


def test_a_row_that_is_no_trade_is_not_judged(read: Made, row: Made, trades: Made) -> None:
    done = read(row(what="Q", price="none", time="none"), trades(columns=ACTIONS))
    assert (done.counts.ignored, done.counts.records, done.rejects) == (1, 1, [])


def test_versions_are_numbers(read: Made, row: Made, trades: Made) -> None:
    profile = trades(columns={"version": "v"})
    assert only(read(row(v="12.5"), profile))["version"] == "12.5"
    assert [column for _, column, _ in read(row(v="two"), profile).reasons] == ["v"]


def test_without_an_id_rows_have_none(read: Made, row: Made, trades: Made) -> None:
    profile = trades(columns={"trade_id": None}, identity={"kind": "content"})
    trade = only(read(row(), profile))
    assert (trade["trade_id"], trade["attributes"]) == (None, '{"id":"t1"}')


def test_a_row_with_several_faults_is_rejected_once(read: Made, row: Made) -> None:
    done = read(row(price="x", qty="y", time="z", side="?"))
    assert (len(done.rejects), done.counts.rejected, done.counts.records) == (1, 1, 1)
