import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from triggers.arrival import Arrival
from triggers.echoes import REMEMBERED
from triggers.errors import LettersUnkept, QueueUnavailable
from triggers.journal import Journal
from triggers.letters import AGAIN, IN_HAND, Letter
from triggers.listener import Listener, Watched
from triggers.notifications.local import parse, render
from triggers.notifications.port import NotOurs
from triggers.queues.held import Held
from triggers.queues.local import LocalQueue
from triggers.queues.port import Message
from triggers.sources import Source
from triggers.stores.local import LocalStore, uri_of
from triggers.waiting import UNREADABLE
from triggers.writers import Writers

DEADLINE = 20.0


class MemoryQueue:
    """A queue that is filled by the test and writes down what is asked of it."""

    def __init__(self, clock: Callable[[], Any]) -> None:
        self.held = Held(clock, timedelta(seconds=60))
        self.acknowledged: list[str] = []
        self.released: list[str] = []
        self.fails: list[Exception] = []
        self.closed = False

    @property
    def visibility(self) -> timedelta:
        return self.held.visibility

    def say(self, change: str, path: Path) -> None:
        self.held.put(render(change, uri_of(path)))

    def receive(self, wait: timedelta, limit: int = 10_000) -> list[Message]:
        if self.fails:
            raise self.fails.pop()
        return self.held.take(limit)

    def acknowledge(self, messages: Sequence[Message]) -> list[Message]:
        self.acknowledged += [message.id for message in messages]
        return self.held.drop(messages)

    def extend(self, messages: Sequence[Message], by: timedelta) -> list[Message]:
        return self.held.keep(messages, by)

    def release(self, messages: Sequence[Message], delay: timedelta = timedelta()) -> None:
        self.released += [message.id for message in messages]
        self.held.keep(messages, delay)

    def close(self) -> None:
        self.closed = True


class Desk:
    """Where letters are kept, unless the database is away."""

    def __init__(self) -> None:
        self.kept: list[Letter] = []
        self.away = False

    def __call__(self, letters: Sequence[Letter]) -> None:
        if self.away:
            raise LettersUnkept("the database is away")
        self.kept += letters


class Stage:
    """A listener over a folder, with its queue, its journal and its time in our hands."""

    def __init__(self, tmp_path: Path, clock: Any, complete: str = "auto", glob: str | None = None) -> None:
        self.folder, self.journal = tmp_path / "in", tmp_path / "journal"
        self.folder.mkdir()
        self.clock, self.queue = clock, MemoryQueue(clock)
        self.writers: dict[str, Writers] = {}
        self.letters = Desk()
        source = Source(uri_of(self.folder) + "/", glob)
        self.listener = Listener(
            "in",
            [Watched("spot", source, LocalStore(), Journal(self.journal, clock=clock), complete)],
            self.queue,
            parse,
            self.letters,
            clock=clock,
            writers=lambda path: self.writers.get(Path(path).name, "none"),
        )

    def write(self, name: str, content: str = "x", writers: Writers = "none") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        os.utime(path, (0, self.clock().timestamp()))
        self.writers[name] = writers
        self.queue.say("appeared", path)
        return path

    def journaled(self) -> list[str]:
        return [arrival.uri.rsplit("/", 1)[1] for arrival in journaled(self.journal)]


def journaled(journal: Path) -> list[Arrival]:
    files = sorted(journal.glob("[!.]*.json"))
    return [Arrival.from_row(json.loads(line)) for file in files for line in file.read_text().splitlines()]


@pytest.fixture
def stage(tmp_path: Path, clock: Any) -> Stage:
    return Stage(tmp_path, clock)


def test_what_is_whole_is_journaled_as_the_store_shows_it_and_then_acknowledged(stage: Stage) -> None:
    path = stage.write("a b é%.csv")
    stage.listener.turn()
    (arrival,) = journaled(stage.journal)
    shown = LocalStore().stat(uri_of(path))
    assert shown is not None
    assert arrival == Arrival("spot", shown.uri, shown.version, 1, shown.modified_at, None, "events")
    assert stage.queue.acknowledged == ["1"]
    counts = stage.listener.counts
    assert (counts.received, counts.journaled, counts.waiting, counts.ignored, counts.errors) == (1, 1, 0, {}, 0)
    assert counts.last_event_at == stage.clock()


def test_a_burst_is_one_journal_file(stage: Stage) -> None:
    for n in range(3_000):
        stage.write(f"{n:05}.csv")
    stage.listener.turn()
    assert len(list(stage.journal.iterdir())) == 1
    assert stage.journaled() == [f"{n:05}.csv" for n in range(3_000)]
    assert len(stage.queue.acknowledged) == 3_000


def test_nothing_is_acknowledged_before_the_journal_has_it(stage: Stage) -> None:
    stage.write("a.csv")
    stage.journal.write_text("a file in the way")
    for _ in range(2):
        with pytest.raises(Exception, match="cannot be written"):
            stage.listener.turn()
    assert stage.queue.acknowledged == []
    stage.journal.unlink()
    stage.listener.turn()
    assert stage.journaled() == ["a.csv"]
    assert stage.queue.acknowledged == ["1"]


def test_a_file_being_written_is_kept_and_asked_again_until_its_writer_has_gone(stage: Stage) -> None:
    stage.write("a.csv", "half", writers="some")
    stage.listener.turn()
    assert (stage.journaled(), stage.queue.acknowledged, stage.listener.counts.waiting) == ([], [], 1)
    (stage.folder / "a.csv").write_text("all of it")
    stage.writers["a.csv"] = "none"
    stage.listener.turn()
    assert stage.journaled() == []
    stage.clock.advance(0.1)
    stage.listener.turn()
    assert [arrival.size for arrival in journaled(stage.journal)] == [len("all of it")]
    assert (stage.queue.acknowledged, stage.listener.counts.waiting) == (["1"], 0)


def test_one_file_that_is_not_whole_keeps_none_of_the_others_back(stage: Stage) -> None:
    stage.write("a.csv", writers="some")
    stage.write("b.csv")
    stage.listener.turn()
    assert stage.journaled() == ["b.csv"]


def test_a_file_that_grows_starts_to_settle_anew(tmp_path: Path, clock: Any) -> None:
    stage = Stage(tmp_path, clock, "settle:10s")
    stage.write("a.csv", "1")
    for content in ("12", "123"):
        stage.listener.turn()
        clock.advance(9)
        stage.write("a.csv", content)
    stage.listener.turn()
    clock.advance(9)
    stage.listener.turn()
    assert stage.journaled() == []
    clock.advance(1)
    stage.listener.turn()
    assert [arrival.size for arrival in journaled(stage.journal)] == [3]


def test_of_many_messages_about_a_file_one_is_held_until_it_is_whole(stage: Stage) -> None:
    for content in ("1", "12", "123"):
        stage.write("a.csv", content, writers="some")
    stage.listener.turn()
    assert stage.queue.acknowledged == ["1", "2"]
    stage.writers["a.csv"] = "none"
    stage.clock.advance(1)
    stage.listener.turn()
    assert stage.queue.acknowledged == ["1", "2", "3"]
    assert stage.journaled() == ["a.csv"]


def test_a_message_outlives_its_visibility_while_its_file_is_being_written(stage: Stage) -> None:
    stage.write("a.csv", writers="some")
    for _ in range(10):
        stage.listener.turn()
        stage.clock.advance(31)
    stage.writers["a.csv"] = "none"
    stage.listener.turn()
    assert stage.listener.counts.received == 1
    assert stage.journaled() == ["a.csv"]
    assert stage.queue.acknowledged == ["1"]


def test_the_echo_of_a_write_is_not_journaled_again(stage: Stage) -> None:
    path = stage.write("a.csv")
    stage.listener.turn()
    stage.queue.say("appeared", path)
    stage.listener.turn()
    assert stage.journaled() == ["a.csv"]
    assert stage.queue.acknowledged == ["1", "2"]
    stage.clock.advance(REMEMBERED.total_seconds())
    stage.queue.say("appeared", path)
    stage.listener.turn()
    assert stage.journaled() == ["a.csv", "a.csv"]


def test_a_file_that_returns_to_its_first_state_is_journaled_each_time(stage: Stage) -> None:
    at = stage.clock().timestamp()
    for content in ("A", "BB", "A"):
        path = stage.write("a.csv", content)
        os.utime(path, (at, at))
        stage.listener.turn()
        stage.clock.advance(1)
    first, second, third = (arrival.version for arrival in journaled(stage.journal))
    assert first == third != second


def test_a_file_deleted_and_put_back_is_journaled_again(stage: Stage) -> None:
    path = stage.write("a.csv")
    stage.listener.turn()
    stage.queue.say("deleted", path)
    stage.queue.say("appeared", path)
    stage.listener.turn()
    assert stage.journaled() == ["a.csv", "a.csv"]


def test_a_file_deleted_before_it_was_whole_is_let_go(stage: Stage) -> None:
    path = stage.write("a.csv", writers="some")
    stage.listener.turn()
    path.unlink()
    stage.queue.say("deleted", path)
    stage.listener.turn()
    assert (stage.journaled(), stage.listener.counts.waiting) == ([], 0)
    assert sorted(stage.queue.acknowledged) == ["1", "2"]


def test_a_stale_deletion_does_not_hide_a_file_that_is_there(stage: Stage) -> None:
    path = stage.write("a.csv", writers="some")
    stage.queue.say("deleted", path)
    stage.listener.turn()
    stage.writers["a.csv"] = "none"
    stage.clock.advance(1)
    stage.listener.turn()
    assert stage.journaled() == ["a.csv"]


def test_names_and_places_that_are_not_the_feeds_are_counted_and_acknowledged(tmp_path: Path, clock: Any) -> None:
    stage = Stage(tmp_path, clock, glob="*.csv")
    for name in ("a.csv", "_a.csv", ".a.csv", "a.csv.tmp", "a.txt", "sub/a.csv"):
        stage.write(name)
    stage.listener.turn()
    assert stage.journaled() == ["a.csv"]
    assert stage.listener.counts.ignored == {"by_name": 5}
    assert len(stage.queue.acknowledged) == 6


@pytest.mark.parametrize(
    ("complete", "name", "content"),
    [
        ("marker:.done", "a.csv.done", ""),
        ("manifest:files.txt", "files.txt", "a.csv\n"),
        ("checksum", "a.csv.md5", "9dd4e461268c8034f5c8564e155c67a6"),
    ],
)
def test_a_marker_manifest_or_checksum_lets_its_file_through_at_once(
    tmp_path: Path, clock: Any, complete: str, name: str, content: str
) -> None:
    stage = Stage(tmp_path, clock, complete, glob="*.csv")
    stage.write("a.csv")
    stage.listener.turn()
    assert stage.journaled() == []
    stage.write(name, content)
    stage.listener.turn()
    assert stage.journaled() == ["a.csv"]
    assert stage.queue.acknowledged.count("1") == 1


def test_a_file_whose_checksum_is_wrong_is_handed_on_to_be_set_aside(tmp_path: Path, clock: Any) -> None:
    stage = Stage(tmp_path, clock, "checksum")
    stage.write("a.csv")
    stage.write("a.csv.md5", "0" * 32)
    stage.listener.turn()
    assert stage.journaled() == []
    clock.advance(2)
    stage.listener.turn()
    assert stage.journaled() == ["a.csv"]


def test_a_file_that_cannot_be_looked_at_is_counted_tried_again_and_stops_nothing(stage: Stage) -> None:
    path = stage.folder / "a.csv"
    path.symlink_to(path)
    stage.queue.say("appeared", path)
    stage.write("b.csv")
    stage.listener.turn()
    assert stage.journaled() == ["b.csv"]
    assert (stage.listener.counts.errors, stage.listener.counts.waiting) == (1, 1)
    assert str(path) in (stage.listener.counts.last_error or "")
    path.unlink()
    path.write_text("x")
    stage.clock.advance(UNREADABLE.total_seconds())
    stage.listener.turn()
    assert stage.journaled() == ["b.csv", "a.csv"]


def test_a_message_that_nobody_can_read_is_kept_whole_and_then_acknowledged(stage: Stage) -> None:
    stage.queue.held.put(b"\xff not JSON")
    stage.write("a.csv")
    stage.listener.turn()
    assert stage.letters.kept == [Letter("in", "1", b"\xff not JSON", "not JSON", 1, stage.clock())]
    assert (stage.journaled(), stage.queue.acknowledged) == (["a.csv"], ["2", "1"])
    assert (stage.listener.counts.letters, stage.listener.counts.errors) == (1, 0)


def test_a_letter_that_cannot_be_kept_is_not_acknowledged_tried_again_and_stops_nothing(stage: Stage) -> None:
    stage.letters.away = True
    stage.queue.held.put(b"not JSON")
    for name in ("a.csv", "b.csv"):
        stage.write(name)
        stage.listener.turn()
    assert (sorted(stage.journaled()), stage.queue.acknowledged) == (["a.csv", "b.csv"], ["2", "3"])
    assert stage.listener.counts.errors == 1
    stage.letters.away = False
    stage.clock.advance(AGAIN.total_seconds())
    stage.listener.turn()
    assert ([letter.body for letter in stage.letters.kept], stage.queue.acknowledged[-1]) == ([b"not JSON"], "1")


def test_letters_wait_in_the_queue_for_a_database_that_is_away_for_long(stage: Stage) -> None:
    stage.letters.away = True
    for _ in range(IN_HAND + 5):
        stage.queue.held.put(b"not JSON")
    stage.listener.turn()
    assert (len(stage.queue.released), stage.queue.acknowledged) == (5, [])
    stage.letters.away = False
    stage.clock.advance(AGAIN.total_seconds())
    stage.listener.turn()
    assert len({letter.message_id for letter in stage.letters.kept}) == IN_HAND + 5


def test_a_message_about_many_objects_is_acknowledged_with_the_last_of_them(tmp_path: Path, clock: Any) -> None:
    stage = Stage(tmp_path, clock)
    listener = Listener(
        "in",
        [Watched("spot", Source(uri_of(stage.folder) + "/"), LocalStore(), Journal(stage.journal, clock=clock))],
        stage.queue,
        lambda body: [said for part in body.split(b"|") for said in parse(part)] if body else [NotOurs("test")],
        stage.letters,
        clock=clock,
        writers=lambda path: stage.writers[Path(path).name],
    )
    stage.write("a.csv")
    stage.write("b.csv", writers="some")
    (first, second) = stage.queue.held.take(2)
    stage.queue.held.put(first.body + b"|" + second.body)
    stage.queue.held.put(b"")
    listener.turn()
    assert (stage.journaled(), stage.queue.acknowledged) == (["a.csv"], ["4"])
    stage.writers["b.csv"] = "none"
    clock.advance(1)
    listener.turn()
    assert (stage.journaled(), stage.queue.acknowledged) == (["a.csv", "b.csv"], ["4", "3"])


def test_a_queue_that_fails_is_counted_and_tried_again(stage: Stage) -> None:
    stage.queue.fails = [QueueUnavailable("file:///in", "down")] * 2
    stage.write("a.csv")
    stop = threading.Event()
    thread = stage.listener.start(stop)
    wait_for(lambda: stage.journaled() == ["a.csv"])
    stop.set()
    thread.join(DEADLINE)
    assert (stage.listener.counts.errors, stage.listener.failure, stage.queue.closed) == (2, None, True)


def test_what_is_not_expected_ends_the_listener_and_is_kept(stage: Stage) -> None:
    stage.queue.fails = [ZeroDivisionError("a mistake of ours")]
    thread = stage.listener.start(threading.Event())
    thread.join(DEADLINE)
    assert not thread.is_alive()
    assert isinstance(stage.listener.failure, ZeroDivisionError)
    assert (stage.listener.counts.errors, stage.queue.closed) == (1, True)


def test_what_is_not_whole_at_the_end_is_handed_back_at_once(stage: Stage) -> None:
    stage.write("a.csv", writers="some")
    stage.write("b.csv")
    stop = threading.Event()
    thread = stage.listener.start(stop)
    wait_for(lambda: stage.journaled() == ["b.csv"])
    stop.set()
    thread.join(DEADLINE)
    assert (stage.queue.acknowledged, stage.queue.released, stage.queue.closed) == (["2"], ["1"], True)


def test_messages_are_kept_while_the_journal_cannot_be_written(stage: Stage) -> None:
    stage.write("a.csv")
    stage.journal.write_text("a file in the way")
    stop = threading.Event()
    thread = stage.listener.start(stop)
    for _ in range(5):
        seen = stage.listener.counts.errors
        stage.clock.advance(31)
        wait_for(lambda seen=seen: stage.listener.counts.errors > seen)  # type: ignore[misc]
    stage.journal.unlink()
    wait_for(lambda: stage.queue.acknowledged == ["1"])
    stop.set()
    thread.join(DEADLINE)
    assert (stage.listener.counts.received, stage.journaled()) == (1, ["a.csv"])


def test_an_acknowledgement_that_fails_is_made_up_for(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.write("a.csv")
    acknowledge = stage.queue.acknowledge

    def away(_messages: Sequence[Message]) -> list[Message]:
        raise QueueUnavailable("in", "down")

    monkeypatch.setattr(stage.queue, "acknowledge", away)
    with pytest.raises(QueueUnavailable):
        stage.listener.turn()
    monkeypatch.setattr(stage.queue, "acknowledge", acknowledge)
    stage.listener.turn()
    assert (stage.journaled(), stage.queue.acknowledged) == (["a.csv"], ["1"])


def wait_for(condition: Callable[[], bool]) -> None:
    """Until it holds; a condition that never does fails the test."""
    end, tick = time.monotonic() + DEADLINE, threading.Event()
    while not condition():
        assert time.monotonic() < end, "it never happened"
        tick.wait(0.005)


class Live:
    """The listener as it runs: the kernel's events, its own thread, the real clock."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder, self.journal = tmp_path / "in", tmp_path / "journal"
        self.folder.mkdir()
        source, self.stop = Source(uri_of(self.folder) + "/"), threading.Event()
        watched = Watched("spot", source, LocalStore(), Journal(self.journal))
        self.listener = Listener("in", [watched], LocalQueue(source.prefix), parse, Desk())
        self.thread = self.listener.start(self.stop)

    def uris(self) -> set[str]:
        return {arrival.uri for arrival in journaled(self.journal)}


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    running = Live(tmp_path)
    yield running
    running.stop.set()
    running.thread.join(DEADLINE)
    assert not running.thread.is_alive()
    assert running.listener.failure is None


def test_ten_thousand_files_moved_in_at_once_are_few_journal_files_and_none_is_lost(live: Live, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    names = [f"{n:05}.csv" for n in range(10_000)]
    for name in names:
        (tmp_path / "out" / name).touch()
    for name in names:
        (tmp_path / "out" / name).rename(live.folder / name)
    wait_for(lambda: live.listener.counts.journaled >= 10_000)
    assert live.uris() == {uri_of(live.folder / name) for name in names}
    assert len(list(live.journal.iterdir())) <= 100


def test_a_file_that_another_process_writes_is_journaled_once_and_whole(live: Live, writer: Any) -> None:
    path = live.folder / "sub" / "a.csv"
    path.parent.mkdir()
    other = writer(path)
    other.write("half of it")
    wait_for(lambda: live.listener.counts.waiting == 1)
    other.write("the other half")
    asked = live.listener.counts.received
    (live.folder / "b.csv").write_text("x")
    wait_for(lambda: live.listener.counts.received > asked and live.listener.counts.journaled == 1)
    assert live.uris() == {uri_of(live.folder / "b.csv")}
    other.close()
    wait_for(lambda: live.listener.counts.journaled == 2)
    (whole,) = [arrival for arrival in journaled(live.journal) if arrival.uri == uri_of(path)]
    assert whole.size == len("half of it\nthe other half\n")


def test_a_deleted_file_is_no_arrival(live: Live) -> None:
    path = live.folder / "a.csv"
    path.write_text("x")
    wait_for(lambda: live.listener.counts.journaled == 1)
    path.unlink()
    (live.folder / "b.csv").write_text("x")
    wait_for(lambda: live.listener.counts.journaled == 2)
    assert live.uris() == {uri_of(path), uri_of(live.folder / "b.csv")}
    assert live.listener.counts.errors == 0
