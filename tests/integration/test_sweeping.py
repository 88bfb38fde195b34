"""The store's listing against the ledger and the journal, on a disk and a real PostgreSQL; no Spark is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sinks import database, ledger, runs, sweeps
from streaming.sightings import Sighting
from streaming.sweeping import Sweeping
from tests.acceptance.desk import Desk, row, table
from triggers.arrival import Arrival
from triggers.errors import ListingIncomplete, StoreUnavailable, Unreadable
from triggers.folders import LocalFolder
from triggers.journal import Journal
from triggers.stores import Listed
from triggers.stores.local import uri_of
from triggers.sweep import SweepCounts, Window

YESTERDAY, TODAY, TOMORROW = 1_760_000_000.0, 1_760_086_400.0, 1_760_172_800.0
FOUND = (
    "known",
    "awaited",
    "missed",
    "overwritten",
    "returned",
    "owed_too_long",
    "vanished",
    "phantom",
    "ignored",
    "outside",
)


@pytest.fixture
def desk(tmp_path: Path, migrated_postgres: str) -> Desk:
    for name in ("in", "state"):
        (tmp_path / name).mkdir()
    return Desk(tmp_path / "in", tmp_path / "state", migrated_postgres, None)


@pytest.fixture
def sweeping(desk: Desk) -> Iterator[Sweeping]:
    """The feed's sweeps within one run, as a stream makes them."""
    with sweeping_of(desk) as made:
        yield made


@contextmanager
def sweeping_of(desk: Desk) -> Iterator[Sweeping]:
    with runs.run(desk.dsn, "sweep", ["x"]) as run:
        with closing(database.connect(desk.dsn)) as connection, database.transaction(connection) as cursor:
            dataset_id = ledger.ensure_feed(
                cursor, feed="x", dataset="x", source=desk.plan.prefix, profile=desk.plan.profile.name,
                profile_version=desk.plan.profile.version, partition=desk.plan.partition,
            )  # fmt: skip
        yield Sweeping(desk.plan, desk.dsn, run.run_id, dataset_id, Journal(desk.state / "journal"))


def found(counts: SweepCounts) -> dict[str, int]:
    """What was counted, without the noughts; the sum over the objects is theirs."""
    objects = sum(getattr(counts, name) for name in FOUND) - counts.vanished - counts.phantom
    assert objects == counts.objects
    return {name: getattr(counts, name) for name in FOUND if getattr(counts, name)}


def told(sweeping: Sweeping) -> list[Arrival]:
    """What is in the journal."""
    return [arrival for _, arrivals in sweeping.journal.since("") for arrival in arrivals]


def names(arrivals: list[Arrival]) -> list[str]:
    return [Path(one.uri).name for one in arrivals]


def drop(desk: Desk, *names: str, modified: float = TODAY) -> None:
    for name in names:
        desk.drop(name, table(row(1)), modified)


def register(desk: Desk, seen_by: Any = "sweep", ago: str = "1 hour") -> None:
    """Register what is there, so long ago; it is owed then."""
    with (
        sweeping_of(desk) as this,
        closing(database.connect(desk.dsn)) as connection,
        database.transaction(connection) as cursor,
    ):
        sightings = [replace(one, seen_by=seen_by) for one in desk.sightings()]
        ledger.register(cursor, "x", this.dataset_id, sightings)
        cursor.execute(
            "UPDATE tradewind.files SET registered_at = now() - %s::interval, state_at = now() - %s::interval "
            "WHERE state = 'discovered'",
            (ago, ago),
        )


def reasons(desk: Desk) -> dict[str, tuple[str, str]]:
    """State and reason by name, of what has a reason."""
    rows = desk.ask("SELECT uri, state, reason FROM tradewind.files WHERE reason IS NOT NULL")
    return {Path(uri).name: (state, reason) for uri, state, reason in rows}


def test_what_nobody_told_of_is_missed_and_journaled(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, "a.csv", "sub/b.csv")
    assert found(sweeping.sweep("beat")) == {"missed": 2}
    assert names(told(sweeping)) == ["a.csv", "b.csv"]


def test_what_is_in_the_journal_and_not_taken_yet_is_not_told_again(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, "a.csv", "b.csv")
    sweeping.journal.append(Arrival("x", one.uri, one.version, 1, one.modified_at, None, "events")
                            for one in desk.sightings()[:1])  # fmt: skip
    assert found(sweeping.sweep("beat")) == {"awaited": 1, "missed": 1}
    assert found(sweeping.sweep("beat")) == {"awaited": 2}
    assert names(told(sweeping)) == ["a.csv", "b.csv"]


def test_a_file_written_over_and_one_that_returned_are_told_with_the_version_that_is_there(
    desk: Desk, sweeping: Sweeping
) -> None:
    drop(desk, "a.csv", "b.csv", "c.csv", modified=YESTERDAY)
    desk.take(desk.sightings())
    drop(desk, "a.csv", "b.csv")
    desk.take(desk.sightings())
    drop(desk, "a.csv", modified=YESTERDAY)
    drop(desk, "b.csv", modified=TOMORROW)
    assert found(sweeping.sweep("beat")) == {"known": 1, "overwritten": 1, "returned": 1}
    assert [(Path(one.uri).name, one.modified_at.timestamp()) for one in told(sweeping)] == [
        ("a.csv", YESTERDAY), ("b.csv", TOMORROW)
    ]  # fmt: skip
    desk.take([Sighting.of(one, desk.plan, "sweep") for one in told(sweeping)])
    assert desk.states() == {
        "a.csv": ["loaded", "superseded"], "b.csv": ["superseded", "superseded", "loaded"], "c.csv": ["loaded"]
    }  # fmt: skip


def test_a_return_between_two_sweeps_is_seen_though_the_listing_is_the_same(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, "a.csv", modified=YESTERDAY)
    desk.take(desk.sightings())
    assert [found(sweeping.sweep("beat", full=False)) for _ in range(2)] == [{"known": 1}] * 2
    drop(desk, "a.csv")
    desk.take(desk.sightings())
    drop(desk, "a.csv", modified=YESTERDAY)
    assert found(sweeping.sweep("beat", full=False)) == {"returned": 1}


def test_what_is_owed_and_not_there_vanished_or_was_never_there(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, "announced.csv")
    register(desk, "events")
    drop(desk, "seen.csv", "changed.csv")
    register(desk)
    for name in ("announced.csv", "seen.csv"):
        (desk.folder / name).unlink()
    drop(desk, "changed.csv", modified=TOMORROW)
    assert found(sweeping.sweep("beat")) == {"overwritten": 1, "vanished": 2, "phantom": 1}
    states = reasons(desk)
    assert {state for state, _ in states.values()} == {"vanished"}
    assert "an event told of it" in states["announced.csv"][1]
    assert "put the file back" in states["seen.csv"][1]
    assert "before it was read" in states["changed.csv"][1]
    assert found(sweeping.sweep("beat")) == {"awaited": 1}


def test_a_vanished_file_that_is_put_back_has_returned(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, "a.csv")
    register(desk)
    (desk.folder / "a.csv").unlink()
    assert found(sweeping.sweep("beat")) == {"vanished": 1}
    drop(desk, "a.csv")
    assert found(sweeping.sweep("beat")) == {"returned": 1}


def test_a_loaded_file_that_is_gone_is_nobodys_concern(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, "a.csv", "b.csv")
    desk.take(desk.sightings())
    (desk.folder / "a.csv").unlink()
    assert found(sweeping.sweep("beat")) == {"known": 1}
    assert desk.states() == {"a.csv": ["loaded"], "b.csv": ["loaded"]}


def test_a_file_loaded_before_and_owed_again_keeps_its_books_when_it_is_gone(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, "a.csv")
    desk.take(desk.sightings())
    desk.run("UPDATE tradewind.files SET state = 'discovered'")
    (desk.folder / "a.csv").unlink()
    assert found(sweeping.sweep("beat")) == {"vanished": 1}
    assert desk.states() == {"a.csv": ["superseded"]}
    assert desk.books("a.csv") == {"inserted": 1}


def test_what_is_owed_for_too_long_is_counted_and_one_of_it_wakes_the_stream(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, "a.csv", "b.csv")
    register(desk, ago="11 minutes")
    drop(desk, "c.csv")
    register(desk, ago="9 minutes")
    desk.run("UPDATE tradewind.files SET state_at = now() - interval '11 minutes' WHERE uri NOT LIKE '%/c.csv'")
    assert found(sweeping.sweep("beat")) == {"known": 1, "owed_too_long": 2}
    assert names(told(sweeping)) == ["a.csv"]


def test_what_a_living_run_works_on_is_left_to_it_and_what_a_dead_one_left_is_not(
    desk: Desk, sweeping: Sweeping
) -> None:
    drop(desk, "held.csv", "left.csv")
    register(desk)
    dead = runs.Run(desk.dsn, "command", ["x"])
    dead._connection.close()
    desk.run(
        f"UPDATE tradewind.files SET state = 'loading', run_id = CASE WHEN uri LIKE '%/held.csv' "
        f"THEN {sweeping.run_id} ELSE {dead.run_id} END"
    )
    assert found(sweeping.sweep("beat")) == {"known": 1, "owed_too_long": 1}
    for name in ("held.csv", "left.csv"):
        (desk.folder / name).unlink()
    assert found(sweeping.sweep("beat")) == {"vanished": 1}
    assert desk.states() == {"held.csv": ["loading"], "left.csv": ["vanished"]}


def test_names_that_are_no_trade_files_are_registered_once_with_their_reason(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, "a.csv.tmp", "_b.csv", ".hidden/c.csv")
    assert [found(sweeping.sweep("beat")) for _ in range(2)] == [{"ignored": 3}] * 2
    assert {state for state, _ in reasons(desk).values()} == {"ignored"}
    assert told(sweeping) == []


def test_what_lies_outside_of_the_window_is_counted_and_left_alone(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, "2026-01-01.csv", "2026-01-02.csv", "2026-01-03.csv")
    day = Window(date(2026, 1, 2), date(2026, 1, 2))
    assert found(sweeping.sweep("command", day)) == {"missed": 1, "outside": 2}
    assert names(told(sweeping)) == ["2026-01-02.csv"]


def test_an_owed_object_that_the_sources_glob_leaves_out_has_not_vanished(desk: Desk) -> None:
    drop(desk, "a.csv", "b.txt")
    register(desk)
    desk.settings["source"] = f"{desk.folder}/*.csv"
    with sweeping_of(desk) as this:
        assert found(this.sweep("beat")) == {"outside": 1, "owed_too_long": 1}
    assert desk.states()["b.txt"] == ["discovered"]


def test_members_of_an_archive_stand_in_no_listing_and_do_not_vanish(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, "a.zip")
    register(desk)
    desk.run(
        "INSERT INTO tradewind.files (feed, dataset_id, uri, version, size, modified_at, effective_at, order_key, "
        "seen_by, registered_at, state_at) SELECT feed, dataset_id, uri || '!t.csv', version, 1, modified_at, "
        "effective_at, 'k', 'archive', registered_at, state_at FROM tradewind.files"
    )
    sweeping.sweep("beat")
    assert desk.states() == {"a.zip": ["discovered"], "a.zip!t.csv": ["discovered"]}


class Odd:
    """The disk, with what a listing may be as well: late, cut off, without some of its places."""

    def __init__(self, desk: Desk, instead: Callable[[Iterator[Listed]], Iterator[Listed]]) -> None:
        self.store, self.instead, self.asked = desk.plan.stores.of(desk.plan.prefix), instead, 0
        self.unreadable: set[str] = set()

    def of(self, uri: str) -> Odd:
        return self

    def list(self, prefix: str, after: str | None, counting: Callable[[], None]) -> Iterator[Listed]:
        return self.instead(self.store.list(prefix, after, counting))

    def stat(self, uri: str) -> Listed | None:
        self.asked += 1
        if Path(uri).name in self.unreadable:
            raise Unreadable(uri, "no permission")
        return self.store.stat(uri)


def through(sweeping: Sweeping, store: Odd) -> Sweeping:
    sweeping.plan = replace(sweeping.plan, stores=store)  # type: ignore[arg-type]
    return sweeping


def test_what_a_stale_listing_lacks_is_there_if_the_store_says_so(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, "a.csv", "b.csv")
    register(desk, ago="1 minute")
    store = Odd(desk, lambda listed: (one for one in listed if not one.uri.endswith("a.csv")))
    assert found(through(sweeping, store).sweep("beat")) == {"known": 1}
    assert desk.states() == {"a.csv": ["discovered"], "b.csv": ["discovered"]}


def test_nothing_vanishes_from_places_that_could_not_be_listed(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, "a.csv", "locked.csv")
    register(desk, ago="1 minute")

    def incomplete(listed: Iterator[Listed]) -> Iterator[Listed]:
        yield from (one for one in listed if not one.uri.endswith("locked.csv"))
        raise ListingIncomplete(desk.plan.prefix, [Unreadable("locked.csv", "no permission")])

    store = Odd(desk, incomplete)
    store.unreadable = {"locked.csv"}
    assert found(through(sweeping, store).sweep("beat")) == {"known": 1}
    assert desk.states()["locked.csv"] == ["discovered"]
    assert "locked.csv" in str(desk.ask("SELECT incomplete FROM tradewind.reconciliations")[0][0])


def test_nothing_vanishes_because_a_listing_was_cut_off(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, "a.csv", "b.csv")
    register(desk, ago="1 minute")

    def cut_off(listed: Iterator[Listed]) -> Iterator[Listed]:
        yield next(listed)
        raise StoreUnavailable(desk.plan.prefix, "connection reset")

    with pytest.raises(StoreUnavailable):
        through(sweeping, Odd(desk, cut_off)).sweep("beat")
    assert desk.states() == {"a.csv": ["discovered"], "b.csv": ["discovered"]}
    assert desk.ask("SELECT ended_at FROM tradewind.reconciliations") == [(None,)]


def test_a_file_that_comes_and_goes_while_the_store_is_listed_is_left_to_its_events(
    desk: Desk, sweeping: Sweeping
) -> None:
    drop(desk, "a.csv", "z.csv")
    desk.take(desk.sightings())

    def meanwhile(listed: Iterator[Listed]) -> Iterator[Listed]:
        yield next(listed)
        drop(desk, "b.csv")
        register(desk, "events", ago="0 seconds")
        (desk.folder / "b.csv").unlink()
        yield from listed

    assert found(through(sweeping, Odd(desk, meanwhile)).sweep("beat")) == {"known": 2}
    assert desk.states()["b.csv"] == ["discovered"]
    assert found(through(sweeping, Odd(desk, iter)).sweep("beat")) == {"known": 2, "phantom": 1}


def test_a_sweep_of_what_is_known_asks_the_store_for_nothing_but_its_listing(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, *(f"{n}.csv" for n in range(50)))
    store = Odd(desk, iter)
    through(sweeping, store).sweep("beat")
    register(desk, ago="1 minute")
    sweeping.sweep("beat")
    assert store.asked == 0


def test_a_sweep_is_a_row_that_tells_why_and_what(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, "a.csv", "_b.csv")
    sweeping.sweep("start")
    with closing(database.connect(desk.dsn)) as connection:
        (noted,) = sweeps.history(connection, ["x"], 10)
    assert {name: noted[name] for name in ("why", "objects", "missed", "ignored", "list_calls", "incomplete")} == {
        "why": "start", "objects": 2, "missed": 1, "ignored": 1, "list_calls": 1, "incomplete": None
    }  # fmt: skip
    assert noted["ended_at"] > noted["started_at"] > datetime(2020, 1, 1, tzinfo=UTC)
    assert 0 < noted["seconds"] < 60
    assert noted["reached"] == uri_of(desk.folder / "a.csv")


@dataclass(frozen=True, slots=True)
class CountingFolder(LocalFolder):
    """A disk that notes what is read of it."""

    reads: list[str] = field(default_factory=list)

    def read(self, name: str) -> bytes | None:
        self.reads.append(name)
        return LocalFolder.read(self, name)


def test_a_first_sweep_over_very_many_new_objects_reads_each_file_of_its_journal_once(
    desk: Desk, sweeping: Sweeping
) -> None:
    drop(desk, *(f"{n:03}.csv" for n in range(200)))
    folder = CountingFolder(desk.state / "journal")
    this = replace(sweeping, journal=Journal(folder), page=4)
    assert found(this.sweep("start")) == {"missed": 200}
    pages = len(this.journal.names())
    assert pages >= 50
    assert len(folder.reads) < pages
    assert found(this.sweep("beat")) == {"awaited": 200}
    assert len(folder.reads) == pages


def test_an_awaited_file_that_was_replaced_and_returned_since_is_told_again(desk: Desk, sweeping: Sweeping) -> None:
    drop(desk, "a.csv", modified=YESTERDAY)
    assert found(sweeping.sweep("beat")) == {"missed": 1}
    desk.take(desk.sightings())
    drop(desk, "a.csv")
    desk.take(desk.sightings())
    drop(desk, "a.csv", modified=YESTERDAY)
    assert found(sweeping.sweep("beat")) == {"returned": 1}
