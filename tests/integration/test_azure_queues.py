"""What Azure's two kinds of queue have beside every queue: locks that fail in silence, pop receipts that change."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tests.clouds.azure_environment import VARIABLE
from tests.clouds.azure_events import cloud_event, created, grid_event, packed
from tests.clouds.azurite import Azurite
from tests.clouds.doorway import Answered, Asked
from tests.clouds.event_grid_server import EventGridServer
from triggers.errors import QueueMissing, QueueUnavailable, QueueUnusable
from triggers.notifications.azure import parse
from triggers.notifications.port import Appeared
from triggers.queues import EventGrid, StorageQueue, queue_for
from triggers.queues.event_grid import EventGridQueue
from triggers.queues.port import Measured, Message, Standing
from triggers.queues.storage_queue import AzureStorageQueue
from triggers.stores.access import Access, AzureAccess

LONG, NONE = timedelta(seconds=10), timedelta()


@pytest.fixture
def pulled(grid: EventGridServer) -> Iterator[EventGridQueue]:
    made = EventGridQueue(grid.place)
    yield made
    made.close()


def receive(queue: EventGridQueue | AzureStorageQueue, count: int = 1) -> list[Message]:
    got: list[Message] = []
    while len(got) < count and (more := queue.receive(LONG)):
        got += more
    return got


def publish(grid: EventGridServer, count: int) -> None:
    grid.publish(*(cloud_event(created("trades", f"{n:03}.csv")) for n in range(count)))


def test_locks_that_are_lost_among_others_come_back_from_each_call(
    grid: EventGridServer, pulled: EventGridQueue
) -> None:
    publish(grid, 3)
    lost, *kept = receive(pulled, 3)
    pulled.release([lost])
    assert pulled.extend([lost, *kept], LONG) == kept
    assert pulled.acknowledge([lost, *kept]) == [lost]
    assert grid.waiting() == 1


def test_more_than_a_request_may_name_are_acknowledged_by_several(
    grid: EventGridServer, pulled: EventGridQueue
) -> None:
    publish(grid, 250)
    got = receive(pulled, 250)
    grid.requests.clear()
    assert pulled.acknowledge(got) == []
    assert (grid.requests["acknowledge"], grid.waiting()) == (3, 0)


def test_an_event_ends_the_wait(grid: EventGridServer, pulled: EventGridQueue) -> None:
    assert pulled.receive(NONE) == []
    start = time.monotonic()
    publish(grid, 1)
    assert len(pulled.receive(LONG)) == 1
    assert time.monotonic() - start < 5
    assert grid.requests["receive"] == 1


def test_short_waits_share_one_poll(grid: EventGridServer, pulled: EventGridQueue) -> None:
    for _ in range(4):
        assert pulled.receive(NONE) == []
    assert grid.requests["receive"] == 1


def test_what_a_poll_brought_and_nobody_took_is_handed_back_at_the_end(grid: EventGridServer) -> None:
    first, second = EventGridQueue(grid.place), EventGridQueue(grid.place)
    assert first.receive(NONE) == []
    publish(grid, 5)
    (taken,) = first.receive(LONG, limit=1)
    first.close()
    others = {one.id for one in receive(second, 4)}
    assert len(others) == 4
    assert taken.id not in others
    second.close()


@pytest.mark.parametrize("broken", [{"id": "1"}, {"specversion": "1.0", "data": 7}, {"time": "never", "id": "2"}])
def test_an_event_that_is_no_cloud_event_is_handed_to_the_parser_with_the_others(
    grid: EventGridServer, pulled: EventGridQueue, broken: dict[str, object]
) -> None:
    grid.publish(broken)
    publish(grid, 1)
    bodies = [json.loads(one.body) for one in receive(pulled, 2)]
    assert broken in bodies
    assert len(bodies) == 2


def test_a_namespace_that_is_away_is_unavailable_and_comes_back(grid: EventGridServer, pulled: EventGridQueue) -> None:
    publish(grid, 1)
    (message,) = receive(pulled)
    with grid.down():
        with pytest.raises(QueueUnavailable):
            pulled.receive(timedelta(seconds=60))
        with pytest.raises(QueueUnavailable):
            pulled.acknowledge([message])
    assert pulled.acknowledge([message]) == []


def test_a_key_that_is_refused_says_what_to_check_and_may_come_back(
    grid: EventGridServer, pulled: EventGridQueue
) -> None:
    grid.refuses = (403, "Forbidden")
    with pytest.raises(QueueUnavailable, match="EventGrid Data Receiver"):
        pulled.receive(LONG)
    grid.refuses = None
    publish(grid, 1)
    assert len(receive(pulled)) == 1


@pytest.mark.parametrize("wrong", ["topic", "subscription"])
def test_a_subscription_that_is_not_there_is_told(grid: EventGridServer, wrong: str) -> None:
    names = {"topic": grid.topic, "subscription": grid.subscription, wrong: "missing"}
    queue = EventGridQueue(EventGrid(grid.place.namespace_endpoint, **names))
    with pytest.raises(QueueMissing, match="missing"):
        queue.receive(LONG)
    queue.close()


def test_nothing_is_asked_of_a_namespace_before_the_first_call(grid: EventGridServer) -> None:
    queue, understood = queue_for(grid.place, Access())
    queue.close()
    assert (grid.requests.total(), understood) == (0, parse)


@pytest.fixture
def beaten(azure: Azurite) -> Iterator[AzureStorageQueue]:
    made = AzureStorageQueue(StorageQueue(azure.url(azure.queue("trades-" + str(time.monotonic_ns())))), azure.access)
    yield made
    made.close()


@pytest.fixture
def send(azure: Azurite) -> Callable[[AzureStorageQueue, str], None]:
    def send_to(queue: AzureStorageQueue, body: str) -> None:
        queue._client.send_message(body)
        azure.queues.forget()

    return send_to


@pytest.mark.parametrize("render", [packed, json.dumps])
def test_a_storage_queues_message_is_base64_or_plain(
    beaten: AzureStorageQueue, send: Callable[[AzureStorageQueue, str], None], render: Callable[[object], str]
) -> None:
    send(beaten, render(grid_event(created("trades", "a b.csv"))))
    (message,) = receive(beaten)
    (appeared,) = parse(message.body)
    assert isinstance(appeared, Appeared)
    assert appeared.uri.endswith("/a b.csv")


def test_a_message_that_was_extended_has_another_receipt_and_the_old_one_is_worth_nothing(
    beaten: AzureStorageQueue, send: Callable[[AzureStorageQueue, str], None]
) -> None:
    send(beaten, "x")
    got = receive(beaten)
    (kept,) = beaten.extend(got, LONG)
    assert kept.receipt != got[0].receipt
    assert kept.body == got[0].body
    assert beaten.acknowledge(got) == got
    assert beaten.acknowledge([kept]) == []


def test_a_quiet_storage_queue_is_asked_on_a_beat_however_often_one_waits(
    azure: Azurite, beaten: AzureStorageQueue
) -> None:
    start = time.monotonic()
    for _ in range(100):
        assert beaten.receive(timedelta(milliseconds=10)) == []
    passed = time.monotonic() - start
    assert azure.queues.counts()["GetMessages"] <= 2 + passed / 0.25


def test_a_full_storage_queue_is_emptied_by_pages_of_32(
    azure: Azurite, beaten: AzureStorageQueue, send: Callable[[AzureStorageQueue, str], None]
) -> None:
    for n in range(70):
        send(beaten, str(n))
    assert {one.body for one in beaten.receive(LONG)} == {str(n).encode() for n in range(70)}
    assert azure.queues.counts() == {"GetMessages": 3}


def test_a_storage_queue_tells_how_many_wait(
    beaten: AzureStorageQueue, send: Callable[[AzureStorageQueue, str], None]
) -> None:
    assert isinstance(beaten, Measured)
    send(beaten, "x")
    assert beaten.standing() == Standing(waiting=1)


def test_a_storage_queue_that_is_away_is_unavailable_and_comes_back(
    azure: Azurite, beaten: AzureStorageQueue, send: Callable[[AzureStorageQueue, str], None]
) -> None:
    send(beaten, "x")
    got = receive(beaten)
    with azure.queues.down():
        with pytest.raises(QueueUnavailable):
            beaten.receive(NONE)
        with pytest.raises(QueueUnavailable):
            beaten.acknowledge(got)
    assert beaten.acknowledge(got) == []


def test_a_storage_queue_that_refuses_says_what_to_check(azure: Azurite, beaten: AzureStorageQueue) -> None:
    refused = pytest.raises(QueueUnavailable, match="Storage Queue Data Contributor")
    with azure.failing(403, "AuthorizationPermissionMismatch"), refused:
        beaten.receive(NONE)


def test_a_message_that_cannot_be_deleted_for_another_reason_is_no_lost_one(
    azure: Azurite, beaten: AzureStorageQueue, send: Callable[[AzureStorageQueue, str], None]
) -> None:
    send(beaten, "x")
    got = receive(beaten)

    def refuse(asked: Asked, passed_on: Callable[[], Answered]) -> Answered | None:
        return Answered(403, [("x-ms-error-code", "AuthenticationFailed")], b"")

    with azure.queues.faulty(refuse), pytest.raises(QueueUnavailable, match="AuthenticationFailed"):
        beaten.acknowledge(got)


def test_a_storage_queue_that_is_not_there_is_told(azure: Azurite) -> None:
    queue, understood = queue_for(
        StorageQueue(f"https://{azure.account}.queue.core.windows.net/missing"), Access(azure=azure.access)
    )
    assert understood is parse
    with pytest.raises(QueueMissing, match="missing"):
        queue.receive(NONE)
    queue.close()


@pytest.mark.parametrize("url", ["trades", "https://example.com/trades", "https://acc.queue.core.windows.net/"])
def test_a_url_that_names_no_queue_says_how_to_write_one(url: str) -> None:
    queue = AzureStorageQueue(StorageQueue(url))
    with pytest.raises(QueueUnusable, match=r"https://ACCOUNT\.queue"):
        queue.receive(NONE)
    queue.close()


def test_a_key_that_makes_no_sense_is_told(azure: Azurite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"AccountName={azure.account};AccountKey=no base64!")
    queue = AzureStorageQueue(
        StorageQueue(f"https://{azure.account}.queue.core.windows.net/trades"),
        AzureAccess(queue_endpoint=azure.access.queue_endpoint),
    )
    with pytest.raises((QueueUnusable, QueueUnavailable)):
        queue.receive(NONE)
    queue.close()
