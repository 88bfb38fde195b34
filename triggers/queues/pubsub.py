"""Google Pub/Sub: a streaming pull with flow control, and deadlines that are extended while messages are held.

https://cloud.google.com/pubsub/docs/lease-management
"""

import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import timedelta

from triggers.queues.deadlines import Deadlines
from triggers.queues.places import PubSub
from triggers.queues.port import Message
from triggers.queues.pubsub_errors import ENDED, FAILURES, translated
from triggers.queues.pubsub_stream import EndedQuietly, Stream
from triggers.queues.pubsub_wire import PubSubWire, message_of
from triggers.stores.access import GcsAccess

VISIBILITY = timedelta(seconds=60)  # of a delivery, asked for with the stream: the subscription's own does not matter
LONGEST = timedelta(seconds=600)  # Pub/Sub's own limits of a deadline
SHORTEST = timedelta(seconds=10)
OUTSTANDING = 10_000  # messages that are sent and neither acknowledged nor given up
STEADY = 5.0  # seconds after which a stream's end is Pub/Sub's routine, not a failure


class PubSubQueue:
    """One subscription, worked by one thread of one process. It asks for nothing before the first call.

    Deadlines are kept here too: unless a subscription delivers exactly once, Pub/Sub says "done" to an ack id that is
    too old, whether or not it did anything. Besides what `receive` may raise, every call raises QueueUnavailable,
    QueueMissing and QueueUnusable. `deliveries` is counted where the subscription has a dead letter topic.
    """

    def __init__(
        self,
        place: PubSub,
        access: GcsAccess | None = None,
        visibility: timedelta = VISIBILITY,
        clock: Callable[[], float] = time.monotonic,
        wire: PubSubWire | None = None,
    ) -> None:
        self.visibility = min(max(visibility, SHORTEST), LONGEST)
        self._subscription = place.subscription
        self._wire = wire or PubSubWire(place.subscription, access or GcsAccess())
        self._ours = Deadlines(clock)
        self._ahead: deque[Message] = deque()
        self._stream: Stream | None = None

    def receive(self, wait: timedelta, limit: int = 10_000) -> list[Message]:
        """What the stream brought. What it brought too long ago is not given: it comes again."""
        end = time.monotonic() + wait.total_seconds()
        self._ours.forget_late()
        while True:
            self._take(max(0.0, end - time.monotonic()) if not self._ahead else 0.0)
            got = self._first(limit)
            if got or time.monotonic() >= end:
                return got

    def acknowledge(self, messages: Sequence[Message]) -> list[Message]:
        """These are done. Of those that were ours no more nobody knows, so they come back too."""
        done = {one.receipt for one in self._wire.acknowledge(one for one in messages if self._ours.ours(one))}
        self._ours.drop(messages)
        return [message for message in messages if message.receipt not in done]

    def extend(self, messages: Sequence[Message], by: timedelta) -> list[Message]:
        """Keep them, for at most 600 seconds from now; the ack ids stay."""
        by = min(max(by, timedelta(seconds=1)), LONGEST)
        kept = self._wire.modify((one for one in messages if self._ours.ours(one)), _seconds(by))
        self._ours.keep(kept, by)
        return kept

    def release(self, messages: Sequence[Message], delay: timedelta = timedelta()) -> None:
        """They come again after the delay, which Pub/Sub limits to 600 seconds."""
        self._wire.modify((one for one in messages if self._ours.ours(one)), _seconds(min(delay, LONGEST)))
        self._ours.drop(messages)

    def close(self) -> None:
        """End the stream; what it brought and nobody took is handed back."""
        if self._stream is not None:
            self._stream.close()
            self._gather(self._stream, 0.0)
            self._stream = None
            self.release(list(self._ahead))
            self._ahead.clear()
        self._wire.close()

    def _take(self, wait: float) -> None:
        self._stream = self._stream or self._wire.stream(self.visibility, OUTSTANDING)
        ended = self._gather(self._stream, wait)
        if ended is None:
            return
        steady = self._stream.age > STEADY and isinstance(ended, (*ENDED, EndedQuietly))
        self._stream.close()
        self._stream = None
        if not steady:
            raise translated(ended, self._subscription) from ended

    def _gather(self, stream: Stream, wait: float) -> Exception | None:
        try:
            came = [message_of(received, self._subscription) for received in stream.take(wait)]
        except (*FAILURES, EndedQuietly) as ended:
            return ended
        self._ours.keep(came, self.visibility)
        self._ahead.extend(came)
        return None

    def _first(self, limit: int) -> list[Message]:
        got: list[Message] = []
        while self._ahead and len(got) < limit:
            message = self._ahead.popleft()
            if self._ours.ours(message):
                got.append(message)
        return got


def _seconds(span: timedelta) -> int:
    return max(0, math.ceil(span.total_seconds()))
