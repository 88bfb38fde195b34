"""What every queue promises. A queue joins by an entry in SUBJECTS."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from triggers.notifications import local
from triggers.notifications.port import Appeared, Parse
from triggers.queues.local import LocalQueue
from triggers.queues.port import Message, Queue
from triggers.stores.local import uri_of

VISIBILITY = timedelta(seconds=30)
LONG, SHORT = timedelta(seconds=10), timedelta(milliseconds=100)


class Subject(Protocol):
    """A queue under test, a way past it to make something happen, and its time."""

    queue: Queue
    parse: Parse

    def happen(self, name: str) -> str: ...

    def pass_time(self, span: timedelta) -> None: ...


class LocalSubject:
    def __init__(self, folder: Path) -> None:
        self._folder, self._now = folder, datetime(2026, 1, 1, tzinfo=UTC)
        self.queue: Queue = LocalQueue(uri_of(folder), clock=lambda: self._now, visibility=VISIBILITY)
        self.parse: Parse = local.parse

    def happen(self, name: str) -> str:
        (self._folder / name).write_bytes(b"x")
        return uri_of(self._folder / name)

    def pass_time(self, span: timedelta) -> None:
        self._now += span


SUBJECTS: dict[str, Callable[[Path], Subject]] = {"local": LocalSubject}
NAMES = ["plain.csv", "a b+c%20#?.csv", "quotes'\".csv", "é.csv", "🚀.csv"]


@pytest.fixture(params=SUBJECTS)
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    made = SUBJECTS[request.param](tmp_path)
    yield made
    made.queue.close()


def uris(subject: Subject, messages: list[Message]) -> list[str]:
    told = [said for message in messages for said in subject.parse(message.body)]
    return [said.uri for said in told if isinstance(said, Appeared)]


def receive(subject: Subject, count: int = 1) -> list[Message]:
    got: list[Message] = []
    while len(got) < count and (more := subject.queue.receive(LONG)):
        got += more
    return got


def test_what_happens_is_told_by_its_raw_uri(subject: Subject) -> None:
    expected = {subject.happen(name) for name in NAMES}
    assert set(uris(subject, receive(subject, len(NAMES)))) == expected


def test_a_quiet_queue_gives_nothing_and_does_not_wait_for_long(subject: Subject) -> None:
    assert subject.queue.receive(SHORT) == []


def test_no_more_is_received_than_asked_for_and_the_rest_comes_next(subject: Subject) -> None:
    expected = {subject.happen(name) for name in NAMES}
    got: list[Message] = []
    while len(got) < len(NAMES):
        page = subject.queue.receive(LONG, limit=2)
        assert 1 <= len(page) <= 2
        got += page
    assert set(uris(subject, got)) == expected


def test_what_was_received_is_not_given_again_while_it_is_ours(subject: Subject) -> None:
    subject.happen("a.csv")
    assert len(receive(subject)) == 1
    subject.pass_time(VISIBILITY / 2)
    assert subject.queue.receive(SHORT) == []


def test_what_is_acknowledged_never_comes_again(subject: Subject) -> None:
    subject.happen("a.csv")
    assert subject.queue.acknowledge(receive(subject)) == []
    subject.pass_time(VISIBILITY * 2)
    assert subject.queue.receive(SHORT) == []


def test_what_is_not_acknowledged_comes_again_as_another_delivery(subject: Subject) -> None:
    uri = subject.happen("a.csv")
    (first,) = receive(subject)
    subject.pass_time(VISIBILITY * 2)
    (second,) = receive(subject)
    assert uris(subject, [second]) == [uri]
    assert (second.id, second.deliveries) == (first.id, first.deliveries + 1)
    assert second.receipt != first.receipt


def test_what_is_extended_stays_ours_for_longer(subject: Subject) -> None:
    subject.happen("a.csv")
    kept = subject.queue.extend(receive(subject), VISIBILITY * 3)
    subject.pass_time(VISIBILITY * 2)
    assert subject.queue.receive(SHORT) == []
    assert subject.queue.acknowledge(kept) == []


def test_a_delivery_that_is_ours_no_more_can_be_neither_extended_nor_acknowledged(subject: Subject) -> None:
    subject.happen("a.csv")
    late = receive(subject)
    subject.pass_time(VISIBILITY * 2)
    again = receive(subject)
    assert subject.queue.extend(late, VISIBILITY) == []
    assert subject.queue.acknowledge(late) == late
    assert subject.queue.acknowledge(again) == []


def test_what_is_released_comes_again_at_once(subject: Subject) -> None:
    uri = subject.happen("a.csv")
    subject.queue.release(receive(subject))
    assert uris(subject, receive(subject)) == [uri]


def test_what_is_released_with_a_delay_comes_after_it(subject: Subject) -> None:
    uri = subject.happen("a.csv")
    subject.queue.release(receive(subject), timedelta(seconds=5))
    assert subject.queue.receive(SHORT) == []
    subject.pass_time(timedelta(seconds=6))
    assert uris(subject, receive(subject)) == [uri]


def test_one_that_is_released_keeps_none_of_the_others_back(subject: Subject) -> None:
    subject.happen("a.csv")
    subject.queue.release(receive(subject), VISIBILITY)
    uri = subject.happen("b.csv")
    assert uris(subject, receive(subject)) == [uri]
