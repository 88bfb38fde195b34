"""A profile from a sample: what is known is told, what is not is proposed, and what is uncertain is asked."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from streaming.errors import SuggestError
from streaming.profiles.profile import Profile
from streaming.suggesting.answer import Answer, suggested
from streaming.suggesting.sample import sample_of, samples
from streaming.suggesting.sides import is_plain, sides_of
from tests.unit.streaming.conftest import Reader
from tests.unit.streaming.samples.brokers import BROKERS
from tests.unit.streaming.samples.crypto import CRYPTO
from tests.unit.streaming.samples.markets import MARKETS
from tests.unit.streaming.samples.sample import Sample
from tests.unit.streaming.samples.statements import STATEMENTS
from tests.unit.streaming.samples.unknown import UNKNOWN, Unknown
from triggers.stores import Stores
from triggers.stores.local import uri_of

SAMPLES = [*CRYPTO, *MARKETS, *BROKERS]
PROPOSED = [*UNKNOWN, *STATEMENTS]


def answer_of(data: bytes | str, name: str = "trades.csv") -> Answer:
    return suggested([sample_of(f"file:///in/{name}", data.encode() if isinstance(data, str) else data)])


def landed(trade: dict[str, Any]) -> tuple[Any, ...]:
    number = [str(Decimal(trade[key])) for key in ("price", "quantity")]
    return (trade["event_time"].removesuffix("Z"), trade["symbol"], trade.get("side"), *number, trade.get("trade_id"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.layout)
def test_a_file_of_a_known_layout_is_told(sample: Sample) -> None:
    answer = suggested([sample_of(sample.uri, sample.data)])
    assert answer.known == sample.layout
    assert sum(trial.counts.trades for trial in answer.trials) == len(sample.trades)


@pytest.mark.parametrize("unknown", PROPOSED, ids=lambda unknown: unknown.what)
def test_a_proposal_loads_as_it_is_and_asks_what_is_uncertain(unknown: Unknown, read: Reader) -> None:
    data = unknown.text.encode(unknown.encoding)
    answer = answer_of(data, unknown.name)
    assert answer.known is None
    again = Profile.model_validate(tomllib.loads(answer.toml))
    done = read(data, again, f"file:///in/{unknown.name}")
    assert done.reasons == []
    assert done.counts.ignored == unknown.ignored
    for part in unknown.asked:
        assert any(part in question for question in answer.questions), answer.questions
    assert {trade["venue"] for trade in done.trades} == {unknown.venue}
    assert ("venue: no column" in " ".join(answer.questions)) == (unknown.venue == "UNKNOWN")
    if unknown.trades:
        assert [landed(trade) for trade in answer.trials[0].trades] == [
            (at, symbol, side, str(Decimal(price)), str(Decimal(quantity)), id_)
            for at, symbol, side, price, quantity, id_ in unknown.trades
        ]


@pytest.mark.parametrize("unknown", PROPOSED, ids=lambda unknown: unknown.what)
def test_every_question_is_a_marked_line_of_the_toml(unknown: Unknown) -> None:
    answer = answer_of(unknown.text.encode(unknown.encoding), unknown.name)
    marked = re.findall(r"^# QUESTION: (.*)$", answer.toml, re.MULTILINE)
    assert [question.partition(": ")[2] for question in answer.questions] == marked


def test_the_real_files_are_told_or_proposed(cases: Path) -> None:
    known = {}
    for path in sorted((cases / "trades").iterdir()):
        uri = uri_of(path)
        listed = Stores().of(uri).stat(uri)
        assert listed is not None
        answer = suggested(list(samples(listed, Stores())))
        known[path.name] = answer.known
        assert not any(trial.problem for trial in answer.trials), path.name
        assert all(trial.counts.rejected == 0 for trial in answer.trials) or answer.known, path.name
    assert known["binance-vision-spot-trades_noheader.csv"] == "binance-spot-trades"
    assert known["binance-vision-um-trades_header.csv"] == "binance-um-trades"
    assert known["lobster-AAPL_2012-06-21_message_10.csv"] == "lobster-messages-2014"
    assert known["quantconnect-lean-equity-usa-tick-aig-20131007_trade.zip"] == "lean-equity-ticks"
    assert known["histdata-DAT_ASCII_EURUSD_T_201202.csv"] == "histdata-ticks"


def test_an_open_order_of_day_and_month_is_told_by_the_files_name() -> None:
    text = "id,time,symbol,side,qty,price\n1x,03/04/2026 10:00:00,VOD,B,1,2\n2x,03/04/2026 10:00:01,VOD,S,1,2\n"
    answer = answer_of(text, "vod-2026-04-03.csv")
    assert '"%d/%m/%Y %H:%M:%S"' in answer.toml
    assert not any("day and month" in question for question in answer.questions)


def test_a_few_common_names_are_not_taken_for_a_vendor() -> None:
    answer = answer_of("id,timestamp,price,volume,side\n7,1747612800074,1.5,2,sell\n8,1747612800075,1.6,2,buy\n")
    assert answer.known is None
    assert "bybit-spot" in [one.profile.name for one in answer.near]


@pytest.mark.parametrize(("bad", "certain"), [(0, True), (1, True), (2, False)])
def test_a_layout_is_asked_for_where_more_than_one_of_a_few_records_is_no_trade(bad: int, certain: bool) -> None:
    header = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n"
    rows = [f"{n},{'x' if n < bad else '1.5'},2,{n},{n},174761280007{n},true\n" for n in range(6)]
    answer = answer_of(header + "".join(rows), "BTCUSDT-aggTrades-2025-05-19.csv")
    assert answer.known == "binance-um-aggtrades"
    assert (f"{bad} of 6 records are rejected" in answer.doubt) is not certain
    assert answer.questions == ([] if certain else [answer.doubt])


def test_of_a_large_file_only_the_first_megabyte_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    rows = (f"k{n},2026-03-02T09:30:00Z,AAPL,XNAS,B,1.5,{n}\n" for n in range(1, 60_000))
    path.write_text("trade_id,time,symbol,venue,side,price,qty\n" + "".join(rows))
    uri = uri_of(path)
    listed = Stores().of(uri).stat(uri)
    assert listed is not None
    assert listed.size > 2 * 1024 * 1024
    (sample,) = samples(listed, Stores())
    assert not sample.whole
    assert sample.data.endswith(b"\n")
    answer = suggested([sample])
    assert 20_000 < answer.trials[0].counts.trades < 40_000
    assert answer.trials[0].counts.rejected == 0


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("just words\nand more of them\n", "no delimiter"),
        ("a,b\nx,y\nz,w\n", "no line holds a number"),
        ("name,price,qty\nA,1.5,2\nB,1.6,3\n", "no column holds a time"),
        ("time,bid,ask\n2026-03-02T09:30:00Z,1.5,1.6\n2026-03-02T09:30:01Z,1.5,1.7\n", "quotes"),
        (
            "Time,Type,Fee Rate,USD Amount,BTC Amount\n2026-03-02 09:30:00,Buy,25,-101,1\n"
            "2026-03-02 09:31:00,Sell,35,202,2\n",
            "to be the price",
        ),
        ("PAR1....", "Parquet"),
        ('{"isin":"DE0007164600","lastTradeTime":"2026-03-17T08:00:00.123Z","lastTrade":98.75}\n' * 3, "JSON"),
    ],
)
def test_what_cannot_be_proposed_says_why(text: str, part: str) -> None:
    with pytest.raises(SuggestError, match=part):
        answer_of(text)


def test_files_of_two_layouts_are_not_mixed() -> None:
    one = sample_of("file:///in/a.csv", b"time,sym,price,qty\n2026-03-02T09:30:00Z,A,1,2\n")
    two = sample_of("file:///in/b.csv", b"when;sym;px;qty\n2026-03-02T09:30:00Z;A;1;2\n")
    with pytest.raises(SuggestError, match="another layout"):
        suggested([one, two])


@pytest.mark.parametrize("texts", [("A", "V"), ("v", "a")])
def test_a_and_v_are_taken_for_buy_and_sell_together_and_only_with_a_question(texts: tuple[str, ...]) -> None:
    found = sides_of(texts)
    assert found
    assert {text.lower(): side for text, side in found[0].items()} == {"a": "buy", "v": "sell"}
    assert not is_plain(found[0])
