from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from triggers.arrival import Arrival
from triggers.journal import Journal
from triggers.open_arrivals import OpenArrivals

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Ledger:
    """Which names are registered, and which it was asked about."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.asked: list[str] = []

    def __call__(self, arrivals: Sequence[Arrival]) -> list[bool]:
        self.asked += [one.uri for one in arrivals]
        return [one.uri in self.names for one in arrivals]


def arrival(name: str) -> Arrival:
    return Arrival("spot", name, "1", 1, AT, None, "events")


def test_what_is_journaled_is_open_until_the_ledger_holds_it(tmp_path: Path) -> None:
    journal, ledger = Journal(tmp_path), Ledger()
    waiting = OpenArrivals(journal)
    journal.append([arrival("a"), arrival("b")])
    ledger.names = {"a"}
    waiting.refresh(ledger)
    assert [(name, "1") in waiting for name in ("a", "b", "c")] == [False, True, False]
    assert ("b", "2") not in waiting
    ledger.names.add("b")
    waiting.refresh(ledger)
    assert ("b", "1") not in waiting


def test_files_that_are_registered_whole_are_not_read_again(tmp_path: Path) -> None:
    journal, ledger = Journal(tmp_path), Ledger()
    waiting = OpenArrivals(journal)
    for name in ("a", "b", "c"):
        journal.append([arrival(name)])
    ledger.names = {"a", "c"}
    waiting.refresh(ledger)
    ledger.asked.clear()
    waiting.refresh(ledger)
    assert ledger.asked == ["b", "c"]
    ledger.names.add("b")
    waiting.refresh(ledger)
    ledger.asked.clear()
    journal.append([arrival("d")])
    waiting.refresh(ledger)
    assert ledger.asked == ["d"]


def test_a_journal_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    waiting = OpenArrivals(Journal(tmp_path / "none"))
    waiting.refresh(Ledger())
    assert ("a", "1") not in waiting
