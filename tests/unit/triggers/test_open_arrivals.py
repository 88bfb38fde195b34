from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from triggers.arrival import Arrival
from triggers.folders import LocalFolder
from triggers.journal import Journal
from triggers.open_arrivals import OpenArrivals

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Ledger:
    """Which names are registered, and which it was asked about."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.asked: list[str] = []

    def __call__(self, versions: Sequence[tuple[str, str]]) -> list[bool]:
        self.asked += [uri for uri, _ in versions]
        return [uri in self.names for uri, _ in versions]


@dataclass(frozen=True, slots=True)
class Folder(LocalFolder):
    """A disk that notes what is read of it."""

    reads: list[str] = field(default_factory=list)

    def read(self, name: str) -> bytes | None:
        self.reads.append(name)
        return LocalFolder.read(self, name)


class Clock:
    """A writer's clock; each look moves it on a little."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


def arrival(name: str) -> Arrival:
    return Arrival("spot", name, "1", 1, AT, None, "events")


def held(waiting: OpenArrivals, names: str) -> str:
    """Which of the names are in it."""
    return "".join(name for name in names if (name, "1") in waiting)


def test_what_is_journaled_is_awaited_in_that_version(tmp_path: Path) -> None:
    journal, waiting = Journal(tmp_path), OpenArrivals(Journal(tmp_path))
    journal.append([arrival("a"), arrival("b")])
    assert held(waiting, "abc") == ""
    waiting.refresh(Ledger())
    assert held(waiting, "abc") == "ab"
    assert ("b", "2") not in waiting


def test_fifty_pages_of_missed_objects_read_each_journal_file_once_and_ask_the_ledger_nothing(tmp_path: Path) -> None:
    folder, ledger = Folder(tmp_path), Ledger()
    journal = Journal(folder)
    waiting = OpenArrivals(journal)
    written = []
    for page in range(50):
        waiting.refresh(ledger)
        written.append(journal.append([arrival(f"{page}-{n}") for n in range(3)]))
    waiting.refresh(ledger)
    assert folder.reads == written
    assert ledger.asked == []
    assert all((f"{page}-{n}", "1") in waiting for page in range(50) for n in range(3))


def test_a_file_that_comes_late_by_its_name_is_read_and_none_is_read_twice(tmp_path: Path) -> None:
    folder, clock, slow = Folder(tmp_path), Clock(), Clock()
    ours, theirs = Journal(folder, clock=clock), Journal(folder, clock=slow)
    waiting = OpenArrivals(ours)
    clock.now += timedelta(seconds=50)
    ours.append([arrival("a")])
    waiting.refresh(Ledger())
    theirs.append([arrival("b")])
    waiting.refresh(Ledger())
    assert held(waiting, "ab") == "ab"
    clock.now += timedelta(hours=1)
    ours.append([arrival("c")])
    waiting.refresh(Ledger())
    waiting.refresh(Ledger())
    assert held(waiting, "abc") == "abc"
    assert len(folder.reads) == 3


def test_a_file_whose_name_tells_no_time_is_read_once(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    made = Journal(folder).append([arrival("a")])
    (tmp_path / f"{made}").rename(tmp_path / "by-hand.json")
    waiting = OpenArrivals(Journal(folder))
    waiting.refresh(Ledger())
    waiting.refresh(Ledger())
    assert (held(waiting, "a"), folder.reads) == ("a", ["by-hand.json"])


def test_what_was_pruned_is_not_awaited_any_more(tmp_path: Path) -> None:
    journal, waiting = Journal(tmp_path), OpenArrivals(Journal(tmp_path))
    for name in "abc":
        journal.append([arrival(name)])
    waiting.refresh(Ledger())
    first, *others = sorted(tmp_path.iterdir())
    first.unlink()
    waiting.refresh(Ledger())
    assert held(waiting, "abc") == "bc"
    for one in others:
        one.unlink()
    waiting.refresh(Ledger())
    assert held(waiting, "abc") == ""


def test_what_is_registered_makes_room_when_there_is_too_much(tmp_path: Path) -> None:
    journal, ledger = Journal(tmp_path), Ledger()
    waiting = OpenArrivals(journal, most=4)
    for name in "abcd":
        journal.append([arrival(name)])
    ledger.names = set("acd")
    waiting.refresh(ledger)
    assert (held(waiting, "abcd"), ledger.asked) == ("abcd", [])
    journal.append([arrival("e")])
    waiting.refresh(ledger)
    assert (held(waiting, "abcde"), ledger.asked) == ("be", list("abcde"))


def test_however_many_wait_memory_is_bounded_and_the_ledger_is_asked_a_few_times_of_each(tmp_path: Path) -> None:
    journal, ledger = Journal(tmp_path), Ledger()
    waiting = OpenArrivals(journal, most=10)
    names = [f"{n}" for n in range(200)]
    for name in names:
        journal.append([arrival(name)])
        waiting.refresh(ledger)
        assert len(waiting._told) <= 10
    assert len(ledger.asked) <= 3 * len(names)
    assert ("199", "1") in waiting


def test_a_journal_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    waiting = OpenArrivals(Journal(tmp_path / "none"))
    waiting.refresh(Ledger())
    assert ("a", "1") not in waiting
