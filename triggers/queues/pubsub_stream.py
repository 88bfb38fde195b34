"""A streaming pull: Pub/Sub sends as messages come, a thread of ours puts them where `take` finds them.

https://cloud.google.com/pubsub/docs/pull#streamingpull_api
"""

import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

from google.pubsub_v1 import StreamingPullRequest

from triggers.queues.pubsub_errors import FAILURES

BEAT = 30.0  # seconds: an empty request keeps the stream, as Pub/Sub's documents ask


class Stream:
    """Open until `close` or until Pub/Sub ends it; then `take` raises the client's error once all was taken."""

    def __init__(self, client: Any, subscription: str, seconds: int, outstanding: int) -> None:
        self._came: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._closed, self._told = threading.Event(), threading.Event()
        self._first = StreamingPullRequest(
            subscription=subscription,
            stream_ack_deadline_seconds=seconds,
            max_outstanding_messages=outstanding,
        )
        self._started = time.monotonic()
        # With the client's own retry of the call's beginning alone; how long it lasts is Pub/Sub's to say.
        self._call = client.streaming_pull(requests=self._requests(), timeout=None)
        self._thread = threading.Thread(target=self._read, name="pubsub-stream", daemon=True)
        self._thread.start()

    @property
    def age(self) -> float:
        """Seconds since it was opened."""
        return time.monotonic() - self._started

    def take(self, wait: float) -> list[Any]:
        """What came, after at most so many seconds: received messages. Raises what ended it."""
        try:
            got = [self._came.get(timeout=wait)] if wait > 0 else [self._came.get_nowait()]
            while not self._came.empty():
                got.append(self._came.get_nowait())
        except queue.Empty:
            return []
        ends = [each for each in got if isinstance(each, Exception)]
        messages = [each for each in got if not isinstance(each, Exception)]
        if ends and not messages:
            raise ends[0]
        if ends:
            self._came.put(ends[0])
        return messages

    def close(self) -> None:
        """End it: our side first, for Google's emulator goes on sending to a stream that was only cancelled."""
        if not self._closed.is_set():
            self._closed.set()
            self._told.wait(1)
        self._call.cancel()
        self._thread.join(10)

    def _requests(self) -> Iterator[StreamingPullRequest]:
        yield self._first
        while not self._closed.wait(BEAT):
            yield StreamingPullRequest()
        self._told.set()

    def _read(self) -> None:
        try:
            for response in self._call:
                for received in response.received_messages:
                    self._came.put(received)
        except FAILURES as ended:
            self._came.put(ended)
        else:
            self._came.put(EndedQuietly("the stream was ended"))
        finally:
            self._closed.set()


class EndedQuietly(Exception):
    """The service ended the stream without an error."""
