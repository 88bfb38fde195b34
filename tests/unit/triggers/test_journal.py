import json
import os
import resource
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from triggers.arrival import Arrival
from triggers.errors import JournalUnwritable
from triggers.journal import Journal
from triggers.notifications.local import parse
from triggers.notifications.port import Appeared, Deleted
from triggers.queues.local import LocalQueue
from triggers.stores.local import uri_of

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def arrivals(count: int) -> list[Arrival]:
    return [Arrival("spot", f"file:///in/{n}\n é🚀.csv", f"{n}-1", 1, AT, None, "events") for n in range(count)]


def test_many_arrivals_are_one_file_of_as_many_lines(tmp_path: Path) -> None:
    name = Journal(tmp_path / "journal").append(arrivals(10_000))
    assert name is not None
    assert names(tmp_path / "journal") == {name}
    lines = (tmp_path / "journal" / name).read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    assert [Arrival.from_row(json.loads(line)) for line in lines] == arrivals(10_000)


def test_nothing_to_write_writes_nothing(tmp_path: Path) -> None:
    assert Journal(tmp_path / "journal").append([]) is None
    assert not (tmp_path / "journal").exists()


def test_names_sort_by_time_and_never_collide(tmp_path: Path) -> None:
    times = iter([AT, AT + timedelta(microseconds=1), AT + timedelta(days=1), AT + timedelta(days=1)])
    journal = Journal(tmp_path, clock=lambda: next(times))
    made = [str(journal.append(arrivals(1))) for _ in range(4)]
    assert made[:3] == sorted(made[:3])
    assert len(set(made)) == 4


def test_a_file_gets_its_visible_name_only_when_it_is_whole(tmp_path: Path) -> None:
    queue = LocalQueue(uri_of(tmp_path))
    name = Journal(tmp_path).append(arrivals(1))
    told = {said for message in queue.receive(timedelta(seconds=10)) for said in parse(message.body)}
    queue.close()
    assert name is not None
    assert Deleted(uri_of(tmp_path / f".{name}.tmp")) in told
    assert Appeared(uri_of(tmp_path / name)) in told
    assert names(tmp_path) == {name}


def test_a_journal_that_cannot_be_written_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("a file in the way")
    with pytest.raises(JournalUnwritable, match=str(tmp_path / "journal")):
        Journal(tmp_path / "journal").append(arrivals(1))


def test_a_full_disk_leaves_no_part_of_a_file(tmp_path: Path) -> None:
    # The nearest thing to a full disk without one: the kernel refuses every byte past this.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(JournalUnwritable):
            Journal(tmp_path).append(arrivals(100))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert names(tmp_path) == set()
    assert Journal(tmp_path).append(arrivals(100)) is not None


def test_pruning_takes_what_is_old_and_what_a_crash_left(tmp_path: Path) -> None:
    journal = Journal(tmp_path, clock=lambda: AT)
    old, young = journal.append(arrivals(1)), journal.append(arrivals(1))
    left, foreign = tmp_path / ".20260101.json.tmp", tmp_path / "notes.txt"
    left.write_text("half")
    foreign.write_text("mine")
    assert old is not None
    assert young is not None
    for path, age in ((tmp_path / old, 3), (tmp_path / young, 1), (left, 3), (foreign, 3)):
        os.utime(path, (0, (AT - timedelta(hours=age)).timestamp()))
    assert journal.prune(timedelta(hours=2)) == 2
    assert names(tmp_path) == {young, "notes.txt"}


def test_pruning_a_journal_that_was_never_written_is_nothing(tmp_path: Path) -> None:
    assert Journal(tmp_path / "nowhere").prune(timedelta()) == 0


def test_what_was_written_after_a_file_is_read_back_in_its_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    assert list(journal.since("")) == []
    first, second = (journal.append(some) for some in (arrivals(1), arrivals(2)))
    assert first is not None and second is not None
    (tmp_path / "journal" / ".half.json.tmp").write_text("{")
    assert list(journal.since("")) == [(first, arrivals(1)), (second, arrivals(2))]
    assert list(journal.since(first)) == [(second, arrivals(2))]
