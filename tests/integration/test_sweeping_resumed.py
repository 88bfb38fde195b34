"""Sweeps that go on where another one ended, and listings that begin after a name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from streaming.sweeping import Sweeping
from tests.acceptance.desk import Desk, row, table
from tests.integration.test_sweeping import found, names, sweeping_of, told
from triggers.stores import Listed
from triggers.sweep import Page, SweepCounts
from triggers.unmoved import UnmovedPages

DAYS = [f"2026-01-{day:02}.csv" for day in range(1, 10)]
#: Sweeps until a page is done, says so, and waits to be killed.
PROGRAM = """
import sys
from pathlib import Path
from streaming import sweeping
from tests.acceptance.desk import Desk
from tests.integration.test_sweeping import sweeping_of

def stand(counts):
    print(counts.objects, flush=True)
    sys.stdin.read()

folder, state, dsn = sys.argv[1:]
with sweeping_of(Desk(Path(folder), Path(state), dsn, None)) as this:
    this.page = 4
    this.sweep(sys.stdin.readline().strip(), told=stand)
"""


@pytest.fixture
def desk(tmp_path: Path, migrated_postgres: str) -> Desk:
    for name in ("in", "state"):
        (tmp_path / name).mkdir()
    return Desk(tmp_path / "in", tmp_path / "state", migrated_postgres, None)


def drop(desk: Desk, *names: str) -> None:
    for name in names:
        desk.drop(name, table(row(1)))


def killed_after_a_page(desk: Desk, why: str = "beat") -> int:
    """Sweep in a process of its own and kill it once a page is done; how many objects it had seen."""
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(desk.folder), str(desk.state), desk.dsn],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert program.stdin is not None and program.stdout is not None
    with program:
        program.stdin.write(f"{why}\n")
        program.stdin.flush()
        seen = int(program.stdout.readline())
        program.send_signal(signal.SIGKILL)
    return seen


def test_a_sweep_whose_process_was_killed_between_two_pages_goes_on_after_the_first(desk: Desk) -> None:
    drop(desk, *DAYS)
    seen = killed_after_a_page(desk)
    assert 0 < seen <= 4
    with sweeping_of(desk) as this:
        assert names(told(this)) == DAYS[:seen]
        listed: list[SweepCounts] = []
        assert found(this.sweep("start", told=listed.append)) == {"missed": 9}
        went_on = [this.resumed]
        assert names(told(this)) == DAYS
        assert found(this.sweep("beat")) == {"awaited": 9}
        assert [*went_on, this.resumed] == [True, False]
    rows = desk.ask("SELECT why, missed, ended_at IS NULL FROM tradewind.reconciliations ORDER BY reconciliation_id")
    assert rows == [("beat", 9, False), ("beat", 0, False)]


def test_a_backfill_that_goes_on_owes_what_the_killed_one_had_found(desk: Desk) -> None:
    drop(desk, *DAYS)
    seen = killed_after_a_page(desk, "backfill")
    assert len(desk.owed()) == seen
    with sweeping_of(desk) as this:
        assert found(this.sweep("backfill")) == {"missed": 9}
    assert len(desk.owed()) == 9


def test_a_sweep_that_is_stopped_goes_on_with_the_next_and_one_of_long_ago_does_not(desk: Desk) -> None:
    drop(desk, *DAYS)
    with sweeping_of(desk) as this:
        this.page = 4
        stopped = threading.Event()
        this.sweep("beat", stop=stopped, told=lambda _: stopped.set())
        assert found(this.sweep("beat")) == {"missed": 9}
        this.sweep("beat", stop=stopped)
        desk.run("UPDATE tradewind.reconciliations SET started_at = now() - interval '2 hours'")
        this.sweep("beat")
        assert not this.resumed


def test_a_living_sweep_is_not_taken_over(desk: Desk) -> None:
    drop(desk, *DAYS)
    with sweeping_of(desk) as this, sweeping_of(desk) as other:
        this.page = 4
        stopped = threading.Event()
        stopped.set()
        this.sweep("beat", stop=stopped)
        assert found(other.sweep("beat"))["missed"] < 9  # what the first had journaled is known
        assert not other.resumed


class Counted:
    """The disk, and which names were listed."""

    def __init__(self, desk: Desk) -> None:
        self.store = desk.plan.stores.of(desk.plan.prefix)
        self.listed: list[str] = []

    def of(self, uri: str) -> Counted:
        return self

    def list(self, prefix: str, after: str | None, counting: Callable[[], None]) -> Iterator[Listed]:
        for one in self.store.list(prefix, after, counting):
            self.listed.append(Path(one.uri).name)
            yield one

    def stat(self, uri: str) -> Listed | None:
        return self.store.stat(uri)


def listed_by(sweeping: Sweeping, *, full: bool) -> list[str]:
    """The names that one sweep lists."""
    store = cast(Counted, sweeping.plan.stores)
    store.listed.clear()
    sweeping.sweep("beat", full=full)
    return list(store.listed)


@pytest.fixture
def ordered(desk: Desk) -> Iterator[Sweeping]:
    desk.settings["name_order"] = True
    with sweeping_of(desk) as this:
        this.plan = replace(this.plan, stores=Counted(desk))  # type: ignore[arg-type]
        yield this


def test_in_name_order_a_listing_begins_after_the_newest_name_of_the_sweep_before_the_last(
    desk: Desk, ordered: Sweeping
) -> None:
    drop(desk, *DAYS[:3])
    assert listed_by(ordered, full=False) == DAYS[:3]
    drop(desk, DAYS[3])
    assert listed_by(ordered, full=False) == DAYS[:4]
    drop(desk, DAYS[4])
    assert listed_by(ordered, full=False) == DAYS[3:5]
    assert listed_by(ordered, full=False) == DAYS[4:5]
    assert listed_by(ordered, full=False) == []
    assert listed_by(ordered, full=False) == []
    drop(desk, DAYS[5])
    assert listed_by(ordered, full=False) == DAYS[5:6]
    assert names(told(ordered)) == DAYS[:6]


def test_a_late_name_is_found_by_the_full_pass_only(desk: Desk, ordered: Sweeping) -> None:
    drop(desk, *DAYS[1:])
    for _ in range(3):
        ordered.sweep("beat", full=False)
    drop(desk, DAYS[0])
    assert listed_by(ordered, full=False) == []
    assert DAYS[0] not in names(told(ordered))
    assert listed_by(ordered, full=True) == DAYS
    assert names(told(ordered))[-1] == DAYS[0]


def test_without_name_order_every_beat_lists_all(desk: Desk) -> None:
    drop(desk, *DAYS)
    with sweeping_of(desk) as this:
        this.plan = replace(this.plan, stores=Counted(desk))  # type: ignore[arg-type]
        assert [listed_by(this, full=False) for _ in range(4)] == [DAYS] * 4


class Noted(UnmovedPages):
    """Keeps pages, and the objects of those that the database was asked about."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def keep(self, page: Page, counted: SweepCounts) -> None:
        self.asked += [Path(one.uri).name for one in page.objects]
        super().keep(page, counted)


def test_what_has_not_moved_costs_no_work_of_the_database(desk: Desk) -> None:
    drop(desk, *DAYS)
    desk.take(desk.sightings())
    with sweeping_of(desk) as this:
        this.page, this._unmoved = 4, (pages := Noted())
        asked = pages.asked
        this.sweep("beat", full=False)
        assert asked == DAYS
        asked.clear()
        assert found(this.sweep("beat", full=False)) == {"known": 9}
        assert asked == []
        drop(desk, DAYS[4])
        desk.take(desk.sightings())
        assert found(this.sweep("beat", full=False)) == {"known": 9}
        assert DAYS[4] in asked
        assert len(asked) <= 4
        asked.clear()
        this.sweep("beat", full=True)
        assert asked == DAYS
