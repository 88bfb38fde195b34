"""What every queue promises. A queue joins by an entry in SUBJECTS."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from tests.clouds import azure_environment, azure_events
from tests.clouds.azurite import Azurite
from tests.clouds.event_grid_server import EventGridServer
from tests.clouds.moto_server import MotoServer
from tests.clouds.pubsub_emulator import PubSubEmulator
from tests.clouds.pubsub_time import TimedWire
from tests.clouds.sqs_time import pass_time
from triggers.notifications import azure as azure_notifications
from triggers.notifications import gcs, local, s3
from triggers.notifications.port import Appeared, Parse
from triggers.queues import event_grid as event_grid_queue
from triggers.queues.event_grid import EventGridQueue
from triggers.queues.local import LocalQueue
from triggers.queues.places import PubSub, Sqs, StorageQueue
from triggers.queues.port import Message, Queue
from triggers.queues.pubsub import PubSubQueue
from triggers.queues.sqs import SqsQueue
from triggers.queues.storage_queue import AzureStorageQueue
from triggers.stores.access import GcsAccess, S3Access
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


class SqsSubject:
    """A bucket whose uploads are told to a queue by S3 itself."""

    def __init__(self, aws: MotoServer) -> None:
        self._aws, self._bucket, self._now = aws, aws.bucket(), 1_000.0
        self._url = aws.queue(VisibilityTimeout=str(int(VISIBILITY.total_seconds())))
        aws.notify(self._bucket, self._url)
        aws.client("sqs").purge_queue(QueueUrl=self._url)  # S3's test event
        access = S3Access(endpoint=aws.endpoint)
        self.queue: Queue = SqsQueue(Sqs(self._url), access, clock=lambda: self._now)
        self.parse: Parse = s3.parse

    def happen(self, name: str) -> str:
        self._aws.client("s3").put_object(Bucket=self._bucket, Key=name, Body=b"x")
        return f"s3://{self._bucket}/{name}"

    def pass_time(self, span: timedelta) -> None:
        self._now += span.total_seconds()
        pass_time(self._url, span)


class StorageQueueSubject:
    """Events as Event Grid puts them into a storage queue, which Azurite, having no events, leaves to us."""

    def __init__(self, azure: Azurite) -> None:
        self._azure, self._into = azure, azure.queue()
        self.queue: Queue = AzureStorageQueue(StorageQueue(azure.url(self._into)), azure.access, VISIBILITY)
        self.parse: Parse = azure_notifications.parse

    def happen(self, name: str) -> str:
        self._into.send_message(azure_events.packed(azure_events.grid_event(azure_events.created("trades", name))))
        return f"abfss://trades@{azure_environment.ACCOUNT}.dfs.core.windows.net/{name}"

    def pass_time(self, span: timedelta) -> None:
        self._azure.pass_time(span)


class EventGridSubject:
    def __init__(self, server: EventGridServer) -> None:
        self._server = server
        self.queue: Queue = EventGridQueue(server.place, VISIBILITY)
        self.parse: Parse = azure_notifications.parse

    def happen(self, name: str) -> str:
        self._server.publish(azure_events.cloud_event(azure_events.created("trades", name)))
        return f"abfss://trades@{azure_environment.ACCOUNT}.dfs.core.windows.net/{name}"

    def pass_time(self, span: timedelta) -> None:
        self._server.pass_time(span)


class PubSubSubject:
    """A topic that is told of uploads as Cloud Storage tells of them."""

    def __init__(self, pubsub: PubSubEmulator) -> None:
        self._pubsub, self._topic, self._now = pubsub, pubsub.topic(), 1_000.0
        place = PubSub(pubsub.subscription(self._topic))
        self._wire = TimedWire(place.subscription, GcsAccess(pubsub_endpoint=pubsub.address))
        self.queue: Queue = PubSubQueue(place, visibility=VISIBILITY, clock=lambda: self._now, wire=self._wire)
        self.parse: Parse = gcs.parse

    def happen(self, name: str) -> str:
        told = {"eventType": "OBJECT_FINALIZE", "bucketId": "trades", "objectId": name, "objectGeneration": "1"}
        self._pubsub.publish(self._topic, b"", **told)
        return f"gs://trades/{name}"

    def pass_time(self, span: timedelta) -> None:
        self._now += span.total_seconds()
        self._wire.pass_time(span)


SUBJECTS: dict[str, Callable[[pytest.FixtureRequest], Subject]] = {
    "local": lambda request: LocalSubject(request.getfixturevalue("tmp_path")),
    "sqs": lambda request: SqsSubject(request.getfixturevalue("aws")),
    "storage queue": lambda request: StorageQueueSubject(request.getfixturevalue("azure")),
    "event grid": lambda request: EventGridSubject(request.getfixturevalue("event_grid")),
    "pubsub": lambda request: PubSubSubject(request.getfixturevalue("pubsub")),
}
NAMES = ["plain.csv", "a b+c%20#?.csv", "quotes'\".csv", "é.csv", "🚀.csv"]


@pytest.fixture
def event_grid(monkeypatch: pytest.MonkeyPatch) -> Iterator[EventGridServer]:
    with EventGridServer(lock=VISIBILITY) as server:
        monkeypatch.setenv(event_grid_queue.KEY, server.key)
        yield server


@pytest.fixture(params=SUBJECTS)
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    made = SUBJECTS[request.param](request)
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
    start = time.monotonic()
    assert subject.queue.receive(SHORT) == []
    assert time.monotonic() - start < 5


def test_more_than_any_service_gives_at_once_all_comes(subject: Subject) -> None:
    expected = {subject.happen(f"{n:02}.csv") for n in range(25)}
    assert set(uris(subject, receive(subject, 25))) == expected


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


def test_messages_are_acknowledged_in_any_order_and_the_others_stay_ours(subject: Subject) -> None:
    expected = {subject.happen(name) for name in NAMES}
    got = receive(subject, len(NAMES))
    assert subject.queue.acknowledge([got[3], got[0], got[4]]) == []
    assert set(uris(subject, got)) == expected
    assert subject.queue.acknowledge([got[2], got[1]]) == []
    subject.pass_time(VISIBILITY * 2)
    assert subject.queue.receive(SHORT) == []


def test_nothing_is_done_for_no_messages(subject: Subject) -> None:
    assert subject.queue.acknowledge([]) == subject.queue.extend([], VISIBILITY) == []
    subject.queue.release([])


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
    got = receive(subject)
    subject.pass_time(VISIBILITY * 0.75)
    kept = subject.queue.extend(got, VISIBILITY)
    subject.pass_time(VISIBILITY * 0.75)
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
    subject.queue.release(receive(subject), timedelta(seconds=10))
    assert subject.queue.receive(SHORT) == []
    subject.pass_time(timedelta(seconds=11))
    assert uris(subject, receive(subject)) == [uri]


def test_a_queue_says_how_long_a_delivery_stays_out(subject: Subject) -> None:
    assert subject.queue.visibility == VISIBILITY


def test_a_queue_is_closed_once_or_more_often(subject: Subject) -> None:
    subject.queue.receive(timedelta())
    subject.queue.close()
    subject.queue.close()


def test_one_that_is_released_keeps_none_of_the_others_back(subject: Subject) -> None:
    subject.happen("a.csv")
    subject.queue.release(receive(subject), VISIBILITY)
    uri = subject.happen("b.csv")
    assert uris(subject, receive(subject)) == [uri]
