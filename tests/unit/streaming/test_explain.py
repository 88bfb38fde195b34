"""A line can be found again and its fate told step by step."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streaming.explain import explain
from streaming.lookup import record_at
from streaming.profiles.profile import Profile
from streaming.reading.splits import SourceFile
from streaming.trial import landed
from triggers.stores.local import LocalStore, uri_of

Made = Callable[..., Any]
SPOT = Profile.load("binance-spot-trades")
URI = "file:///in/BNBUSDT-trades-2025-01-01.csv"


def test_a_good_line_shows_each_rule_and_the_trade() -> None:
    told = explain(b"51175358,17.80180000,5.69000000,101.29224200,1735689600010866,True,True", SPOT, URI)
    steps = {step.name: (step.origin, step.raw, step.value) for step in told.steps}
    assert steps["symbol"] == ("path (group symbol)", "BNBUSDT", "BNBUSDT")
    assert steps["event_time"] == ('column "time"', "1735689600010866", "2025-01-01T00:00:00.010866000Z")
    assert steps["side"] == ('column "is_buyer_maker"', "True", "sell")
    assert told.reason is None
    assert told.trade is not None
    assert told.trade["price"] == "17.80180000"


def test_a_bad_value_shows_its_reason_at_its_step() -> None:
    told = explain(b"1,abc,5,1,1735689600010866,True,True", SPOT, URI)
    assert [step.name for step in told.steps if step.reason] == ["price"]
    assert (told.trade, told.reason) == (None, 'price "abc" is not a decimal number')


@pytest.mark.parametrize(
    ("line", "reason"),
    [(b"1,2", "2 fields where 7 are expected"), (b"", "blank"), (b"a\0", "NUL"), (b"a\xff", "UTF-8")],
)
def test_a_line_that_is_no_row_shows_why(line: bytes, reason: str) -> None:
    told = explain(line, SPOT, URI)
    assert (told.steps, told.trade) == ((), None)
    assert reason in (told.reason or "")


def test_the_same_column_may_feed_two_rules_of_which_one_refuses() -> None:
    mtgox = Profile.load("mtgox-trades")
    told = explain(b"x1,13.5,1,bid", mtgox, "file:///in/trades-usd-2013-01-01.csv", b"id,price,amount,type")
    assert [(step.name, step.reason is None) for step in told.steps if step.raw == "x1"] == [
        ("trade_id", True),
        ("event_time", False),
    ]


def test_explaining_agrees_with_reading(read: Made, row: Made, trades: Made) -> None:
    profile = Profile.model_validate(trades())
    for over in ({}, {"price": "x"}, {"side": "?"}, {"time": "2025"}, {"id": ""}):
        header, line = row(**over).splitlines()
        told, done = explain(line, profile, "file:///in/t.csv", header), read(row(**over), profile)
        assert told.reason == (done.rejects[0]["reason"] if done.rejects else None)
        assert told.trade == next(({k: v for k, v in landed(t).items() if k != "line"} for t in done.trades), None)


def test_a_record_is_found_by_any_of_its_lines(tmp_path: Path, trades: Made) -> None:
    path = tmp_path / "with blank.csv"
    path.write_bytes(b'id,symbol,time,side,price,qty\n\nt1,"A\nB",x,B,1,2\nt2,C,x,B,1,2')
    store, profile = LocalStore(), Profile.model_validate(trades(dialect={"newlines_in_values": True}))
    listed = store.stat(uri_of(path))
    assert listed is not None
    file = SourceFile(1, listed.uri, listed.version, listed.size)
    found = [record_at(line, file, profile, store) for line in range(1, 7)]
    records = [one.record if one else None for one in found]
    assert records == [None, None, b't1,"A\nB",x,B,1,2', b't1,"A\nB",x,B,1,2', b"t2,C,x,B,1,2", None]
    assert (found[4] is not None and found[4].header, found[5]) == (b"id,symbol,time,side,price,qty", None)


def test_lines_of_a_dialect_are_found_or_known_as_framing(tmp_path: Path, trades: Made) -> None:
    path = tmp_path / "report.csv"
    path.write_bytes(b'a "title\n#ID||symbol||time||side||price||qty\n# why\nt1||A\\||||x||B||1||2\nEND 1\n')
    dialect = {
        "preamble": {"until": "^#ID"}, "delimiter": "||", "comment": "#", "escape": "\\", "header_case": "ignore",
        "trailer": {"pattern": "^END"},
    }  # fmt: skip
    store, profile = LocalStore(), Profile.model_validate(trades(dialect=dialect))
    listed = store.stat(uri_of(path))
    assert listed is not None
    file = SourceFile(1, listed.uri, listed.version, listed.size)
    found = [record_at(line, file, profile, store) for line in range(1, 7)]
    record = b"t1||A\\||||x||B||1||2"
    assert [one.record if one else None for one in found] == [None, None, None, record, None, None]
    assert found[3] is not None and found[5] is None
    told = explain(record, profile, file.uri, found[3].header)
    assert [(step.raw, step.value) for step in told.steps if step.name in ("symbol", "event_time")] == [
        ("A||", "A||"),
        ("x", None),
    ]
    for line in (b"# why", b"END 1"):
        assert "framing" in (explain(line, profile, file.uri, found[3].header).reason or "")
