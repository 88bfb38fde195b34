"""Cloud Storage that tells a topic of everything, and a door before Pub/Sub: Google as end-to-end tests meet it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.clouds.fake_gcs import FakeGcs
from tests.clouds.pubsub_door import PubSubDoor
from tests.clouds.pubsub_emulator import PubSubEmulator


@dataclass(frozen=True)
class Google:
    """`topic` is told of all buckets of `gcs`; clients go to Pub/Sub by the door, tests by themselves straight."""

    gcs: FakeGcs
    topic: str
    pubsub: PubSubEmulator
    door: PubSubDoor


@contextmanager
def telling(pubsub: PubSubEmulator) -> Iterator[Google]:
    """With a server of its own, since a server tells one topic."""
    topic = pubsub.topic()
    with PubSubDoor(pubsub.address) as door, FakeGcs(pubsub=pubsub.address, topic=topic) as gcs:
        yield Google(gcs, topic, pubsub, door)
