"""Real files of vendors and brokers through the layouts that come along, against csv, decimal and zoneinfo alone."""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from streaming.errors import FileBroken
from streaming.profiles.profile import Profile
from tests.unit.streaming.conftest import Read, Reader

Row = tuple[int, Decimal, Decimal, str | None, str | None]  # ns since 1970 UTC, price, quantity, side, id
SECOND = 1_000_000_000
NEW_YORK = ZoneInfo("America/New_York")


def ns(moment: datetime) -> int:
    whole = moment.astimezone(UTC).replace(microsecond=0)
    return int(whole.timestamp()) * SECOND + moment.microsecond * 1000


def midnight(day: str, zone: ZoneInfo) -> int:
    return ns(datetime.fromisoformat(day).replace(tzinfo=zone))


def text(cases: Path, name: str, encoding: str = "utf-8") -> str:
    return (cases / "trades" / name).read_bytes().decode(encoding)


def named(content: str, delimiter: str = ",") -> Iterator[dict[str, str]]:
    return csv.DictReader(io.StringIO(content, newline=""), delimiter=delimiter)


def landed(done: Read) -> list[Row]:
    return [
        (t["event_us"] * 1000 + t["event_nanos"], Decimal(t["price"]), Decimal(t["quantity"]), t["side"], t["trade_id"])
        for t in done.trades
    ]


def sums(rows: Iterable[Row]) -> tuple[int, Decimal, Decimal]:
    rows = list(rows)
    return len(rows), sum((r[2] for r in rows), Decimal()), sum((r[1] * r[2] for r in rows), Decimal())


def check(done: Read, expected: list[Row], records: int, ignored: dict[str, int]) -> None:
    assert done.reasons == []
    assert landed(done) == expected
    assert sums(landed(done)) == sums(expected)
    assert (done.counts.records, done.counts.trades, done.counts.rejected) == (records, len(expected), 0)
    assert done.counts.ignored_by == ignored
    assert done.counts.ignored == sum(ignored.values()) == records - len(expected)


def read_case(cases: Path, read: Reader, name: str, layout: str, **how: Any) -> Read:
    path = cases / "trades" / name
    return read(path.read_bytes(), Profile.load(layout), uri=f"file://{path}", **how)


def test_tcapy_gives_its_326_trades_and_counts_the_orders(cases: Path, read: Reader) -> None:
    name = "tcapy-trade_events_small_test_trade_df.csv"
    rows = list(named(text(cases, name)))
    kinds = Counter(row["event_type"] for row in rows)
    expected: list[Row] = [
        (
            ns(datetime.fromisoformat(row["date"])),
            Decimal(row["executed_price"]),
            Decimal(row["executed_notional"]),
            {"1": "buy", "-1": "sell"}[row["side"]],
            row["id"],
        )
        for row in rows
        if row["event_type"] == "trade"
    ]
    assert len(expected) == 326 == len({row[4] for row in expected})
    cancels = kinds["cancel"] + kinds["cancel/replace"]
    done = read_case(cases, read, name, "tcapy-trade-events", cuts=[3000, 100_000])
    check(done, expected, len(rows), {"order placement": kinds["placement"], "order cancel": cancels})
    first = next(row for row in rows if row["event_type"] == "trade")
    assert (done.trades[0]["symbol"], done.trades[0]["venue"]) == (first["ticker"], first["venue"])


def lean(content: str) -> list[Row]:
    start = midnight("2013-10-07", NEW_YORK)
    rows = csv.reader(io.StringIO(content, newline=""))
    return [(start + int(ms) * 1_000_000, Decimal(px) / 10_000, Decimal(qty), None, None) for ms, px, qty, *_ in rows]


def test_quantconnect_gives_every_tick_of_aig(cases: Path, read: Reader) -> None:
    name = "quantconnect-lean-equity-tick-aig_20131007_trade.csv"
    expected = lean(text(cases, name))
    done = read_case(cases, read, name, "lean-equity-ticks", cuts=[100_001])
    check(done, expected, len(expected), {})
    assert {(trade["symbol"], str(trade["trade_date"])) for trade in done.trades} == {("AIG", "2013-10-07")}
    assert {trade["venue"] for trade in done.trades} == {row[3] for row in csv.reader(text(cases, name).splitlines())}


def test_quantconnects_zip_holds_the_same_ticks(cases: Path, read: Reader) -> None:
    archive = cases / "trades" / "quantconnect-lean-equity-usa-tick-aig-20131007_trade.zip"
    with zipfile.ZipFile(archive) as packed:
        (member,) = packed.namelist()
        content = packed.read(member)
    done = read(content, Profile.load("lean-equity-ticks"), uri=f"file://{archive}!{member}")
    check(done, lean(content.decode()), content.count(b"\n") + (not content.endswith(b"\n")), {})
    assert {trade["symbol"] for trade in done.trades} == {"AIG"}


def test_lobster_gives_executions_only(cases: Path, read: Reader) -> None:
    name = "lobster-AAPL_2012-06-21_message_10.csv"
    rows = list(csv.reader(io.StringIO(text(cases, name))))
    start = midnight("2012-06-21", NEW_YORK)
    expected: list[Row] = [
        (start + int(Decimal(at) * SECOND), Decimal(px) / 10_000, Decimal(qty), {"-1": "buy", "1": "sell"}[side], None)
        for at, kind, _, qty, px, side in rows
        if kind in ("4", "5")
    ]
    assert len(expected) == 98 + 61
    done = read_case(cases, read, name, "lobster-messages-2014", cuts=[20_000])
    check(done, expected, len(rows), {"order message": sum(row[1] in "123" for row in rows)})
    assert {(trade["symbol"], str(trade["trade_date"])) for trade in done.trades} == {("AAPL", "2012-06-21")}


def test_nyse_gives_its_trades_to_the_nanosecond_and_the_closing_line_is_none(cases: Path, read: Reader) -> None:
    name = "nyse-daily-taq-EQY_US_ALL_TRADE_20161024.psv"
    rows = [row for row in named(text(cases, name), "|") if row["Time"] != "END"]
    start = midnight("2016-10-24", NEW_YORK)

    def at(clock: str) -> int:
        return start + (int(clock[:2]) * 3600 + int(clock[2:4]) * 60 + int(clock[4:6])) * SECOND + int(clock[6:])

    expected: list[Row] = [
        (at(row["Time"]), Decimal(row["Trade Price"]), Decimal(row["Trade Volume"]), None, row["Sequence Number"])
        for row in rows
    ]
    done = read_case(cases, read, name, "nyse-daily-taq-trades")
    check(done, expected, 3, {})
    assert [(t["symbol"], t["venue"]) for t in done.trades] == [(row["Symbol"], row["Exchange"]) for row in rows]
    assert (done.counts.lines, done.counts.framing_lines) == (5, 2)


def test_nyses_count_is_held_against_the_file_where_the_feed_wants_it(cases: Path, read: Reader) -> None:
    path = cases / "trades" / "nyse-daily-taq-EQY_US_ALL_TRADE_20161024.psv"
    strict = Profile.load("nyse-daily-taq-trades", {"dialect.trailer.check": True})
    with pytest.raises(FileBroken, match=r"27052068|27,052,068"):
        read(path.read_bytes(), strict, uri=f"file://{path}")
    shortened = b"".join(path.read_bytes().splitlines(keepends=True)[:-1])
    with pytest.raises(FileBroken):
        read(shortened, Profile.load("nyse-daily-taq-trades"), uri=f"file://{path}")


@pytest.mark.parametrize(
    ("name", "layout", "records"),
    [
        ("histdata-DAT_ASCII_EURUSD_T_201202.csv", "histdata-ticks", 3),
        ("exchange-pionex-trades.csv", "pionex-trades", 2),
    ],
)
def test_what_holds_no_trades_loads_none_and_says_why(
    cases: Path, read: Reader, name: str, layout: str, records: int
) -> None:
    check(read_case(cases, read, name, layout), [], records, {Profile.load(layout).quotes_only or "": records})


BUYS_AND_SELLS = ("buy", "sell")


@pytest.mark.parametrize(
    ("name", "layout", "ignored"),
    [
        ("broker-trading212-transactions_2020.csv", "trading212-2020", {"cash movement": 2, "dividend": 1}),
        (
            "broker-trading212-transactions_2024.csv",
            "trading212-2024",
            {"cash movement": 2, "interest": 1, "corporate action or adjustment": 1, "dividend": 1},
        ),
    ],
)
def test_trading_212_gives_orders_of_both_years(
    cases: Path, read: Reader, name: str, layout: str, ignored: dict[str, int]
) -> None:
    rows = list(named(text(cases, name)))
    expected: list[Row] = [
        (
            ns(datetime.fromisoformat(row["Time"]).replace(tzinfo=UTC)),
            Decimal(row["Price / share"]),
            Decimal(row["No. of shares"]),
            row["Action"].split()[-1],
            row["ID"],
        )
        for row in rows
        if row["Action"].split()[-1] in BUYS_AND_SELLS
    ]
    done = read_case(cases, read, name, layout)
    check(done, expected, len(rows), ignored)
    keys = {(t["trade_id"], t["symbol"], t["venue"], t["trade_date"]) for t in done.trades}
    assert len(keys) == len(expected)  # one id stands on two days in the file of 2024


def test_hargreaves_lansdown_is_read_below_its_title_lines(cases: Path, read: Reader) -> None:
    name = "broker-hargreaveslansdown-transaction-summary.csv"
    lines = text(cases, name, "latin-1").splitlines()
    head = next(number for number, line in enumerate(lines) if line.startswith("Trade date,"))
    rows = list(named("\n".join(lines[head:]) + "\n"))
    expected: list[Row] = [
        (
            ns(datetime.strptime(row["Trade date"], "%d/%m/%Y").replace(tzinfo=ZoneInfo("Europe/London"))),
            Decimal(row["Unit cost (p)"].replace(",", "")),
            Decimal(row["Quantity"].replace(",", "")),
            {"B": "buy", "S": "sell"}[row["Reference"][0]],
            row["Reference"],
        )
        for row in rows
        if row["Unit cost (p)"] != "n/a"
    ]
    assert [row[2] for row in expected] == [1000, 4563]
    done = read_case(cases, read, name, "hargreaves-lansdown")
    check(done, expected, len(rows), {"fee, interest or payment": 3})
    assert {trade["symbol"] for trade in done.trades} == {"Vanguard FTSE Developed World UCITS ETF"}
    assert done.counts.framing_lines == head + 1


PLAIN: dict[str, tuple[str, list[str] | None, str, str, str, Callable[[dict[str, str]], int]]] = {
    "binance-vision-spot-trades_noheader.csv": (
        "binance-spot-trades", ["id", "price", "qty", "quote", "time", "maker", "best"], "price", "qty", "id",
        lambda row: int(row["time"]) * 1000,
    ),
    "binance-vision-um-trades_header.csv": (
        "binance-um-trades", None, "price", "qty", "id", lambda row: int(row["time"]) * 1_000_000,
    ),
    "bitcoincharts-bitstampUSD.csv": (
        "bitcoincharts", ["time", "price", "qty"], "price", "qty", "", lambda row: int(row["time"]) * SECOND,
    ),
    "mtgox-trades-usd-2013-01-01.csv": (
        "mtgox-trades", None, "price", "amount", "id", lambda row: int(row["id"]) * 1000,
    ),
    "databento-dbn-testdata-trades_ESH1_pretty.csv": (
        "databento-trades", None, "price", "size", "",
        lambda row: ns(datetime.fromisoformat(row["ts_event"][:19]).replace(tzinfo=UTC)) + int(row["ts_event"][20:29]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_plain_files_of_exchanges_give_every_row(cases: Path, read: Reader, name: str) -> None:
    layout, names, price, quantity, id_, at = PLAIN[name]
    rows = list(csv.DictReader(io.StringIO(text(cases, name), newline=""), names))
    values = {"symbol": "BNBUSDT"} if layout.startswith("binance") else {}
    path = cases / "trades" / name
    done = read(path.read_bytes(), Profile.load(layout).with_values(values), uri=f"file://{path}", cuts=[60])
    expected = [(at(row), Decimal(row[price]), Decimal(row[quantity]), row[id_] if id_ else None) for row in rows]
    assert [(when, px, qty, key) for when, px, qty, _, key in landed(done)] == expected
    assert (done.counts.records, done.counts.ignored, done.counts.rejected) == (len(rows), 0, 0)
