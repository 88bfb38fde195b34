"""Cloud Storage telling Pub/Sub: the server's own notifications, its deletions and overwrites too."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar

import grpc  # type: ignore[import-untyped]
from google.pubsub_v1 import PullRequest

from tests.acceptance.cloud_feed import CloudFeed, Names

if TYPE_CHECKING:
    from tests.clouds.fake_gcs import Asked
    from tests.clouds.google import Google

PART = 5 * 2**20


class GoogleFeed(CloudFeed):
    """A bucket and a subscription of the topic that `gcs` tells; Pub/Sub is met through its door."""

    names: ClassVar[Names] = Names("GET", "LIST", "StreamingPull", "Acknowledge", "ModifyAckDeadline")
    garbled: ClassVar[str] = json.dumps(
        {"attributes": {"eventType": "OBJECT_FINALIZE", "notificationConfig": "of no object"}, "data": ""}
    )
    foreign: ClassVar[tuple[str, ...]] = (*CloudFeed.foreign, "no JSON at all")

    def __init__(self, folder: Path, dsn: str, session: Any, google: Google) -> None:
        super().__init__(folder, dsn, session)
        self.gcs, self.pubsub, self.door = google.gcs, google.pubsub, google.door
        self.bucket = self.gcs.bucket()
        self._listen(google.topic)

    @property
    def source(self) -> str:
        return f"gs://{self.bucket.name}/in/"

    @property
    def events(self) -> dict[str, str]:
        return {"subscription": self.subscription}

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        return {"gcs": {"endpoint": self.gcs.endpoint, "pubsub_endpoint": self.door.address, "anonymous": True}}

    def put(self, name: str, content: bytes, folder: str = "in/") -> None:
        self.bucket.blob(f"{folder}{name}").upload_from_string(content)

    def put_all(self, files: dict[str, bytes]) -> None:
        self.gcs.put_all(self.bucket, {f"in/{name}": content for name, content in files.items()})

    def put_in_parts(self, name: str, content: bytes) -> None:
        assert len(content) > PART
        blob = self.bucket.blob(f"in/{name}", chunk_size=PART)
        with blob.open("wb") as whole:
            whole.write(content)

    def delete(self, name: str) -> None:
        self.bucket.blob(f"in/{name}").delete()

    def asked_of_bucket(self) -> dict[str, int]:
        return dict(self.gcs.counts())

    def asked_of_queue(self, operation: str) -> int:
        return self.door.counts[operation]

    def forget(self) -> None:
        self.gcs.forget()
        self.door.counts.clear()

    def waiting_messages(self) -> int:
        self._told += self._pulled()
        return len({message.message_id for message in self._told} - self.door.acknowledged)

    def send(self, *bodies: str) -> None:
        for body in bodies:
            data, attributes = _unpacked(body)
            self.pubsub.publish(self.topic, data, **attributes)

    def divert(self) -> Callable[[], list[str]]:
        aside = self._witness
        self._listen(self.pubsub.topic())
        return lambda: [_packed(message) for message in self._pulled(aside)]

    def hold_for(self, seconds: int) -> None:
        """The client tells it with its stream, whatever the subscription says."""

    def let_holds_end(self) -> None:
        request = {"subscription": self.subscription, "ack_ids": self.door.held, "ack_deadline_seconds": 0}
        self.pubsub.subscriber.modify_ack_deadline(request=request)

    def stuck(self, operation: str, until: Event) -> AbstractContextManager[None]:
        return self.door.stuck(operation, until)

    @contextmanager
    def before_reads(self, act: Callable[[], None]) -> Iterator[None]:
        def first(asked: Asked) -> None:
            if asked[0] == "GET":
                act()

        with self.gcs.faulty(first):
            yield

    @contextmanager
    def down(self) -> Iterator[None]:
        with self.gcs.down(), self.door.refusing(grpc.StatusCode.UNAVAILABLE):
            yield

    def store_away(self) -> AbstractContextManager[None]:
        return self.gcs.failing(503)

    def queue_away(self) -> AbstractContextManager[None]:
        return self.door.refusing(grpc.StatusCode.UNAVAILABLE)

    @contextmanager
    def refused(self) -> Iterator[None]:
        with self.gcs.failing(401), self.door.refusing(grpc.StatusCode.UNAUTHENTICATED):
            yield

    def until_idle(self) -> None:
        """An open stream is not asked for anything: what somebody else sends goes through it."""
        self.send(*self.foreign)
        self.until_acknowledged()

    def told_in(self, letter: bytes) -> str:
        message = json.loads(letter)["message"]
        return json.dumps({"attributes": message["attributes"], "data": message["data"]}, sort_keys=True)

    def _listen(self, topic: str) -> None:
        """The feed's subscription, and another that shows the test what was told."""
        self.topic, self._told = topic, list[Any]()
        self.subscription, self._witness = self.pubsub.subscription(topic), self.pubsub.subscription(topic)

    def _pulled(self, subscription: str = "") -> list[Any]:
        """What a subscription has and nobody took; Pub/Sub tells no number."""
        place = subscription or self._witness
        at_once = PullRequest(subscription=place, max_messages=1000, return_immediately=True)
        told: list[Any] = []
        # By the transport: the client itself warns of a pull that does not wait.
        while got := self.pubsub.subscriber.transport.pull(at_once).received_messages:
            told += [received.message for received in got]
            self.pubsub.subscriber.acknowledge(subscription=place, ack_ids=[received.ack_id for received in got])
        return told


def _packed(message: Any) -> str:
    return json.dumps({"attributes": dict(message.attributes), "data": base64.b64encode(message.data).decode()})


def _unpacked(body: str) -> tuple[bytes, dict[str, str]]:
    """Data and attributes of what `_packed` made; anything else is data."""
    try:
        message = json.loads(body)
    except ValueError:
        return body.encode(), {}
    if "attributes" not in message:
        return body.encode(), {}
    return base64.b64decode(message.get("data", "")), message["attributes"]
