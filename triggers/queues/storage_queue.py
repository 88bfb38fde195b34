"""An Azure storage queue that Event Grid fills. It knows no long poll: it is asked on a beat, and a request is cheap.

https://learn.microsoft.com/rest/api/storageservices/queue-service-rest-api
"""

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from azure.core.exceptions import HttpResponseError
from azure.storage.queue import QueueClient, QueueMessage

from triggers.queues.azure_errors import translated
from triggers.queues.places import StorageQueue
from triggers.queues.port import Message, Standing
from triggers.stores import azure_clients
from triggers.stores.access import AzureAccess
from triggers.stores.azure_names import queue_of

BEAT = timedelta(milliseconds=250)
VISIBILITY = timedelta(minutes=2)
LONGEST = timedelta(days=7)  # Azure's own limit
PAGE = 32  # the most that Azure gives
AT_ONCE = 8  # each message is acknowledged by a request of its own
ROLE = "Storage Queue Data Contributor"

_LOST = {"MessageNotFound", "PopReceiptMismatch"}
_Done = TypeVar("_Done")


class AzureStorageQueue:
    """One storage queue, worked by one thread. It asks for nothing before the first call.

    Every call raises QueueUnavailable, QueueMissing and QueueUnusable.
    """

    def __init__(
        self,
        place: StorageQueue,
        access: AzureAccess | None = None,
        visibility: timedelta = VISIBILITY,
        beat: timedelta = BEAT,
    ) -> None:
        self._url, self._access = place.url, access or AzureAccess()
        self._visibility, self._beat = visibility, beat.total_seconds()
        self._made: QueueClient | None = None
        self._threads = ThreadPoolExecutor(AT_ONCE, "storage-queue")
        self._closed, self._next = threading.Event(), 0.0

    @property
    def visibility(self) -> timedelta:
        """As asked for by each `receive`."""
        return self._visibility

    def standing(self) -> Standing:
        """Azure counts hidden messages among those that wait."""
        with self._translated():
            return Standing(waiting=self._client.get_queue_properties().approximate_message_count)

    def receive(self, wait: timedelta, limit: int = 10_000) -> list[Message]:
        """Pages of 32 for as long as they come full; while there is nothing, a request on each beat."""
        now = time.monotonic()
        end = now + wait.total_seconds()
        while (asking := max(now, self._next)) <= end:
            if self._closed.wait(asking - now):
                return []
            if got := self._pages(limit):
                return got
            now = time.monotonic()
            self._next = now + self._beat
        self._closed.wait(max(0.0, end - now))
        return []

    def acknowledge(self, messages: Sequence[Message]) -> list[Message]:
        """Delete them; those that somebody else has received since come back."""
        done = self._each(messages, lambda one: self._delete(one))
        return [message for message, deleted in zip(messages, done, strict=True) if not deleted]

    def extend(self, messages: Sequence[Message], by: timedelta) -> list[Message]:
        """Hide them for longer; each has another pop receipt afterwards."""
        kept = self._each(messages, lambda one: self._hide(one, by))
        return [message for message in kept if message]

    def release(self, messages: Sequence[Message], delay: timedelta = timedelta()) -> None:
        """Show them again; the delay is rounded up to seconds."""
        self._each(messages, lambda one: self._hide(one, delay))

    def close(self) -> None:
        """Let go of the connections."""
        self._closed.set()
        self._threads.shutdown()
        if self._made is not None:
            self._made.close()

    @property
    def _client(self) -> QueueClient:
        if self._made is None:
            account, name = queue_of(self._url)
            address = azure_clients.address(self._access, account, "queue")
            secret = azure_clients.credential(self._access, account.key)
            self._made = QueueClient(address, name, secret, **azure_clients.RETRIES, **azure_clients.TIMEOUTS)
        return self._made

    def _pages(self, limit: int) -> list[Message]:
        got: list[Message] = []
        while len(got) < limit:
            page = self._page(min(PAGE, limit - len(got)))
            got += page
            if len(page) < PAGE:
                break
        return got

    def _page(self, count: int) -> list[Message]:
        with self._translated():
            # By page: the client itself would go on asking until nothing comes.
            pages = self._client.receive_messages(
                messages_per_page=count, visibility_timeout=_seconds(self._visibility)
            ).by_page()
            return [_message(one) for one in next(pages, ())]

    def _each(self, messages: Iterable[Message], do: Callable[[Message], _Done]) -> list[_Done]:
        with self._translated():
            assert self._client  # made by one thread
            return list(self._threads.map(do, messages))

    def _delete(self, message: Message) -> bool:
        try:
            self._client.delete_message(message.id, message.receipt)
        except HttpResponseError as error:
            return _lost(error)
        return True

    def _hide(self, message: Message, span: timedelta) -> Message | None:
        hidden = _seconds(min(span, LONGEST))
        try:
            told = self._client.update_message(message.id, message.receipt, visibility_timeout=hidden)
        except HttpResponseError as error:
            _lost(error)
            return None
        return replace(message, receipt=str(told.pop_receipt))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with translated(self._url, ROLE):
            yield


def _lost(error: HttpResponseError) -> bool:
    """False for a delivery that is ours no more; anything else is raised."""
    code = getattr(error, "error_code", None)
    if str(getattr(code, "value", code)) in _LOST:
        return False
    raise error


def _message(one: QueueMessage) -> Message:
    body = one.content if isinstance(one.content, bytes) else str(one.content).encode()
    return Message(str(one.id), body, str(one.pop_receipt), int(one.dequeue_count or 1))


def _seconds(span: timedelta) -> int:
    return max(0, math.ceil(span.total_seconds()))
