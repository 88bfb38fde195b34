"""From an upload to what a listing shows: Cloud Storage tells Pub/Sub, the queue hands on, the parser reads."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.clouds.fake_gcs import FakeGcs
from tests.clouds.pubsub_emulator import PubSubEmulator
from triggers.errors import QueueMissing, QueueUnavailable
from triggers.notifications.port import Appeared, Deleted, Notification, NotOurs
from triggers.queues import PubSub, queue_for
from triggers.stores import Stores
from triggers.stores.access import Access, GcsAccess

LONG = timedelta(seconds=10)
NAMES = ["plain.csv", "a b+c%20#?.csv", "quotes'\".csv", "é🚀.csv"]


class Place:
    """A server of its own that tells of all its buckets, a queue of what it tells, and the store."""

    def __init__(self, gcs: FakeGcs, subscription: str, pubsub: PubSubEmulator) -> None:
        access = Access(gcs=GcsAccess(endpoint=gcs.endpoint, pubsub_endpoint=pubsub.address, anonymous=True))
        self.bucket = gcs.bucket()
        self.prefix = f"gs://{self.bucket.name}/in/"
        self.queue, self.parse = queue_for(PubSub(subscription), access)
        self.store = Stores(access).of(self.prefix)

    def told(self, count: int) -> list[Notification]:
        got: list[Notification] = []
        while len(got) < count and (messages := self.queue.receive(LONG)):
            got += [said for message in messages for said in self.parse(message.body)]
            assert self.queue.acknowledge(messages) == []
        return got


@pytest.fixture
def place(pubsub: PubSubEmulator) -> Iterator[Place]:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)
    with FakeGcs(pubsub=pubsub.address, topic=topic) as gcs:
        made = Place(gcs, subscription, pubsub)
        yield made
        made.queue.close()


def test_what_is_told_of_an_upload_is_what_a_listing_shows(place: Place) -> None:
    for n, name in enumerate(NAMES):
        place.bucket.blob(f"in/{name}").upload_from_string(b"x" * n)
    told = place.told(len(NAMES))
    listed = {one.uri: one for one in place.store.list(place.prefix)}
    assert len(told) == len(listed) == len(NAMES)
    for said in told:
        assert isinstance(said, Appeared)
        shown = listed[said.uri]
        assert (said.version, said.size, said.modified_at) == (shown.version, shown.size, shown.modified_at)


def test_note_22_an_overwrite_tells_of_the_new_one_and_a_deletion_of_none(place: Place) -> None:
    blob = place.bucket.blob("in/a.csv")
    blob.upload_from_string(b"first")
    (first,) = place.told(1)
    blob.upload_from_string(b"second one")
    overwritten = place.told(2)
    blob.delete()
    assert place.told(1) == [Deleted(place.prefix + "a.csv")]
    (second,) = [said for said in overwritten if isinstance(said, Appeared)]
    assert isinstance(first, Appeared)
    assert second.version != first.version
    assert [said for said in overwritten if said is not second] == [
        NotOurs("the old half of an overwrite: the new generation is told of by itself")
    ]


def test_a_metadata_update_is_no_arrival(place: Place) -> None:
    blob = place.bucket.blob("in/a.csv")
    blob.upload_from_string(b"first")
    place.told(1)
    blob.metadata = {"seen": "yes"}
    blob.patch()
    assert place.told(1) == [NotOurs("'OBJECT_METADATA_UPDATE': no object came or went")]


def test_a_subscription_that_is_not_there_is_told(pubsub: PubSubEmulator) -> None:
    missing = PubSub("projects/tests/subscriptions/none")
    queue, _ = queue_for(missing, Access(gcs=GcsAccess(pubsub_endpoint=pubsub.address)))
    with pytest.raises(QueueMissing, match="projects/tests/subscriptions/none"):
        queue.receive(LONG)
    queue.close()


def test_a_queue_that_does_not_answer_is_tried_again_and_then_works() -> None:
    with PubSubEmulator() as pubsub:
        topic = pubsub.topic()
        place = PubSub(pubsub.subscription(topic))
        queue, _ = queue_for(place, Access(gcs=GcsAccess(pubsub_endpoint=pubsub.address)))
        assert queue.receive(timedelta(milliseconds=100)) == []
        with pubsub.down(), pytest.raises(QueueUnavailable):
            while True:
                queue.receive(LONG)
        queue.close()


def test_what_comes_after_a_queue_was_closed_is_given_to_the_next_at_once(pubsub: PubSubEmulator) -> None:
    topic = pubsub.topic()
    place, access = PubSub(pubsub.subscription(topic)), Access(gcs=GcsAccess(pubsub_endpoint=pubsub.address))
    before, _ = queue_for(place, access)
    assert before.receive(timedelta(milliseconds=100)) == []
    before.close()
    pubsub.publish(topic, eventType="OBJECT_FINALIZE", bucketId="b", objectId="a.csv", objectGeneration="7")
    queue, _ = queue_for(place, access)
    (message,) = queue.receive(LONG)
    assert message.deliveries == 1
    assert queue.acknowledge([message]) == []
    queue.close()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_process_that_has_used_pub_sub_can_still_start_others(pubsub: PubSubEmulator) -> None:
    pubsub.topic()
    codes = {subprocess.run(["true"], check=False, preexec_fn=lambda: None).returncode for _ in range(100)}
    assert codes == {0}


@pytest.mark.slow
def test_the_test_server_of_go_stands_in_where_the_emulator_is_not_installed() -> None:
    with PubSubEmulator("pstest") as pubsub:
        topic = pubsub.topic()
        queue, parse = queue_for(
            PubSub(pubsub.subscription(topic)), Access(gcs=GcsAccess(pubsub_endpoint=pubsub.address))
        )
        pubsub.publish(topic, eventType="OBJECT_FINALIZE", bucketId="b", objectId="a.csv", objectGeneration="7")
        (message,) = queue.receive(LONG)
        assert parse(message.body) == [Appeared("gs://b/a.csv", None, "7")]
        assert queue.acknowledge([message]) == []
        queue.close()
