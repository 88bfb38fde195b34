from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from triggers.arrival import Arrival
from triggers.errors import ListingIncomplete, Unreadable
from triggers.sources import Source
from triggers.stores import Listed
from triggers.sweep import Ignored, SweepCounts, Window, days_of, missing

AT = datetime(2026, 5, 6, 23, 59, tzinfo=UTC)
SOURCE = Source("file:///in/")


def listed(*names: str, version: str = "1") -> list[Listed]:
    return [Listed(f"file:///in/{name}", version, 1, AT) for name in names]


def nothing(page: list[Listed]) -> set[tuple[str, str]]:
    return set()


def test_what_the_ledger_does_not_know_is_an_arrival() -> None:
    found = list(missing(listed("a.csv"), nothing, feed="spot", source=SOURCE))
    assert found == [Arrival("spot", "file:///in/a.csv", "1", 1, AT, None, "sweep")]


def test_what_the_ledger_knows_is_left_out_but_another_version_of_it_is_not() -> None:
    def known(page: list[Listed]) -> set[tuple[str, str]]:
        return {("file:///in/a.csv", "1"), ("file:///in/b.csv", "0")}

    found = missing(listed("a.csv", "b.csv"), known, feed="spot", source=SOURCE)
    assert [(one.uri, one.version) for one in found] == [("file:///in/b.csv", "1")]


def test_the_ledger_is_asked_in_pages_of_a_thousand_and_never_ahead() -> None:
    taken, asked = 0, []

    def listing() -> Iterator[Listed]:
        nonlocal taken
        for one in listed(*(f"{n:05}.csv" for n in range(2_500))):
            taken += 1
            yield one

    def known(page: list[Listed]) -> set[tuple[str, str]]:
        asked.append(len(page))
        return set()

    found = missing(listing(), known, feed="spot", source=SOURCE)
    next(found)
    assert (taken, asked) == (1_000, [1_000])
    assert len(list(found)) == 2_499
    assert asked == [1_000, 1_000, 500]


def test_names_that_are_no_trade_files_come_with_their_reason() -> None:
    names = ["a.csv", "a.csv.tmp", "_x", "sub/.y", "_temporary/b.csv"]
    found = list(missing(listed(*names), nothing, feed="spot", source=SOURCE))
    assert [type(one) for one in found] == [Arrival, Ignored, Ignored, Ignored, Ignored]
    assert all(one.reason for one in found if isinstance(one, Ignored))


def test_what_is_ignored_and_known_is_not_told_again() -> None:
    def known(page: list[Listed]) -> set[tuple[str, str]]:
        return {(one.uri, one.version) for one in page}

    assert list(missing(listed("_x"), known, feed="spot", source=SOURCE)) == []


def test_a_glob_and_a_prefix_narrow_the_sweep() -> None:
    source = Source("file:///in/", "*/t-*.csv")
    names = ["x/t-1.csv", "x/q-1.csv", "y/t-1.csv", "t-1.csv"]
    found = missing(listed(*names), nothing, feed="spot", source=source, under="file:///in/x/")
    assert [one.uri for one in found] == ["file:///in/x/t-1.csv"]


def test_the_counts_add_up() -> None:
    def known(page: list[Listed]) -> set[tuple[str, str]]:
        return {("file:///in/known.csv", "1")}

    counts, source = SweepCounts(), Source("file:///in/", "*.*")
    names = ["a.csv", "b.tmp", "known.csv", "sub/outside.csv"]
    list(missing(listed(*names), known, feed="spot", source=source, counts=counts))
    assert counts == SweepCounts(objects=4, outside=1, known=1, missing=1, ignored=1)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026-01-02/a.csv", date(2026, 1, 2), date(2026, 1, 2)),
        ("a-20260102.csv", date(2026, 1, 2), date(2026, 1, 2)),
        ("2026/01/02/a.csv", date(2026, 1, 2), date(2026, 1, 2)),
        ("date=2026_01_02/a.csv", date(2026, 1, 2), date(2026, 1, 2)),
        ("made-2026-02-01/of-2026-01-02.csv", date(2026, 1, 2), date(2026, 1, 2)),
        ("2024-02.zip", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-01/all.csv", date(2026, 1, 1), date(2026, 1, 31)),
        ("a.csv", AT.date(), AT.date()),
        ("123420260102567.csv", AT.date(), AT.date()),
        ("2026-13-45.csv", AT.date(), AT.date()),
    ],
)
def test_the_days_of_an_object_stand_in_its_path_or_are_that_of_its_time(name: str, first: date, last: date) -> None:
    assert days_of(listed(name)[0]) == (first, last)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window(), ["2026-01-01.csv", "2026-01-31.csv", "2026-01.csv", "2026-02-01.csv"]),
        (Window(date(2026, 1, 31), date(2026, 1, 31)), ["2026-01-31.csv", "2026-01.csv"]),
        (Window(first=date(2026, 2, 1)), ["2026-02-01.csv"]),
        (Window(last=date(2026, 1, 1)), ["2026-01-01.csv", "2026-01.csv"]),
        (Window(date(2026, 3, 1), date(2026, 4, 1)), []),
    ],
)
def test_a_window_holds_both_its_ends_and_every_file_that_touches_it(window: Window, expected: list[str]) -> None:
    names = ["2026-01-01.csv", "2026-01-31.csv", "2026-01.csv", "2026-02-01.csv"]
    found = missing(listed(*names), nothing, feed="spot", source=SOURCE, window=window, seen_by="backfill")
    assert [one.uri.rsplit("/", 1)[1] for one in found] == expected


def test_places_that_could_not_be_listed_are_told_after_everything_else() -> None:
    def listing() -> Iterator[Listed]:
        yield from listed("a.csv", "b.csv")
        raise ListingIncomplete("file:///in/", [Unreadable("file:///in/locked", "no permission")])

    found: list[Arrival | Ignored] = []
    sweep = missing(listing(), nothing, feed="spot", source=SOURCE)
    with pytest.raises(ListingIncomplete, match="locked"):
        found.extend(sweep)
    assert [one.uri for one in found] == ["file:///in/a.csv", "file:///in/b.csv"]
