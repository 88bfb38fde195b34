"""Real files of third parties, against an independent reading with csv and decimal."""

import csv
import json
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from streaming.passage.fields import parse
from streaming.passage.framing import frames
from streaming.passage.layout import Layout
from streaming.profiles.profile import Profile
from streaming.reading.headers import header_names

Made = Callable[..., Any]

# file, layout, values of the feed, names of the columns (None: in the header), price, quantity
CASES = [
    ("binance-vision-spot-trades_noheader.csv", "binance-spot-trades", {"symbol": "BNBUSDT"},
     ["id", "price", "qty", "quote_qty", "time", "maker", "best"], "price", "qty"),
    ("binance-vision-um-trades_header.csv", "binance-um-trades", {"symbol": "BTCUSDT"}, None, "price", "qty"),
    ("bitcoincharts-bitstampUSD.csv", "bitcoincharts", {}, ["time", "price", "amount"], "price", "amount"),
    ("mtgox-trades-usd-2013-01-01.csv", "mtgox-trades", {}, None, "price", "amount"),
    ("databento-dbn-testdata-trades_ESH1_pretty.csv", "databento-trades", {}, None, "price", "size"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "layout", "values", "names", "price", "quantity"), CASES, ids=[case[1] for case in CASES]
)
def test_a_real_file_gives_exactly_its_trades(
    cases: Path, read: Made, name: str, layout: str, values: dict[str, str], names: Any, price: str, quantity: str
) -> None:
    path = cases / "trades" / name
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream, names))
    done = read(path.read_bytes(), Profile.load(layout).with_values(values), uri=f"file://{path}", cuts=[50, 1000])
    expected = [(Decimal(row[price]), Decimal(row[quantity])) for row in rows]
    assert [(Decimal(trade["price"]), Decimal(trade["quantity"])) for trade in done.trades] == expected
    assert [(trade["price"], trade["quantity"]) for trade in done.trades] == [
        (row[price], row[quantity]) for row in rows
    ]
    counts = done.counts
    assert (counts.records, counts.trades, counts.rejected) == (len(rows), len(rows), 0)
    assert counts.lines == counts.framing_lines + counts.records == len(path.read_bytes().splitlines())


def test_the_real_times_sides_and_symbols_are_right(cases: Path, read: Made) -> None:
    def first(name: str, layout: str, **values: str) -> tuple[Any, ...]:
        path = cases / "trades" / name
        trade = read(path.read_bytes(), Profile.load(layout).with_values(values), uri=f"file://{path}").trades[0]
        return tuple(trade[key] for key in ("event_us", "event_nanos", "side", "symbol", "trade_id"))

    spot = first("binance-vision-spot-trades_noheader.csv", "binance-spot-trades", symbol="BNBUSDT")
    assert spot == (1735689600010866, 0, "sell", "BNBUSDT", "51175358")
    es = first("databento-dbn-testdata-trades_ESH1_pretty.csv", "databento-trades")
    assert es == (1609160400098821, 953, "sell", "ESH1", None)
    gox = first("mtgox-trades-usd-2013-01-01.csv", "mtgox-trades")
    assert gox == (1356998659486096, 0, "sell", "BTCUSD", "1356998659486096")
    stamp = first("bitcoincharts-bitstampUSD.csv", "bitcoincharts")
    assert stamp == (1315922016000000, 0, None, "bitstampUSD", None)


def test_the_equal_rows_of_bitstamp_all_become_trades(cases: Path, read: Made) -> None:
    path = cases / "trades" / "bitcoincharts-bitstampUSD.csv"
    done = read(path.read_bytes(), Profile.load("bitcoincharts"), uri=f"file://{path}")
    seen = Counter((trade["event_us"], trade["price"], trade["quantity"]) for trade in done.trades)
    assert (done.counts.trades, sum(count - 1 for count in seen.values())) == (9999, 1695)


def test_the_ids_of_mtgox_are_unique(cases: Path, read: Made) -> None:
    path = cases / "trades" / "mtgox-trades-usd-2013-01-01.csv"
    done = read(path.read_bytes(), Profile.load("mtgox-trades"), uri=f"file://{path}")
    assert len({trade["trade_id"] for trade in done.trades}) == done.counts.trades


SPECTRUM = ["comma_in_quotes", "escaped_quotes", "json", "newlines", "newlines_crlf", "quotes_and_newlines", "utf8"]


@pytest.mark.parametrize("name", SPECTRUM)
def test_well_formed_oddities_are_cut_into_the_right_fields(cases: Path, name: str) -> None:
    folder = cases / "csv" / "csv-spectrum"
    data = (folder / "csvs" / f"{name}.csv").read_bytes().rstrip(b"\n") + b"\n"
    plain = Profile.load("demo-exchange")
    profile = plain.model_copy(update={"dialect": plain.dialect.model_copy(update={"newlines_in_values": True})})
    (frame,) = frames(iter([data]), profile.dialect)
    names = header_names(frame.text(0), profile.dialect)
    _, columns, faults = parse(frame, 1, Layout(profile, names, {}, names))
    assert faults == []
    assert pa.table(columns).to_pylist() == json.loads((folder / "json" / f"{name}.json").read_text("utf-8"))
