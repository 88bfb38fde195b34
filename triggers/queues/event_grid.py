"""Event Grid namespaces, from which events are pulled: a poll is always under way, whoever waits for it.

https://learn.microsoft.com/azure/event-grid/pull-delivery-overview
"""

import json
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from azure.core.credentials import AzureKeyCredential, TokenCredential
from azure.core.exceptions import AzureError
from azure.core.pipeline import PipelineResponse
from azure.eventgrid import EventGridConsumerClient

from triggers.queues.azure_errors import translated
from triggers.queues.places import EventGrid
from triggers.queues.port import Message
from triggers.stores.azure_clients import default_credential

KEY = "AZURE_EVENTGRID_KEY"
ROLE = "EventGrid Data Receiver"
PAGE = 100  # the most that Event Grid gives, and takes
POLL = 10  # seconds; the shortest wait that Event Grid knows
SOON = 0.25  # seconds; what a request needs even where nobody wants to wait
LOCK = timedelta(seconds=60)  # the shortest lock that a subscription can have, and the default
DELAYS = (0, 10, 60, 600, 3600)  # seconds; Event Grid knows no others

_MORE: dict[str, Any] = {
    "retry_total": 2,
    "retry_backoff_factor": 0.2,
    "connection_timeout": 5,
    "read_timeout": POLL + 20,
}


class EventGridQueue:
    """One subscription of a namespace topic, worked by one thread. It asks for nothing before the first call.

    `visibility` must not be longer than the subscription's lock, which only its owner can see. Every call raises
    QueueUnavailable, QueueMissing and QueueUnusable.
    """

    def __init__(self, place: EventGrid, visibility: timedelta = LOCK) -> None:
        self._place, self._visibility = place, visibility
        self._made: EventGridConsumerClient | None = None
        self._ready: deque[Message] = deque()
        self._polling, self._closed = False, False
        self._polled: queue.SimpleQueue[list[Message] | Exception] = queue.SimpleQueue()

    @property
    def visibility(self) -> timedelta:
        """The lock's duration."""
        return self._visibility

    def receive(self, wait: timedelta, limit: int = 10_000) -> list[Message]:
        """What the poll under way brings within `wait`. Event Grid itself waits 10 s or more: a poll that nobody
        waits for any more goes on, and the next call has what it brought."""
        if not self._ready:
            self._poll(min(limit, PAGE))
            with suppress(queue.Empty):
                self._take(self._polled.get(timeout=max(SOON, wait.total_seconds())))
        return [self._ready.popleft() for _ in range(min(limit, len(self._ready)))]

    def acknowledge(self, messages: Sequence[Message]) -> list[Message]:
        """Those whose lock is ours no more come back: the client does not raise for them."""
        done = self._settled(messages, lambda tokens: self._client.acknowledge(lock_tokens=tokens))
        return [message for message in messages if message.receipt not in done]

    def extend(self, messages: Sequence[Message], by: timedelta) -> list[Message]:  # noqa: ARG002
        """For the lock's duration from now, whatever was asked for: Event Grid knows no other."""
        kept = self._settled(messages, lambda tokens: self._client.renew_locks(lock_tokens=tokens))
        return [message for message in messages if message.receipt in kept]

    def release(self, messages: Sequence[Message], delay: timedelta = timedelta()) -> None:
        """Hand them back; the delay is rounded up to 10 s, 1 min, 10 min or 1 h."""
        seconds = next((each for each in DELAYS if each >= delay.total_seconds()), DELAYS[-1])
        self._settled(messages, lambda tokens: self._client.release(lock_tokens=tokens, release_delay=seconds))

    def close(self) -> None:
        """Hand back what nobody took, and let go of the connections; a poll under way does so when it ends."""
        self._closed = True
        ready, self._ready = list(self._ready), deque()
        if self._made is None:
            return
        self._hand_back(ready)
        if not self._polling:
            self._made.close()

    @property
    def _client(self) -> EventGridConsumerClient:
        if self._made is None:
            with self._translated():
                self._made = EventGridConsumerClient(
                    self._place.namespace_endpoint,
                    _credential(),
                    namespace_topic=self._place.topic,
                    subscription=self._place.subscription,
                    **_MORE,
                )
        return self._made

    def _poll(self, count: int) -> None:
        if self._polling:
            return
        assert self._client  # made by the thread that works the queue
        self._polling = True
        threading.Thread(target=self._ask, args=(count,), name="event-grid", daemon=True).start()

    def _take(self, polled: list[Message] | Exception) -> None:
        self._polling = False
        if isinstance(polled, Exception):
            raise polled
        self._ready.extend(polled)

    def _ask(self, count: int) -> None:
        try:
            found: list[Message] | Exception = self._received(count)
        except Exception as error:  # noqa: BLE001 (raised by the next `receive`)
            found = error
        if not self._closed:
            self._polled.put(found)
            return
        if isinstance(found, list):
            self._hand_back(found)
        self._client.close()

    def _received(self, count: int) -> list[Message]:
        answers: list[Any] = []

        def keep(response: PipelineResponse[Any, Any]) -> None:
            if response.http_response.status_code == 200:
                answers.append(response.http_response.json())

        with self._translated(), _any_event(answers):
            self._client.receive(max_events=count, max_wait_time=POLL, raw_response_hook=keep)
        return [_message(told) for answer in answers for told in answer.get("value", ())]

    def _hand_back(self, messages: Sequence[Message]) -> None:
        with suppress(Exception):  # else they come again when their locks end
            self.release(messages)

    def _settled(self, messages: Sequence[Message], ask: Callable[[list[str]], Any]) -> set[str]:
        """The lock tokens with which it was done."""
        done: set[str] = set()
        for start in range(0, len(messages), PAGE):
            with self._translated():
                answer = ask([message.receipt for message in messages[start : start + PAGE]])
            done.update(answer.succeeded_lock_tokens)
        return done

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with translated(str(self._place), ROLE):
            yield


@contextmanager
def _any_event(answers: list[Any]) -> Iterator[None]:
    # The client makes objects of the events and fails for all where one is no CloudEvent: the parser decides that.
    try:
        yield
    except AzureError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError):
        if not answers:
            raise


def _message(told: dict[str, Any]) -> Message:
    event, broker = told.get("event"), told["brokerProperties"]
    name = event.get("id") if isinstance(event, dict) else None
    receipt, deliveries = str(broker["lockToken"]), int(broker.get("deliveryCount", 1))
    return Message(str(name or receipt), json.dumps(event).encode(), receipt, deliveries)


def _credential() -> AzureKeyCredential | TokenCredential:
    key = os.environ.get(KEY)
    return AzureKeyCredential(key) if key else default_credential()
