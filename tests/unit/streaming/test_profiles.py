"""Profiles are checked whole when they are loaded; what is wrong is named with the way out."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import streaming
from streaming.errors import FileBroken, ProfileError
from streaming.profiles import catalogue
from streaming.profiles.profile import Profile

Made = Callable[..., Any]


@pytest.mark.parametrize("name", catalogue.names())
def test_every_layout_that_is_shipped_loads_and_travels(name: str) -> None:
    profile = Profile.load(name)
    assert profile.name == name
    assert profile.description
    assert pickle.loads(pickle.dumps(profile)) == profile


def test_a_profile_is_loaded_from_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text((catalogue.LAYOUTS / "demo-exchange.toml").read_text().replace("demo-exchange", "mine"))
    assert Profile.load(path).name == Profile.load(str(path)).name == "mine"


def test_an_unknown_layout_is_answered_with_those_there_are() -> None:
    with pytest.raises(ProfileError, match=r'no layout is called "binance".*binance-spot-trades.*\.toml'):
        Profile.load("binance")


@pytest.mark.parametrize("text", [None, "name = ", "\xff"])
def test_what_cannot_be_read_as_toml_is_said_with_its_path(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "mine.toml"
    if text is not None:
        path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ProfileError, match=r"mine\.toml: cannot be read"):
        Profile.load(path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[columns]\nprise = 'p'", "columns.prise: Extra inputs"),
        ("[columns]\nprice = { column = 'p', const = '1' }", "columns.price: give exactly one of"),
        ("[columns]\nevent_time = { column = 't', format = 'epoch' }", 'format = "epoch" needs unit'),
        ("[columns]\nevent_time = { column = 't', zone = 'Mars/Base' }", 'no time zone is called "Mars/Base"'),
        ("[columns]\nsymbol = { path = 'symbol' }", 'no group called "symbol"'),
        ("[dialect]\ndelimiter = ''", "dialect.delimiter: the delimiter is one or several characters"),
        ("[dialect]\ndelimiter = '|\"|'", "dialect.delimiter: the delimiter is one or several characters"),
        ("[dialect]\nescape = '^'", "dialect.escape: Input should be 'double' or"),
        ("[dialect]\npreamble = -1", "greater than or equal to 0"),
        ("[dialect]\npreamble = true", "give the number of lines before the header"),
        ("[dialect]\npreamble = { until = '(' }", "not a regular expression"),
        ("[dialect]\ntrailer = { pattern = '(' }", "dialect.trailer.pattern: not a regular expression"),
        ("[dialect]\ntrailer = { pattern = 'a(?=b)' }", "may not look around"),
        ("[dialect]\ntrailer = { pattern = '^T', count = '^T,' }", "put the figure, and nothing else, into one group"),
        ("[dialect]\nshapes = [{ fields = 2, columns = ['a'] }]", "fields = 2, but columns holds 1 names"),
        ("[dialect]\nshapes = [{ fields = 2, columns = ['a', 'a'] }]", "columns holds a name twice"),
        ("[match]\nname = '('", "match.name: not a regular expression"),
        ("[dialect]\nheader = false", "give header = true, or header = false and columns"),
        ("[dialect]\nencoding = 'utf-9'", 'no encoding is called "utf-9"'),
        ("[path]\npattern = '('", "path.pattern: not a regular expression"),
        ("[dates]\nzone = 'nowhere'", "dates.zone: no time zone"),
        ("[identity]\nkind = 'content'", 'takes no columns.trade_id'),
        ("[columns]\nvenue = { const = 'X', column = 'v' }", "columns.venue: give exactly one of"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_key(tmp_path: Path, text: str, says: str) -> None:
    section, _, line = text.partition("\n")
    key = line.split(" ")[0]
    good = {
        "": {"name": "'mine'", "version": "'1'"},
        "[columns]": {
            "trade_id": "'id'",
            "symbol": "'s'",
            "venue": "{ const = 'X' }",
            "event_time": "'t'",
            "price": "'p'",
            "quantity": "'q'",
        },
        "[identity]": {"kind": "'id'"},
    }
    good.setdefault(section, {})[key] = line.partition(" = ")[2]
    path = tmp_path / "mine.toml"
    path.write_text(
        "\n".join(head + "\n" + "\n".join(f"{k} = {v}" for k, v in body.items()) for head, body in good.items())
    )
    with pytest.raises(ProfileError) as caught:
        Profile.load(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)


def test_records_of_two_shapes_are_told_apart_by_their_fields(trades: Made) -> None:
    dialect = {"header": False, "columns": ["a", "b"], "shapes": [{"fields": 2, "columns": ["c", "d"]}]}
    with pytest.raises(ValueError, match="two shapes have the same number of fields"):
        Profile.model_validate(trades(dialect=dialect))
    for bad in ({"quote": "|", "delimiter": "||"}, {"escape": "\\", "delimiter": "\\"}, {"comment": "\n"}):
        with pytest.raises(ValueError, match=r"quote|holds no line end"):
            Profile.model_validate(trades(dialect=bad))


def test_a_trailer_sums_a_column_that_there_is(trades: Made) -> None:
    dialect = {"header": False, "columns": ["id", "symbol", "time", "side", "price", "qty"]}
    total = {"pattern": "^T", "sum": {"column": "amount", "pattern": "([0-9]+)"}}
    with pytest.raises(ValueError, match='columns holds no "amount"'):
        Profile.model_validate(trades(dialect={**dialect, "trailer": total}))


def test_units_must_follow_one_another(trades: Made) -> None:
    for spans in ([{"unit": "ms", "until": "2025-01-01"}], [{"unit": "ms"}, {"unit": "us"}]):
        time = {"column": "time", "format": "epoch", "unit": spans}
        with pytest.raises(ValueError, match="every unit but the last needs until"):
            Profile.model_validate(trades(columns={"event_time": time}))


def test_corrections_need_an_id(trades: Made) -> None:
    action = {"column": "a", "values": {"C": "correct"}}
    with pytest.raises(ValueError, match="corrections and cancels need"):
        Profile.model_validate(trades(columns={"action": action, "trade_id": None}, identity={"kind": "content"}))


def test_ids_that_contradict_themselves_are_refused_unless_their_states_have_an_order(trades: Made) -> None:
    def repeats(**over: Any) -> str:
        return Profile.model_validate(trades(**over)).repeats

    assert (repeats(), repeats(identity={"kind": "id", "repeats": "newest"})) == ("refuse", "newest")
    assert repeats(columns={"version": "v"}) == "newest"
    actions = {"N": "new", "Q": "ignore"}
    assert repeats(columns={"action": {"column": "a", "values": actions}}) == "refuse"
    assert repeats(columns={"action": {"column": "a", "values": {**actions, "C": "correct"}}}) == "newest"


def test_the_version_changes_with_whatever_the_profile_says(trades: Made) -> None:
    one = Profile.model_validate(trades())
    assert one.version == Profile.model_validate(trades()).version
    assert one.version.startswith("1+")
    assert one.version != Profile.model_validate(trades(columns={"price": "px"})).version
    assert one.version != one.with_values({"currency": "USD"}).version


def test_the_version_is_the_same_in_every_process() -> None:
    program = "from streaming.profiles.profile import Profile; print(Profile.load('databento-trades').version)"
    versions = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(streaming.__file__).parent.parent)},
            capture_output=True, text=True, check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }  # fmt: skip
    assert versions == {Profile.load("databento-trades").version}


def test_a_feed_sets_what_the_path_does_not_tell(read: Made) -> None:
    line = b"1,2.5,3,7.5,1735689600010866,True,True\n"
    spot = Profile.load("binance-spot-trades")
    with pytest.raises(FileBroken, match="gives no symbol"):
        read(line, spot, uri="file:///in/trades.csv")
    done = read(line, spot.with_values({"symbol": "BTCUSDT"}), uri="file:///in/trades.csv")
    assert done.trades[0]["symbol"] == "BTCUSDT"
    with pytest.raises(ProfileError, match=r"values\.price: a feed may set symbol"):
        spot.with_values({"price": "1"})


def test_a_profile_without_a_symbol_says_so_when_a_file_comes(read: Made, row: Made, trades: Made) -> None:
    with pytest.raises(FileBroken, match="has no symbol"):
        read(row(), trades(columns={"symbol": None}))


@pytest.mark.parametrize(
    ("layout", "uri", "symbol", "day"),
    [
        ("binance-spot-trades", "BNBUSDT-trades-2025-01-01.csv", "BNBUSDT", date(2025, 1, 1)),
        ("binance-spot-trades", "BNBUSDT-trades-2025-01.csv", "BNBUSDT", None),
        ("binance-um-trades", "daily/trades/BTCUSDT/BTCUSDT-trades-2024-05-31.csv.gz", "BTCUSDT", date(2024, 5, 31)),
        ("bitcoincharts", "bitcoincharts-bitstampUSD.csv", "bitstampUSD", None),
        ("bitcoincharts", "1btcxeUSD.csv.gz", "1btcxeUSD", None),
        ("demo-crypto", "ETHUSDT-trades-2025-01-31_002.csv", "ETHUSDT", date(2025, 1, 31)),
    ],
)
def test_paths_tell_symbol_and_date(layout: str, uri: str, symbol: str, day: date | None) -> None:
    profile = Profile.load(layout)
    assert profile.path_values(f"file:///data/{uri}")["symbol"] == symbol
    assert profile.date_of(f"file:///data/{uri}") == day


def test_a_path_may_number_the_files_of_a_day() -> None:
    profile = Profile.load("demo-crypto")
    assert profile.sequence_of("file:///in/ETHUSDT-trades-2025-01-31_002.csv") == "002"
    assert profile.sequence_of("file:///in/ETHUSDT-trades-2025-01-31.csv") is None
    assert profile.date_of("file:///in/ETHUSDT-trades-2025-02-30.csv") is None


def test_a_file_name_goes_before_the_digits_of_a_folder() -> None:
    profile = Profile.load("demo-broker")
    assert profile.date_of("file:///data/12345678/broker-20260105-01.csv") == date(2026, 1, 5)
