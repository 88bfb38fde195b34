"""Real files of vendors and brokers through Spark into PostgreSQL: each line accounted for, and landed once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.desk import Desk


@dataclass(frozen=True)
class Case:
    """A file, the name its sender gives it, and how many of its records are trades and how many are not."""

    file: str
    sent_as: str
    profile: str
    trades: int
    ignored: int = 0
    value: str | None = None  # sum of price x quantity where a spreadsheet tells it


CASES = [
    Case("tcapy-trade_events_small_test_trade_df.csv", "tcapy.csv", "tcapy-trade-events", 326, 334),
    Case(
        "lobster-AAPL_2012-06-21_message_10.csv", "AAPL_2012-06-21_34200000_57600000_message_10.csv",
        "lobster-messages-2014", 159, 840,
    ),
    Case(
        "nyse-daily-taq-EQY_US_ALL_TRADE_20161024.psv", "EQY_US_ALL_TRADE_20161024.psv", "nyse-daily-taq-trades", 3,
        value="478235.47",
    ),
    Case("broker-hargreaveslansdown-transaction-summary.csv", "summary.csv", "hargreaves-lansdown", 2, 3),
    Case("exchange-pionex-trades.csv", "trades.csv", "pionex-trades", 0, 2),
    Case("histdata-DAT_ASCII_EURUSD_T_201202.csv", "DAT_ASCII_EURUSD_T_201202.csv", "histdata-ticks", 0, 3),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.profile)
def test_a_real_file_lands_with_balanced_books_and_once(desk: Desk, cases: Path, case: Case) -> None:
    desk.settings["profile"] = case.profile
    content = (cases / "trades" / case.file).read_bytes()
    desk.drop(case.sent_as, content)
    desk.backfill()
    expected = {"inserted": case.trades, "ignored": case.ignored}
    assert desk.books(case.sent_as) == {book: n for book, n in expected.items() if n}
    assert desk.count() == case.trades
    assert desk.ask("SELECT lines FROM tradewind.files") == [(len(content.splitlines()),)]
    if case.value:
        assert desk.ask("SELECT trim_scale(sum(price * quantity))::text FROM tradewind.trades") == [(case.value,)]
    everything = desk.everything()
    desk.backfill()
    assert desk.everything() == everything


def test_ticks_of_a_zip_are_all_there_also_the_equal_ones_and_sent_as_plain_text_they_are_the_same(
    desk: Desk, cases: Path
) -> None:
    desk.settings["profile"] = "lean-equity-ticks"
    member = "20131007_aig_Trade_Tick.csv"
    archive = cases / "trades" / "quantconnect-lean-equity-usa-tick-aig-20131007_trade.zip"
    desk.drop("equity/usa/tick/aig/20131007_trade.zip", archive.read_bytes())
    desk.backfill()
    plain = (cases / "trades" / "quantconnect-lean-equity-tick-aig_20131007_trade.csv").read_bytes()
    records = len(plain.splitlines())
    assert desk.count() == records
    assert len(set(plain.splitlines())) == records - 4_510
    desk.drop(f"equity/usa/tick/aig/again/{member}", plain)
    desk.backfill()
    assert desk.count() == records
    assert desk.books(member) == {"unchanged": records}
