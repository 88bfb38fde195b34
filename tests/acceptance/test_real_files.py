"""Real files of third parties, against an independent reading by `csv` and `decimal`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from tests.acceptance.desk import Desk


@dataclass(frozen=True)
class Case:
    """A file as it came, the name its sender gives it, and where its numbers stand."""

    file: str
    sent_as: str
    profile: str
    header: bool
    price: int
    quantity: int
    count: int


REAL = [
    Case("bitcoincharts-bitstampUSD.csv", "bitstampUSD.csv", "bitcoincharts", False, 1, 2, 9_999),
    Case("mtgox-trades-usd-2013-01-01.csv", "trades-usd-2013-01-01.csv", "mtgox-trades", True, 1, 2, 2_331),
    Case(
        "binance-vision-spot-trades_noheader.csv",
        "BNBUSDT-trades-2025-01-01.csv",
        "binance-spot-trades",
        False,
        1,
        2,
        1,
    ),
    Case(
        "binance-vision-um-trades_header.csv",
        "BTCUSDT-trades-2024-05-31.csv",
        "binance-um-trades",
        True,
        1,
        2,
        3,
    ),
    Case(
        "databento-dbn-testdata-trades_ESH1_pretty.csv",
        "glbx-mdp3-20201228.trades.csv",
        "databento-trades",
        True,
        8,
        9,
        2,
    ),
]
#: All but the place where a trade was last seen: a newer sighting moves it on, so that older states stay older.
TRADES = """SELECT to_jsonb(t) - '{file_id,split,line}'::text[] FROM tradewind.trades t
    ORDER BY trade_id, symbol, venue, trade_date"""
Load = Callable[[Case], list[tuple[Decimal, Decimal]]]


@pytest.fixture
def load(desk: Desk, cases: Path) -> Load:
    """Load the file as its sender names it; gives price and quantity of each row, read independently."""

    def load(case: Case) -> list[tuple[Decimal, Decimal]]:
        content = (cases / "trades" / case.file).read_bytes()
        desk.settings["profile"] = case.profile
        desk.drop(case.sent_as, content)
        desk.backfill()
        rows = list(csv.reader(io.StringIO(content.decode())))[case.header :]
        return [(Decimal(row[case.price]), Decimal(row[case.quantity])) for row in rows]

    return load


@pytest.mark.parametrize("case", REAL, ids=lambda case: case.profile)
def test_every_row_of_a_real_file_is_a_trade_to_the_last_digit(desk: Desk, load: Load, case: Case) -> None:
    rows = load(case)
    assert len(rows) == case.count
    ((count, quantity, value),) = desk.ask(
        "SELECT count(*), sum(quantity), sum(price * quantity) FROM tradewind.trades"
    )
    assert count == len(rows)
    assert quantity == sum(q for _, q in rows)
    assert value == sum(p * q for p, q in rows)
    assert desk.books(case.sent_as) == {"inserted": case.count}
    assert desk.ask("SELECT lines FROM tradewind.files") == [(case.count + case.header,)]


@pytest.mark.parametrize("case", REAL, ids=lambda case: case.profile)
def test_a_real_file_sent_again_changes_no_trade(desk: Desk, load: Load, case: Case) -> None:
    load(case)
    everything, trades = desk.everything(), desk.ask(TRADES)
    desk.backfill()
    assert desk.everything() == everything
    load(case)
    desk.drop(f"again/{case.sent_as}", (desk.folder / case.sent_as).read_bytes())
    desk.backfill()
    assert desk.ask(TRADES) == trades
    assert desk.ask("SELECT count(*) FROM tradewind.trade_revisions") == [(0,)]
    assert desk.books(f"again/{case.sent_as}") == {"unchanged": case.count}


def test_equal_rows_of_bitcoincharts_are_all_there(desk: Desk, load: Load) -> None:
    rows = load(REAL[0])
    (found,) = desk.ask("SELECT count(DISTINCT (event_time, price, quantity)) FROM tradewind.trades")
    assert found[0] == 9_999 - 1_695 < len(rows)


def test_times_are_exact_to_the_nanosecond_and_units_follow_the_year(desk: Desk, load: Load) -> None:
    load(REAL[4])
    times = "SELECT event_time::text, event_nanos FROM tradewind.trades ORDER BY 1"
    assert desk.ask(times) == [("2020-12-28 13:00:00.098821+00", 953), ("2020-12-28 13:00:00.107665+00", 963)]


def test_binance_spot_of_2025_counts_in_microseconds(desk: Desk, load: Load) -> None:
    load(REAL[2])
    times = "SELECT event_time::text, symbol, side FROM tradewind.trades"
    assert desk.ask(times) == [("2025-01-01 00:00:00.010866+00", "BNBUSDT", "sell")]
