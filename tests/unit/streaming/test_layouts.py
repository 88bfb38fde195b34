"""Every layout that comes along, on a few lines in exactly that layout."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from streaming.profiles import catalogue
from streaming.profiles.profile import Profile
from tests.unit.streaming.conftest import Reader
from tests.unit.streaming.samples.brokers import BROKERS
from tests.unit.streaming.samples.crypto import CRYPTO
from tests.unit.streaming.samples.markets import MARKETS
from tests.unit.streaming.samples.sample import Sample

SAMPLES = [*CRYPTO, *MARKETS, *BROKERS]
#: They are tried where the demo is.
DEMO = {"demo-broker", "demo-crypto", "demo-exchange", "demo-vendor"}


def test_every_layout_has_a_sample() -> None:
    assert {sample.layout for sample in SAMPLES} | DEMO == set(catalogue.names())


@pytest.mark.parametrize("name", catalogue.names())
def test_every_layout_names_its_document(name: str) -> None:
    profile = Profile.load(name)
    assert profile.source or name in DEMO
    assert len(profile.description.splitlines()) == 1


def time_of(trade: dict[str, Any]) -> str:
    if trade["event_us"] is None:
        return ""
    moment = datetime(1970, 1, 1) + timedelta(microseconds=trade["event_us"])  # noqa: DTZ001 - UTC, as all of them are
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}{trade['event_nanos']:03d}"


def number(text: str | None) -> Decimal | str:
    return Decimal(text) if text else ""


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.layout)
def test_a_sample_gives_exactly_its_trades(read: Reader, sample: Sample) -> None:
    profile = Profile.load(sample.layout)
    profile = profile.with_values(sample.values) if sample.values else profile
    done = read(sample.data, profile, sample.uri)
    assert [
        (time_of(t), t["symbol"], t["venue"], t["side"], number(t["price"]), number(t["quantity"]), t["trade_id"])
        for t in done.trades
    ] == [(*before, number(price), number(quantity), id_) for *before, price, quantity, id_ in sample.trades]
    assert tuple(trade["action"] for trade in done.trades) == (sample.actions or (0,) * len(sample.trades))
    if sample.trades:
        first = done.trades[0]
        assert (first["currency"], first["account"]) == (sample.currency, sample.account)
        assert str(first["trade_date"]) == (sample.day or str(first["trade_date"]))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.layout)
def test_what_is_no_trade_is_counted_by_reason_and_what_is_wrong_is_told(read: Reader, sample: Sample) -> None:
    profile = Profile.load(sample.layout)
    profile = profile.with_values(sample.values) if sample.values else profile
    done = read(sample.data, profile, sample.uri)
    expected = sample.ignored
    if "*" in expected:  # a layout without trades says so, in a sentence that is the reason
        expected = {profile.quotes_only or "": expected["*"]}
    assert done.counts.ignored_by == expected
    assert len(done.reasons) == len(sample.rejected)
    for (line, column, reason), (at, where, part) in zip(done.reasons, sample.rejected, strict=True):
        assert (line, column) == (at, where)
        assert part in reason


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.layout)
def test_what_a_layout_is_told_by_is_in_its_sample(sample: Sample) -> None:
    match = Profile.load(sample.layout).match
    assert match is not None or sample.layout == "tardis-trades-no-id"  # the same file, read in another way
    if match is None:
        return
    lines = sample.text.splitlines()
    assert re.search(match.name, sample.uri.replace(".zip!", "/").rsplit("/", 1)[-1]) or "/" in match.name
    assert all(any(name in line for line in lines) for name in match.header)
    assert not match.first or any(re.search(match.first, line) for line in lines)
