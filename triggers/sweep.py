"""The sweep: our own listing against what the ledger knows. Pure; the ledger is handed in as a function."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from triggers.arrival import Arrival, SeenBy
from triggers.errors import ListingIncomplete
from triggers.names import ignored_reason
from triggers.sources import Source
from triggers.stores.port import Listed

PAGE = 1_000

Known = Callable[[list[Listed]], set[tuple[str, str]]]

# A day anywhere in the path: 2026-01-02, 20260102, 2026/01/02, 2026_01_02; else a month: 2026-01, 202601.
_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_/]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_/]?)(0[1-9]|1[0-2])(?!\d)")


@dataclass(frozen=True, slots=True)
class Ignored:
    """An object version under the prefix that is not taken, and why; the ledger keeps it as `ignored`."""

    uri: str
    version: str
    size: int
    modified_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Window:
    """Days from `first` to `last`, both included; an end that is None is open."""

    first: date | None = None
    last: date | None = None

    def holds(self, first: date, last: date) -> bool:
        """Whether any day of the span lies in the window."""
        return (self.first is None or last >= self.first) and (self.last is None or first <= self.last)


@dataclass(slots=True)
class SweepCounts:
    """What a sweep saw so far. objects = outside + known + missing + ignored."""

    objects: int = 0
    outside: int = 0
    known: int = 0
    missing: int = 0
    ignored: int = 0


def missing(
    listed: Iterable[Listed],
    known: Known,
    *,
    feed: str,
    source: Source,
    complete: str = "auto",
    window: Window | None = None,
    under: str = "",
    seen_by: SeenBy = "sweep",
    dates: Callable[[Listed], tuple[date, date]] | None = None,
    counts: SweepCounts | None = None,
) -> Iterator[Arrival | Ignored]:
    """What the store shows and the ledger does not know, in the order of the listing.

    `known` gets pages of at most 1,000 and gives back those (uri, version) that the ledger holds as current,
    in whatever state. `under` narrows to uris that begin with it; `dates` tells the days that an object
    covers (default: its path's date, else the day of `modified_at` in UTC). A ListingIncomplete of
    the listing is raised again at the end, when everything else was yielded.
    """
    counts = counts if counts is not None else SweepCounts()
    held: list[ListingIncomplete] = []
    wanted = _wanted(_holding(listed, held), source, window or Window(), under, dates or days_of, counts)
    while page := list(islice(wanted, PAGE)):
        there = known(page)
        fresh = [one for one in page if (one.uri, one.version) not in there]
        counts.known += len(page) - len(fresh)
        for one in fresh:
            yield _outcome(one, feed, source, complete, seen_by, counts)
    if held:
        raise held[0]


def days_of(listed: Listed) -> tuple[date, date]:
    """The days an object covers: the last full date in its path, else the last month, else `modified_at`."""
    for year, _, month, day in reversed(_DAY.findall(listed.uri)):
        if int(day) <= monthrange(int(year), int(month))[1]:
            exact = date(int(year), int(month), int(day))
            return exact, exact
    for year, _, month in reversed(_MONTH.findall(listed.uri)):
        first = date(int(year), int(month), 1)
        return first, first.replace(day=monthrange(first.year, first.month)[1])
    return listed.modified_at.date(), listed.modified_at.date()


def _holding(listed: Iterable[Listed], held: list[ListingIncomplete]) -> Iterator[Listed]:
    try:
        yield from listed
    except ListingIncomplete as incomplete:
        held.append(incomplete)


def _wanted(
    listed: Iterator[Listed],
    source: Source,
    window: Window,
    under: str,
    dates: Callable[[Listed], tuple[date, date]],
    counts: SweepCounts,
) -> Iterator[Listed]:
    for one in listed:
        counts.objects += 1
        if one.uri.startswith(under) and source.matches(one.uri) and window.holds(*dates(one)):
            yield one
        else:
            counts.outside += 1


def _outcome(
    one: Listed, feed: str, source: Source, complete: str, seen_by: SeenBy, counts: SweepCounts
) -> Arrival | Ignored:
    reason = ignored_reason(one.uri, complete, source.prefix)
    if reason is None:
        counts.missing += 1
        return Arrival(feed, one.uri, one.version, one.size, one.modified_at, None, seen_by)
    counts.ignored += 1
    return Ignored(one.uri, one.version, one.size, one.modified_at, reason)
