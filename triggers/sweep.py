"""The sweep, as far as it needs no database: the listing in pages, and what of a page is looked up in the ledger."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Literal
from zlib import crc32

from triggers.arrival import Arrival, SeenBy
from triggers.errors import ListingIncomplete
from triggers.names import ignored_reason
from triggers.sources import Source
from triggers.stores.port import Listed

PAGE = 1_000
_LAST = "\U0010ffff"  # the last of all characters, in UTF-8 too

Verdict = Literal[
    "known",  # in the ledger
    "awaited",  # in the journal, the stream will register it
    "missed",  # nobody told of this uri
    "overwritten",  # another version of this uri is known
    "returned",  # a version that had been replaced, or gone, is there again (A, B, A)
    "owed_too_long",  # known and owed, but nobody works on it
]
JOURNALED: tuple[Verdict, ...] = ("missed", "overwritten", "returned")

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
    """What a sweep saw so far.

    objects = outside + ignored + known + awaited + missed + overwritten + returned + owed_too_long; vanished and
    phantom count rows of the ledger that no object stands behind.
    """

    objects: int = 0
    outside: int = 0
    ignored: int = 0
    known: int = 0
    awaited: int = 0
    missed: int = 0
    overwritten: int = 0
    returned: int = 0
    owed_too_long: int = 0
    vanished: int = 0
    phantom: int = 0

    @property
    def missing(self) -> int:
        """What the ledger has to be told of: missed, overwritten and returned."""
        return self.missed + self.overwritten + self.returned

    def count(self, name: str, number: int = 1) -> None:
        setattr(self, name, getattr(self, name) + number)


@dataclass(frozen=True, slots=True)
class Page:
    """All objects whose uris come after `after` and not after `last`; None is the listing's beginning or end."""

    after: str | None
    last: str | None
    objects: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """Of which objects a sweep speaks. `under`, which begins with the source's prefix, narrows to uris that begin with
    it; `dates` tells the days that an
    object covers (its path's date, else the day of `modified_at` in UTC)."""

    feed: str
    source: Source
    complete: str = "auto"
    window: Window = field(default_factory=Window)
    under: str = ""
    seen_by: SeenBy = "sweep"
    dates: Callable[[Listed], tuple[date, date]] | None = None

    @property
    def folder(self) -> str:
        """The deepest folder that holds everything below `under`."""
        return self.under[: self.under.rindex("/") + 1] if self.under else self.source.listed

    @property
    def begins_after(self) -> str | None:
        """A name within the folder that comes before everything below `under`."""
        return self.under[:-1] if len(self.under) > len(self.folder) + 1 else None

    @property
    def comes_after(self) -> str:
        """A name that comes before all of which the sweep speaks: the folder's, or where the source may be one single
        file one just below that file's."""
        return self.folder if self.folder.endswith("/") else self.folder[:-1]

    @property
    def ends_before(self) -> str:
        """A name that comes after everything below `under`, and after most that does not lie there."""
        return (self.under or self.source.prefix) + _LAST

    def holds(self, one: Listed) -> bool:
        """Whether the object is of the feed, below `under`, and touches the window."""
        days = self.dates or days_of
        return one.uri.startswith(self.under) and self.source.matches(one.uri) and self.window.holds(*days(one))

    def arrival(self, one: Listed) -> Arrival:
        """The journal's line of an object."""
        return Arrival(self.feed, one.uri, one.version, one.size, one.modified_at, None, self.seen_by)

    def ignored(self, one: Listed) -> Ignored | None:
        """An object whose name says that it is no trade file, with the reason."""
        reason = ignored_reason(one.uri, self.complete, self.source.prefix)
        return Ignored(one.uri, one.version, one.size, one.modified_at, reason) if reason else None


@dataclass(slots=True)
class Sorted:
    """What the ledger must be told of a page: by the journal, or at once because it is ignored."""

    arrivals: list[Arrival] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)


def pages(listed: Iterable[Listed], after: str | None = None, size: int = PAGE) -> Iterator[Page]:
    """The listing in stretches of at most `size`, lazily; the last one, also an empty one, reaches to the end.

    `listed` ascends by the uris' bytes. Where a stretch ends hangs on the names alone, so that a file that comes in
    between moves one page and not all that follow. A ListingIncomplete of the listing is raised at the end.
    """
    held: list[ListingIncomplete] = []
    rest = _holding(listed, held)
    while page := list(_stretch(rest, size)):
        last = page[-1].uri
        yield Page(after, last, tuple(page))
        after = last
    yield Page(after, None, ())
    if held:
        raise held[0]


def sort(
    page: Page,
    scope: Scope,
    judge: Callable[[list[Listed]], dict[int, Verdict]],
    counts: SweepCounts,
    wakes: bool = True,
) -> Sorted:
    """Each object of a page under its verdict: counted, and what the ledger must be told of.

    `judge` gets the objects in question, at most a page, and tells by their place those that are not simply known.
    One line wakes the stream for all that is owed: of those owed for too long the first is journaled, if `wakes`.
    """
    counts.objects += len(page.objects)
    asked = [one for one in page.objects if scope.holds(one)]
    counts.outside += len(page.objects) - len(asked)
    verdicts, done = judge(asked) if asked else {}, Sorted()
    for place, one in enumerate(asked):
        verdict, no_trades = verdicts.get(place, "known"), scope.ignored(one)
        counts.count("ignored" if no_trades else verdict)
        if verdict in ("known", "awaited"):
            continue
        if no_trades:
            done.ignored.append(no_trades)
        elif verdict in JOURNALED or (wakes and counts.owed_too_long == 1):
            done.arrivals.append(scope.arrival(one))
    return done


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


def _stretch(listed: Iterator[Listed], size: int) -> Iterator[Listed]:
    for one in islice(listed, size):
        yield one
        if crc32(one.uri.encode()) % size == 0:
            return
