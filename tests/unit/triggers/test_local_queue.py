import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from triggers.errors import PrefixMissing, QueueUnavailable
from triggers.notifications.local import parse
from triggers.notifications.port import Deleted, Garbled, Notification
from triggers.queues.local import OVERFLOW_SUSPECTED, LocalQueue
from triggers.stores.local import uri_of

LONG = timedelta(seconds=20)

Opened = Callable[[], LocalQueue]


class Gaps:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture
def gaps() -> Gaps:
    return Gaps()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def queue(folder: Path, gaps: Gaps) -> Iterator[LocalQueue]:
    made = LocalQueue(uri_of(folder), on_gap=gaps)
    yield made
    made.close()


def told(queue: LocalQueue, until: str | None = None) -> list[Notification]:
    """What the queue tells, up to the first word about a name."""
    said: list[Notification] = []
    while messages := queue.receive(LONG):
        said += [one for message in messages for one in parse(message.body)]
        if until is None or any(getattr(one, "uri", "").endswith(until) for one in said):
            break
    return said


def names(said: list[Notification]) -> set[str]:
    return {Path(getattr(one, "uri", "")).name for one in said}


def test_a_folder_that_does_not_exist_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(PrefixMissing, match="nowhere"):
        LocalQueue(uri_of(tmp_path / "nowhere"))


def test_what_is_made_right_after_the_start_is_told(queue: LocalQueue, folder: Path) -> None:
    (folder / "a.csv").write_text("x")
    assert names(told(queue)) == {"a.csv"}


def test_a_file_moved_in_is_told_and_one_moved_out_is_deleted(queue: LocalQueue, folder: Path) -> None:
    (folder.parent / "a.csv").write_text("x")
    (folder.parent / "a.csv").rename(folder / "a.csv")
    assert names(told(queue)) == {"a.csv"}
    (folder / "a.csv").rename(folder.parent / "a.csv")
    assert told(queue) == [Deleted(uri_of(folder / "a.csv"))]


def test_files_in_folders_made_later_are_told_at_any_depth(queue: LocalQueue, folder: Path) -> None:
    (folder / "x" / "y" / "z").mkdir(parents=True)
    (folder / "x" / "y" / "z" / "a.csv").write_text("x")
    assert "a.csv" in names(told(queue, "a.csv"))
    (folder / "x" / "y" / "z" / "b.csv").write_text("x")
    assert "b.csv" in names(told(queue, "b.csv"))


def test_a_folder_moved_in_brings_its_files(queue: LocalQueue, folder: Path) -> None:
    (folder.parent / "x" / "y").mkdir(parents=True)
    (folder.parent / "x" / "y" / "a.csv").write_text("x")
    (folder.parent / "x").rename(folder / "x")
    assert "a.csv" in names(told(queue, "a.csv"))
    (folder / "x" / "y" / "b.csv").write_text("x")
    assert "b.csv" in names(told(queue, "b.csv"))


def test_a_new_folder_is_looked_into_a_second_time(folder: Path) -> None:
    """For what is made there between the first look and the kernel's watch."""
    from datetime import UTC, datetime

    now = datetime(2026, 1, 1, tzinfo=UTC)
    queue = LocalQueue(uri_of(folder), clock=lambda: now)
    (folder / "x").mkdir()
    (folder / "x" / "a.csv").write_text("x")
    queue.acknowledge(queue.receive(LONG))
    now += timedelta(seconds=1)
    again = {name for message in queue.receive(LONG) for name in names(parse(message.body))}
    queue.close()
    assert again == {"a.csv"}


def test_a_folder_that_goes_away_and_comes_back_is_watched_again_and_the_gap_is_told(
    queue: LocalQueue, folder: Path, gaps: Gaps
) -> None:
    folder.rename(folder.parent / "away")
    with pytest.raises(QueueUnavailable, match="away"):
        told(queue)
    folder.mkdir()
    (folder / "missed.csv").write_text("x")
    queue.receive(timedelta())
    assert gaps.count == 1
    (folder / "a.csv").write_text("x")
    assert "a.csv" in names(told(queue, "a.csv"))


def test_a_name_that_is_not_utf8_costs_a_gap_and_not_the_queue(queue: LocalQueue, folder: Path, gaps: Gaps) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/bad\xff.csv")).write_text("x")
    with pytest.raises(QueueUnavailable, match="bad"):
        told(queue)
    queue.receive(timedelta())
    assert gaps.count == 1
    (folder / "a.csv").write_text("x")
    assert "a.csv" in names(told(queue, "a.csv"))


def test_a_burst_that_may_have_overrun_the_kernel_is_told_as_a_gap(queue: LocalQueue, folder: Path, gaps: Gaps) -> None:
    for n in range(OVERFLOW_SUSPECTED):
        (folder / f"{n:05}.csv").touch()
    said = told(queue, f"{OVERFLOW_SUSPECTED - 1:05}.csv")
    assert len(names(said)) == OVERFLOW_SUSPECTED
    assert gaps.count == 1


def test_of_a_name_that_went_and_came_the_deletion_is_told_first(queue: LocalQueue, folder: Path) -> None:
    (folder / "a.csv").write_text("x")
    told(queue)
    (folder / "a.csv").unlink()
    (folder / "a.csv").write_text("y")
    said = told(queue)
    assert isinstance(said[0], Deleted)
    assert not isinstance(said[-1], Deleted)


@pytest.mark.parametrize("body", [b"", b"\xff", b"{}", b"[1]", b'{"change": "appeared"}', b'{"change": 1}'])
def test_a_body_that_says_nothing_is_garbled_and_never_an_error(body: bytes) -> None:
    (said,) = parse(body)
    assert isinstance(said, Garbled)
