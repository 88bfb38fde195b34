"""Lines that are no trades are ignored under a reason that is counted, and never judged for their values."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.errors import FileBroken
from streaming.explain import explain
from streaming.profiles.profile import Profile

Made = Callable[..., Any]
HEADER = b"what,id,symbol,time,side,price,qty\n"
GOOD = b"AAPL,2025-01-31T09:30:00Z,B,1.5,2\n"
ORDERS = {"column": "what", "values": ["placed", "pulled"], "reason": "order message"}
QUOTES = {"column": "what", "pattern": "^quote", "reason": "quote"}


def lines(*words: str, rest: bytes = b"no,trade,at,all,in,here\n") -> bytes:
    return HEADER + b"".join(
        word.encode() + (b"," + str(n).encode() + b"," + GOOD if word == "trade" else b"," + rest)
        for n, word in enumerate(words)
    )


def test_what_is_no_trade_is_counted_by_its_reason_and_not_judged(read: Made, trades: Made) -> None:
    done = read(lines("placed", "trade", "quote-1", "pulled", "trade"), trades(ignore=[ORDERS, QUOTES]))
    assert [(trade["line"], trade["trade_id"]) for trade in done.trades] == [(3, "1"), (6, "4")]
    assert (done.counts.records, done.counts.trades, done.counts.ignored, done.rejects) == (5, 2, 3, [])
    assert done.counts.ignored_by == {"order message": 2, "quote": 1}


def test_the_first_rule_that_takes_a_line_counts(read: Made, trades: Made) -> None:
    all_but = {"column": "what", "not_values": ["trade"], "reason": "other"}
    words = lines("placed", "trade", "noise")
    assert read(words, trades(ignore=[ORDERS, all_but])).counts.ignored_by == {"order message": 1, "other": 1}
    assert read(words, trades(ignore=[all_but, ORDERS])).counts.ignored_by == {"other": 2}


def test_a_rule_without_a_reason_says_what_it_looks_for(read: Made, trades: Made) -> None:
    tests: list[dict[str, Any]] = [{"values": ["placed"]}, {"pattern": "^q"}, {"not_values": ["trade", "T"]}]
    rules = [{"column": "what", **test} for test in tests]
    assert read(lines("placed", "q", "x", "trade"), trades(ignore=rules)).counts.ignored_by == {
        "what is one of placed": 1,
        "what matches ^q": 1,
        "what is none of trade, T": 1,
    }


def test_faults_after_ignored_lines_keep_their_place(read: Made, trades: Made) -> None:
    bad = lines("placed", "placed", "trade") + b"trade,9,AAPL,never,B,1,2\n" + b"placed,short\n"
    done = read(bad, trades(ignore=[ORDERS]))
    assert [(line, column) for line, column, _ in done.reasons] == [(5, "time"), (6, None)]
    assert (done.counts.records, done.counts.trades, done.counts.rejected, done.counts.ignored) == (5, 1, 2, 2)


def test_unlisted_actions_are_refused_or_ignored_as_declared(read: Made, trades: Made) -> None:
    action = {"column": "what", "values": {"trade": "new", "placed": "ignore"}}
    text = lines("trade", "placed", "pulled", "quote")
    refused = read(text, trades(columns={"action": action}))
    assert (refused.counts.ignored_by, refused.counts.rejected) == ({'what "placed"': 1}, 2)
    done = read(text, trades(columns={"action": {**action, "other": "ignore"}}))
    assert done.counts.ignored_by == {'what "placed"': 1, "what is none of trade, placed": 2}
    assert (done.counts.trades, done.rejects) == (1, [])


def test_a_layout_of_quotes_ignores_every_record_and_needs_no_columns(read: Made) -> None:
    profile = Profile.model_validate({"name": "q", "version": "1", "quotes_only": "quotes, no trades"})
    done = read(b"bid,ask\n1,2\n\n3,x\n", profile)
    assert (done.trades, done.rejects, done.counts.records, done.counts.framing_lines) == ([], [], 2, 2)
    assert done.counts.ignored_by == {"quotes, no trades": 2}
    headless = {"dialect": {"header": False, "columns": ["pair", "time", "bid", "ask"]}}
    done = read(b"EUR/USD,1,2,3\n", Profile.model_validate({**profile.model_dump(by_alias=True), **headless}))
    assert done.counts.ignored_by == {"quotes, no trades": 1}


def test_a_column_that_tells_the_lines_apart_is_kept_unless_the_profile_drops_it(read: Made, trades: Made) -> None:
    text = lines("placed", "trade")
    assert read(text, trades(ignore=[ORDERS])).trades[0]["attributes"] == '{"what":"trade"}'
    assert read(text, trades(ignore=[ORDERS], columns={"ignore": ["what"]})).trades[0]["attributes"] is None
    strict = trades(ignore=[ORDERS], columns={"unknown_columns": "refuse"})
    assert read(text, strict).counts.ignored == 1


def test_a_rule_about_a_column_that_is_not_there_sets_the_file_aside(read: Made, row: Made, trades: Made) -> None:
    with pytest.raises(FileBroken, match=r'no column "what" \(for ignore\)'):
        read(row(), trades(ignore=[ORDERS]))


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"column": "a"}, "give exactly one of values"),
        ({"column": "a", "values": ["x"], "pattern": "y"}, "give exactly one of values"),
        ({"column": "a", "pattern": "("}, "not a regular expression"),
        ({"column": "a", "pattern": "(?=x)"}, "not a regular expression"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused(trades: Made, rule: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Profile.model_validate(trades(ignore=[rule]))


def test_without_a_header_the_column_must_be_named(trades: Made) -> None:
    headless = {"header": False, "columns": ["id", "symbol", "time", "side", "price", "qty"]}
    with pytest.raises(ValueError, match=r'ignore\.0: dialect\.columns holds no "what"'):
        Profile.model_validate(trades(ignore=[ORDERS], dialect=headless))


@pytest.mark.parametrize(
    ("word", "rule", "reason"),
    [
        ("placed", "is one of placed, pulled", "order message"),
        ("quote-7", "matches ^quote", "quote"),
        ("halt", "halt = ignore", 'what "halt"'),
    ],
)
def test_explaining_says_which_rule_ignored_the_line(trades: Made, word: str, rule: str, reason: str) -> None:
    action = {"column": "what", "values": {"trade": "new", "halt": "ignore"}}
    profile = Profile.model_validate(trades(ignore=[ORDERS, QUOTES], columns={"action": action}))
    told = explain(word.encode() + b",,,,,,", profile, "file:///in/t.csv", HEADER)
    (step,) = told.steps
    assert (step.origin, step.raw, step.rule) == ('column "what"', word, rule)
    assert (told.trade, told.reason) == (None, f"ignored: {reason}")
    assert explain(b"trade,1," + GOOD[:-1], profile, "file:///in/t.csv", HEADER).trade is not None


@given(words=st.lists(st.sampled_from(["trade", "placed", "quote", "pulled"])), at=st.integers(0, 400))
def test_however_a_file_is_cut_its_lines_are_the_same(read: Made, trades: Made, words: list[str], at: int) -> None:
    text = lines(*words)
    done = read(text, trades(ignore=[ORDERS, QUOTES]), cuts=[at])
    assert [trade["trade_id"] for trade in done.trades] == [str(n) for n, w in enumerate(words) if w == "trade"]
    orders, quotes = (sum(w in kinds for w in words) for kinds in (("placed", "pulled"), ("quote",)))
    expected = {"order message": orders, "quote": quotes}
    assert done.counts.ignored_by == {why: number for why, number in expected.items() if number}
