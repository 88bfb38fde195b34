"""The calls to Pub/Sub that a queue needs: one stream to receive by, and single ones to say what became of messages."""

import base64
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import cached_property
from itertools import islice
from typing import Any

import grpc  # type: ignore[import-untyped]
from google.api_core import exceptions as api
from google.api_core.client_options import ClientOptions
from google.pubsub_v1 import SubscriberClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from triggers.queues.port import Message
from triggers.queues.pubsub_errors import translating
from triggers.queues.pubsub_stream import Stream
from triggers.stores.access import GcsAccess

PAGE = 1_000  # ack ids in a request: Pub/Sub takes 512 KiB of them
_TIMEOUT = 30.0  # seconds, the client's own retries included
EMULATOR = "PUBSUB_EMULATOR_HOST"


class PubSubWire:
    """One subscription. Every call raises what `translating` raises."""

    def __init__(self, subscription: str, access: GcsAccess) -> None:
        self._subscription, self._access = subscription, access

    def stream(self, visibility: timedelta, outstanding: int) -> Stream:
        """A new stream: Pub/Sub sends so many messages ahead, and each is ours for `visibility`."""
        with translating(self._subscription):
            return Stream(self._client, self._subscription, round(visibility.total_seconds()), outstanding)

    def acknowledge(self, messages: Iterable[Message]) -> list[Message]:
        """Those that the subscription took as done; all of them where it promises nothing about it."""
        return self._in_pages(messages, self._client.acknowledge)

    def modify(self, messages: Iterable[Message], seconds: int) -> list[Message]:
        """Those that stay ours for so long from now; with 0 they come again at once."""
        return self._in_pages(messages, self._client.modify_ack_deadline, ack_deadline_seconds=seconds)

    def close(self) -> None:
        """Let go of the connections."""
        if "_client" in self.__dict__:
            self._client.transport.close()
            del self.__dict__["_client"]

    @cached_property
    def _client(self) -> Any:
        address = os.environ.get(EMULATOR) or self._access.pubsub_endpoint
        with translating(self._subscription):
            if address and _is_plain(address):
                channel = grpc.insecure_channel(address.removeprefix("http://"))
                return SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
            own = ClientOptions(api_endpoint=address.removeprefix("https://")) if address else None
            return SubscriberClient(client_options=own)

    def _in_pages(self, messages: Iterable[Message], ask: Callable[..., Any], **more: Any) -> list[Message]:
        done: list[Message] = []
        for page in _pages(messages):
            receipts = [message.receipt for message in page]
            with translating(self._subscription):
                failed = _failed(ask, subscription=self._subscription, ack_ids=receipts, **more)
            done += [message for message in page if message.receipt not in failed]
        return done


def message_of(received: Any, subscription: str) -> Message:
    """A delivery. Its body has the shape of a push's, for attributes say what happened and a body is all we hand on.

    https://cloud.google.com/pubsub/docs/push#receive_push
    """
    told = received.message
    inner = {
        "attributes": dict(told.attributes),
        "data": base64.b64encode(told.data).decode(),
        "messageId": told.message_id,
        "publishTime": told.publish_time.isoformat() if told.publish_time else None,
    }
    body = json.dumps({"subscription": subscription, "message": inner}, ensure_ascii=False).encode()
    return Message(told.message_id, body, received.ack_id, max(1, received.delivery_attempt))


def _is_plain(address: str) -> bool:
    # Google's addresses are met with TLS and credentials; a stand-in has neither.
    if "://" in address:
        return not address.startswith("https://")
    return not address.partition(":")[0].endswith(".googleapis.com")


def _failed(ask: Callable[..., Any], **what: Any) -> set[str]:
    """The ack ids that an exactly-once subscription refused, which it tells by name in an error.

    https://cloud.google.com/pubsub/docs/exactly-once-delivery
    """
    try:
        ask(request=what, timeout=_TIMEOUT)
    except api.GoogleAPICallError as cause:
        told = {receipt for receipt, why in (cause.metadata or {}).items() if "_FAILURE_" in str(why)}
        if not told:
            raise
        return told
    return set()


def _pages(messages: Iterable[Message]) -> Iterator[Sequence[Message]]:
    left = iter(messages)
    while page := list(islice(left, PAGE)):
        yield page
