"""Cloud Storage that tells Pub/Sub, by fake-gcs-server and Google's emulator (where there is none, by pstest)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from queue import SimpleQueue
from typing import Any

import grpc  # type: ignore[import-untyped]
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client
from google.pubsub_v1 import StreamingPullRequest, SubscriberClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from benchmarks.cloud import Cloud, Told
from tests.clouds.fake_gcs import PROJECT, FakeGcs
from tests.clouds.pubsub_emulator import PubSubEmulator


class GoogleServer:
    """fake-gcs-server. What waits is read past its door, which Python keeps; what is told passes it and is counted."""

    def __init__(self, gcs: FakeGcs, pubsub: Told) -> None:
        self._gcs, self._bucket = gcs, gcs.bucket()
        self.told = {"bucket": self._bucket.name, "direct": gcs.direct, **pubsub}
        self.told["endpoint"] = gcs.endpoint if pubsub else gcs.direct

    def counts(self) -> Mapping[str, int]:
        counted = self._gcs.counts()
        self._gcs.forget()
        return counted

    def fill(self, name: str, content: bytes) -> None:
        self._bucket.blob(name).upload_from_string(content)


class GoogleClient:
    """google-cloud-storage and google-cloud-pubsub."""

    def __init__(self, told: Told) -> None:
        self._told = told
        own = Client(
            project=PROJECT,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options={"api_endpoint": told["direct"]},
        )
        self._bucket = own.bucket(told["bucket"])

    @property
    def source(self) -> str:
        return f"gs://{self._told['bucket']}/in/"

    @property
    def tables(self) -> dict[str, Any]:
        ways = {"endpoint": self._told["endpoint"], "anonymous": True}
        if "pubsub" in self._told:
            ways["pubsub_endpoint"] = self._told["pubsub"]
        return {"gcs": ways}

    @property
    def events(self) -> dict[str, str]:
        return {"subscription": self._told["subscription"]}

    def put(self, name: str, content: bytes) -> None:
        self._bucket.blob(name).upload_from_string(content)

    def read(self, name: str) -> bytes:
        read: bytes = self._bucket.blob(name).download_as_bytes()
        return read

    @contextmanager
    def watching(self) -> Iterator[Callable[[], float]]:
        """By a subscription of its own: the feed's shares its messages with nobody."""
        subscription, ended = self._told["aside"], SimpleQueue[None]()
        with grpc.insecure_channel(self._told["pubsub"]) as channel:
            client = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
            first = StreamingPullRequest(subscription=subscription, stream_ack_deadline_seconds=60)
            stream: Any = client.streaming_pull(requests=chain([first], iter(ended.get, None)))  # it stays open

            def next_one() -> float:
                received = next(stream).received_messages
                came = time.perf_counter()
                client.acknowledge(subscription=subscription, ack_ids=[one.ack_id for one in received])
                return came

            try:
                yield next_one
            finally:
                ended.put(None)
                stream.cancel()


@contextmanager
def _serving(tells: bool) -> Iterator[GoogleServer]:
    if not tells:
        with FakeGcs() as gcs:
            yield GoogleServer(gcs, {})
        return
    with PubSubEmulator() as pubsub:
        topic = pubsub.topic()
        names = {"subscription": pubsub.subscription(topic), "aside": pubsub.subscription(topic)}
        with FakeGcs(pubsub=pubsub.address, topic=topic) as gcs:
            yield GoogleServer(gcs, {"pubsub": pubsub.address, **names})


CLOUD = Cloud("Cloud Storage", {}, _serving, GoogleClient)
