"""One sweep of one feed: the store's listing against the ledger and the journal, page by page, resumable."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Any

import structlog

from sinks import database, sweeps
from sinks.runs import RunId
from sinks.sweeps import Extent, Sweep, Unlisted, Why
from streaming.feeds import FeedPlan
from streaming.registering import register
from streaming.sightings import Sighting
from triggers.errors import SetAside
from triggers.journal import Journal
from triggers.open_arrivals import OpenArrivals
from triggers.stores import Listed
from triggers.sweep import JOURNALED, PAGE, Ignored, Page, Scope, Sorted, SweepCounts, Window, pages, sort
from triggers.unmoved import UnmovedPages

log = structlog.get_logger()

_MOST_UNSETTLED = 10_000  # names that are looked for in the pages known; with more of them all pages are asked anew

Told = Callable[[SweepCounts], None]


def silent(_: SweepCounts) -> None:
    """Tells nobody."""


@dataclass(slots=True)
class Sweeping:
    """A feed that is swept again and again, and what need not be asked twice."""

    plan: FeedPlan
    dsn: str
    run_id: RunId
    dataset_id: int
    journal: Journal
    page: int = PAGE  # objects that are compared at once, at most
    resumed: bool = False  # whether the last sweep went on where another one had ended
    _unmoved: UnmovedPages = field(default_factory=UnmovedPages)
    _open: OpenArrivals = field(init=False)
    _before: datetime | None = None

    def __post_init__(self) -> None:
        self._open = OpenArrivals(self.journal)

    def sweep(
        self,
        why: Why,
        window: Window | None = None,
        under: str = "",
        *,
        full: bool = True,
        told: Told = silent,
        stop: threading.Event | None = None,
    ) -> SweepCounts:
        """One sweep, in bounded memory; one that stopped within the last hour is gone on with, after its last page.

        `full` False lets a feed in name order begin after a late enough name, and takes what has not moved for known.
        `stop` ends it between two pages. Raises what the store and the database raise; what was swept until then
        is written down, and done.
        """
        window = window or Window()
        with closing(database.connect(self.dsn, "tradewind sweep")) as connection:
            extent = self._extent(connection, window, under, full)
            with database.transaction(connection) as cursor:
                row = sweeps.begin(cursor, self.run_id, why, extent)
            self.resumed = row.reached is not None
            self._forget(connection, row, all_of_it=full)
            swept = _Pass(self, connection, row, extent, self._scope(why, window, under), why == "backfill")
            incomplete = swept.through(told, stop or threading.Event())
        if incomplete:
            log.warning("Some places could not be listed", feed=self.plan.name, reason=incomplete)
        return swept.counts

    def _scope(self, why: Why, window: Window, under: str) -> Scope:
        plan = self.plan
        seen_by = "backfill" if why == "backfill" else "sweep"
        return Scope(plan.name, plan.source, plan.complete, window, under, seen_by, plan.days_of)  # type: ignore[arg-type]

    def _extent(self, connection: Any, window: Window, under: str, full: bool) -> Extent:
        after = None
        if self.plan.name_order and not full:
            with database.transaction(connection) as cursor:
                after = sweeps.start_after(cursor, self.plan.name)
        return Extent(self.plan.name, window.first, window.last, under, after)

    def _forget(self, connection: Any, row: Sweep, all_of_it: bool) -> None:
        """Pages in which the ledger has moved are asked anew, and in a full pass all."""
        names = None
        if self._before is not None and not all_of_it:
            with database.transaction(connection) as cursor:
                names = sweeps.unsettled(cursor, self.plan.name, self._before, _MOST_UNSETTLED)
        self._unmoved.forget(names if names is not None and len(names) < _MOST_UNSETTLED else None)
        self._before = row.started_at


class _Pass:
    """One sweep under way."""

    def __init__(
        self, sweeping: Sweeping, connection: Any, row: Sweep, extent: Extent, scope: Scope, registers: bool
    ) -> None:
        self.counts = SweepCounts(**row.counts)
        self._of, self._plan, self._connection, self._row = sweeping, sweeping.plan, connection, row
        self._scope, self._registers = scope, registers
        self._reached, self._calls, self._began = row.reached, row.list_calls, time.monotonic()
        self._after = row.reached or extent.started_after or scope.begins_after

    def through(self, told: Told, stop: threading.Event) -> str | None:
        """All pages, or until `stop`; the places that could not be listed."""
        incomplete = None
        try:
            for page in pages(self._listing(), self._after, self._of.page):
                self._take(page)
                told(self.counts)
                if stop.is_set() and page.last is not None:
                    self._note()
                    return None
        except SetAside as problem:
            incomplete = str(problem)
        with database.transaction(self._connection) as cursor:
            self._write(cursor)
            sweeps.end(cursor, self._row, incomplete)
        return incomplete

    def _listing(self) -> Iterator[Listed]:
        """No more than what lies below the prefix that an operator asked for."""
        folder, end = self._scope.folder, self._scope.ends_before.encode()
        listed = self._plan.stores.of(folder).list(folder, self._after, self._count)
        return takewhile(lambda one: one.uri.encode() < end, listed)

    def _count(self) -> None:
        self._calls += 1

    def _take(self, page: Page) -> None:
        unmoved = self._of._unmoved
        if not self._registers and page in unmoved:
            _add(self.counts, unmoved.counted(page))
            self._pass(page)
            return
        counted = self._told_and_compared(page)
        _add(self.counts, counted)
        self._pass(page)
        self._note()
        if _is_settled(counted):
            unmoved.keep(page, counted)

    def _told_and_compared(self, page: Page) -> SweepCounts:
        counted = SweepCounts()
        self._keep(sort(page, self._scope, self._judge, counted, wakes=not self.counts.owed_too_long))
        self._compare(page, counted)
        return counted

    def _pass(self, page: Page) -> None:
        if page.objects:
            self._reached = page.objects[-1].uri

    def _judge(self, asked: list[Listed]) -> dict[int, Any]:
        """What the ledger does not hold and no line of the journal tells of."""
        versions = [(one.uri, one.version) for one in asked]
        verdicts = self._ask(versions)
        if fresh := [place for place, verdict in verdicts.items() if verdict in JOURNALED]:
            # In this order: what is journaled, or registered, meanwhile is found by one of the two.
            self._of._open.refresh(self._registered)
            again = self._ask([versions[place] for place in fresh])
            for number, place in enumerate(fresh):
                if number not in again or (again[number] != "returned" and versions[place] in self._of._open):
                    verdicts[place] = "awaited"
        return verdicts

    def _ask(self, versions: Sequence[tuple[str, str]]) -> dict[int, Any]:
        with database.transaction(self._connection) as cursor:
            return sweeps.judge(cursor, self._plan.name, versions)

    def _registered(self, versions: Sequence[tuple[str, str]]) -> list[bool]:
        there: list[bool] = []
        for start in range(0, len(versions), PAGE):
            some = versions[start : start + PAGE]
            unknown = self._ask(some)
            there += [unknown.get(place) not in ("missed", "overwritten") for place in range(len(some))]
        return there

    def _keep(self, done: Sorted) -> None:
        """Journaled before anything is written down: a sweep that dies in between tells of them again."""
        self._of.journal.append(done.arrivals)
        sightings = [_ignored(one, self._plan) for one in done.ignored]
        if self._registers:
            # A backfill's journal dies with it; what the next one goes on from is the ledger.
            sightings += [Sighting.of(one, self._plan, one.seen_by) for one in done.arrivals]
        if sightings:
            register(self._connection, self._plan, self._of.dataset_id, sightings)

    def _compare(self, page: Page, counted: SweepCounts) -> None:
        """What is owed in this stretch and not there becomes `vanished`."""
        some: list[Unlisted] = []
        while True:
            some = self._unlisted(page, some[-1] if some else None)
            if gone := [one for one in some if self._is_gone(one)]:
                self._vanish(gone, counted)
            if len(some) < sweeps.PAGE:
                return

    def _unlisted(self, page: Page, passed: Unlisted | None) -> list[Unlisted]:
        between = page.after or self._scope.comes_after, page.last or self._scope.ends_before
        versions = [(one.uri, one.version) for one in page.objects]
        with database.transaction(self._connection) as cursor:
            return sweeps.unlisted(cursor, self._plan.name, between, versions, self._row.started_at, passed)

    def _vanish(self, gone: list[Unlisted], counted: SweepCounts) -> None:
        with database.transaction(self._connection) as cursor:
            done = sweeps.vanish(cursor, gone, self._row.started_at)
        for one in done:
            counted.count(one.count)
            log.warning("A file is not there any more", feed=self._plan.name, file=one.uri, reason=one.reason)

    def _is_gone(self, one: Unlisted) -> bool:
        """A listing that lacks an object may be older than the object, or unable to see its place: the store itself is
        asked, of these few."""
        if one.shown is not None:
            return True
        try:
            return self._plan.stores.of(one.uri).stat(one.uri) is None
        except SetAside:
            return False

    def _note(self) -> None:
        with database.transaction(self._connection) as cursor:
            self._write(cursor)

    def _write(self, cursor: Any) -> None:
        sweeps.note(
            cursor, self._row, asdict(self.counts), self._reached, self._calls,
            self._row.seconds + time.monotonic() - self._began,
        )  # fmt: skip


def _ignored(one: Ignored, plan: FeedPlan) -> Sighting:
    return Sighting.of(Listed(one.uri, one.version, one.size, one.modified_at), plan, "sweep", one.reason)


def _is_settled(counted: SweepCounts) -> bool:
    return counted.objects == counted.outside + counted.ignored + counted.known and not (
        counted.vanished or counted.phantom
    )


def _add(counts: SweepCounts, more: SweepCounts) -> None:
    for name, number in asdict(more).items():
        counts.count(name, number)
