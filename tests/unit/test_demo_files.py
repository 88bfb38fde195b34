"""The demo's files: the same at every run, and everything that can go wrong is among them."""

import gzip
import itertools
import zlib
from typing import get_args

import pytest

from cli_tool.demo_files import FEEDS, Drop, Kind, drops
from streaming.profiles.profile import Profile

DAY = 25  # files of one trading day


@pytest.fixture(scope="module")
def first_days() -> list[Drop]:
    return list(itertools.islice(drops(), 3 * DAY))


def test_the_same_seed_gives_the_same_files_to_the_byte(first_days: list[Drop]) -> None:
    assert list(itertools.islice(drops(), 3 * DAY)) == first_days


def test_another_seed_gives_other_files(first_days: list[Drop]) -> None:
    assert list(itertools.islice(drops(8), 3 * DAY)) != first_days


def test_every_day_holds_every_kind_and_every_feed(first_days: list[Drop]) -> None:
    for day in _cut(first_days):
        assert {drop.kind for drop in day} == set(get_args(Kind))
        assert {drop.feed for drop in day} == set(FEEDS)


def test_no_day_writes_a_name_of_another_day(first_days: list[Drop]) -> None:
    days = [{(drop.feed, drop.name) for drop in day} for day in _cut(first_days)]
    assert not (days[0] & days[1]) | (days[1] & days[2]) | (days[0] & days[2])


def test_a_resent_file_holds_the_same_bytes_under_the_same_name(first_days: list[Drop]) -> None:
    resent = _one(first_days, "resent")
    assert [d.content for d in first_days if d.name == resent.name] == [resent.content] * 2


def test_a_renamed_file_holds_the_bytes_of_another_one(first_days: list[Drop]) -> None:
    for renamed in (d for d in first_days if d.kind == "renamed"):
        assert renamed.content in [d.content for d in first_days if d.name != renamed.name]


def test_a_newer_version_keeps_its_name_and_changes_its_bytes(first_days: list[Drop]) -> None:
    for newer in (d for d in first_days if d.kind == "newer"):
        assert len({d.content for d in first_days if d.name == newer.name}) == 2


def test_a_truncated_file_ends_in_its_middle_and_is_mended_later(first_days: list[Drop]) -> None:
    truncated = _one(first_days, "truncated")
    with pytest.raises((EOFError, zlib.error)):
        gzip.decompress(truncated.content)
    whole = [d for d in first_days if d.name == truncated.name][-1]
    assert whole.kind == "mended" and len(gzip.decompress(whole.content).splitlines()) == len(whole.rows) + 1


def test_some_cancellations_come_before_their_trades_and_one_trade_never_comes(first_days: list[Drop]) -> None:
    broker = [d for d in _cut(first_days)[0] if d.feed == "demo-broker"]
    known: set[str] = set()
    early = 0
    for drop in broker:
        known |= {row.trade_id for row in drop.rows if row.action == "new"}
        early += sum(row.action == "cancel" and row.trade_id not in known for row in drop.rows)
    never = [r.trade_id for d in broker for r in d.rows if r.trade_id not in known]
    assert (early, len(never)) == (11, 1)


def test_bad_lines_are_as_many_as_promised(first_days: list[Drop]) -> None:
    for drop in first_days:
        if drop.kind in ("bad_lines", "too_bad"):
            header = drop.feed == "demo-exchange"
            good = len(drop.rows) or 250
            assert len(drop.content.splitlines()) == good + header + drop.rejected


def test_every_name_tells_its_date_to_the_feeds_layout(first_days: list[Drop]) -> None:
    layouts = {feed: Profile.load(feed) for feed in FEEDS}
    assert all(layouts[drop.feed].date_of(f"file:///demo/{drop.name}") for drop in first_days)


def _one(files: list[Drop], kind: Kind) -> Drop:
    return next(drop for drop in files if drop.kind == kind)


def _cut(files: list[Drop]) -> list[list[Drop]]:
    return [files[i : i + DAY] for i in range(0, len(files), DAY)]
