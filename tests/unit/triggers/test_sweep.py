from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from triggers.arrival import Arrival
from triggers.errors import ListingIncomplete, Unreadable
from triggers.sources import Source
from triggers.stores import Listed
from triggers.sweep import Page, Scope, Sorted, SweepCounts, Verdict, Window, days_of, pages, sort

AT = datetime(2026, 5, 6, 23, 59, tzinfo=UTC)
SOURCE = Source("file:///in/")
SCOPE = Scope("spot", SOURCE)


def listed(*names: str, version: str = "1") -> list[Listed]:
    return [Listed(f"file:///in/{name}", version, 1, AT) for name in names]


def nothing(page: list[Listed]) -> dict[int, Verdict]:
    """All of it is known."""
    return {}


def everything(page: list[Listed]) -> dict[int, Verdict]:
    """Nothing of it is known."""
    return dict.fromkeys(range(len(page)), "missed")


def page_of(*names: str) -> Page:
    return Page(None, None, tuple(listed(*names)))


def test_pages_hold_all_of_a_listing_in_its_order_and_the_last_reaches_to_the_end() -> None:
    names = [f"{n:05}.csv" for n in range(3_000)]
    made = list(pages(listed(*names), "file:///in/"))
    assert [one.uri for page in made for one in page.objects] == [f"file:///in/{name}" for name in names]
    assert max(len(page.objects) for page in made) <= 1_000
    assert [page.after for page in made] == ["file:///in/", *(page.last for page in made[:-1])]
    assert (made[-1].last, made[-1].objects) == (None, ())


def test_an_empty_listing_is_one_page_of_everything() -> None:
    assert list(pages([])) == [Page(None, None, ())]


def test_a_page_is_made_before_the_next_object_is_listed() -> None:
    taken = 0

    def listing() -> Iterator[Listed]:
        nonlocal taken
        for one in listed(*(f"{n:05}.csv" for n in range(2_500))):
            taken += 1
            yield one

    first = next(pages(listing()))
    assert taken == len(first.objects)


def test_an_object_that_comes_in_between_moves_no_page_but_its_own() -> None:
    names = [f"{n:05}.csv" for n in range(5_000)]
    before, after = (
        {page.objects for page in pages(listed(*these), size=100)} for these in (names, sorted([*names, "00010a.csv"]))
    )
    assert len(before - after) <= 3


def test_what_is_not_known_is_an_arrival_and_what_is_owed_for_too_long_wakes_once() -> None:
    verdicts: dict[int, Verdict] = {
        0: "missed",
        1: "overwritten",
        2: "returned",
        3: "owed_too_long",
        4: "owed_too_long",
    }
    counts, page = SweepCounts(), page_of("a.csv", "b.csv", "c.csv", "d.csv", "e.csv", "f.csv")
    done = sort(page, SCOPE, lambda _: verdicts, counts)
    assert [one.uri[-5:] for one in done.arrivals] == ["a.csv", "b.csv", "c.csv", "d.csv"]
    assert done.arrivals[0] == Arrival("spot", "file:///in/a.csv", "1", 1, AT, None, "sweep")
    assert counts == SweepCounts(objects=6, known=1, missed=1, overwritten=1, returned=1, owed_too_long=2)
    assert counts.missing == 3


def test_names_that_are_no_trade_files_come_with_their_reason() -> None:
    names, counts = ["a.csv", "a.csv.tmp", "_x", "sub/.y", "_temporary/b.csv"], SweepCounts()
    done = sort(page_of(*names), SCOPE, everything, counts)
    assert (len(done.arrivals), len(done.ignored)) == (1, 4)
    assert all(one.reason for one in done.ignored)
    assert counts == SweepCounts(objects=5, ignored=4, missed=1)


def test_what_is_ignored_and_known_is_counted_and_not_told_again() -> None:
    counts = SweepCounts()
    assert sort(page_of("_x"), SCOPE, nothing, counts) == Sorted()
    assert counts == SweepCounts(objects=1, ignored=1)


def test_a_glob_and_a_prefix_narrow_the_sweep() -> None:
    scope, counts = Scope("spot", Source("file:///in/", "*/t-*.csv"), under="file:///in/x/"), SweepCounts()
    done = sort(page_of("x/t-1.csv", "x/q-1.csv", "y/t-1.csv", "t-1.csv"), scope, everything, counts)
    assert [one.uri for one in done.arrivals] == ["file:///in/x/t-1.csv"]
    assert counts == SweepCounts(objects=4, outside=3, missed=1)


def test_the_ledger_is_not_asked_about_what_is_outside() -> None:
    def never(page: list[Listed]) -> dict[int, Verdict]:
        raise AssertionError("asked")

    sort(page_of("a.csv"), Scope("spot", Source("file:///elsewhere/")), never, SweepCounts())


@pytest.mark.parametrize(
    ("under", "folder", "after"),
    [
        ("", "file:///in/", None),
        ("file:///in/2026/", "file:///in/2026/", None),
        ("file:///in/2026/01/", "file:///in/2026/01/", None),
        ("file:///in/2026/01-2", "file:///in/2026/", "file:///in/2026/01-"),
        ("file:///in/2", "file:///in/", None),
    ],
)
def test_what_is_listed_is_the_folder_that_holds_the_prefix_asked_for(
    under: str, folder: str, after: str | None
) -> None:
    scope = Scope("spot", Source("file:///in/"), under=under)
    assert (scope.folder, scope.begins_after) == (folder, after)


@pytest.mark.parametrize("source", ["s3://b/in/", "s3://b/in/a.csv", "s3://b/in", "s3://b", "s3://b/*.csv"])
def test_the_one_file_of_a_source_lies_between_the_bounds_as_all_below_a_prefix_does(source: str) -> None:
    scope = Scope("spot", Source.parse(source))
    below = [f"{scope.source.prefix}{name}" for name in ("\1", "a", "é/🚀")]
    one = [] if scope.source.is_folder else [scope.source.listed]
    assert all(scope.comes_after.encode() < uri.encode() < scope.ends_before.encode() for uri in [*one, *below])


def test_the_end_of_a_prefix_comes_after_all_that_begins_with_it_and_before_the_rest() -> None:
    end = Scope("spot", Source("file:///in/"), under="file:///in/2026-01").ends_before.encode()
    assert all(f"file:///in/2026-01{more}".encode() < end for more in ("", "-01/a", "/", "é", "🚀", "\uffee"))
    assert all(f"file:///in/{other}".encode() > end for other in ("2026-02", "2026.", "é"))


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
    done = sort(page_of(*names), Scope("spot", SOURCE, window=window, seen_by="backfill"), everything, SweepCounts())
    assert [one.uri.rsplit("/", 1)[1] for one in done.arrivals] == expected
    assert {one.seen_by for one in done.arrivals} <= {"backfill"}


def test_places_that_could_not_be_listed_are_told_after_everything_else() -> None:
    def listing() -> Iterator[Listed]:
        yield from listed("a.csv", "b.csv")
        raise ListingIncomplete("file:///in/", [Unreadable("file:///in/locked", "no permission")])

    found: list[Listed] = []
    with pytest.raises(ListingIncomplete, match="locked"):
        for page in pages(listing()):
            found.extend(page.objects)
    assert [one.uri for one in found] == ["file:///in/a.csv", "file:///in/b.csv"]
