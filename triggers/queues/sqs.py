"""Amazon SQS: long polls, a heartbeat for what is held, and a look at what waits.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

import math
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from triggers.errors import TryAgain
from triggers.queues.deadlines import Deadlines
from triggers.queues.places import Sqs
from triggers.queues.port import Message, Standing
from triggers.queues.sqs_client import LONGEST_POLL
from triggers.queues.sqs_wire import PAGE, Attributes, SqsWire
from triggers.stores.access import S3Access

GATHERING = 1.0  # seconds for which full pages are put together: what was received first is held meanwhile
SHORTEST = timedelta(seconds=1)  # of a visibility, for 0 would show a message to everybody at once
LONGEST = timedelta(hours=12)  # SQS's own limit


class SqsQueue:
    """One queue of SQS, worked by one thread. It asks for nothing before the first call.

    Deadlines are kept here too: SQS says "done" to a receipt that is too old, whether or not it did anything.
    Besides what `receive` may raise, every call raises QueueUnavailable, QueueMissing and QueueUnusable.
    """

    def __init__(self, place: Sqs, access: S3Access | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._wire = SqsWire(place.queue, access or S3Access())
        self._ours = Deadlines(clock)
        self._attributes: Attributes | None = None

    @property
    def visibility(self) -> timedelta:
        """As the queue's attribute says, as of the last look at it."""
        self._attributes = self._attributes or self._wire.attributes()
        return max(SHORTEST, self._attributes.visibility)

    def standing(self) -> Standing:
        """As the queue's attributes say now; a request, which renews `visibility` too."""
        self._attributes = self._wire.attributes()
        return self._attributes.standing

    def receive(self, wait: timedelta, limit: int = 10_000) -> list[Message]:
        """A page as soon as there is one, and more while they come full.

        SQS waits for whole seconds: at least one, unless `wait` is nought, and at most 20.
        """
        self._ours.forget_late()
        got = page = self._page(limit, wait)
        end = time.monotonic() + GATHERING
        while len(page) == PAGE and len(got) < limit and time.monotonic() < end:
            page = self._next_page(limit - len(got))
            got = got + page
        return got

    def acknowledge(self, messages: Sequence[Message]) -> list[Message]:
        """Delete them. Of those that were ours no more nobody knows, so they come back too."""
        late = {message.receipt for message in messages if not self._ours.ours(message)}
        done = {message.receipt for message in self._wire.delete(messages)} - late
        self._ours.drop(messages)
        return [message for message in messages if message.receipt not in done]

    def extend(self, messages: Sequence[Message], by: timedelta) -> list[Message]:
        """Keep them out of others' sight; the receipts stay. SQS ends it 12 hours after the delivery."""
        by = min(max(by, SHORTEST), LONGEST)
        kept = self._hide(messages, by)
        self._ours.keep(kept, by)
        return kept

    def release(self, messages: Sequence[Message], delay: timedelta = timedelta()) -> None:
        """Show them again, to us as well; the delay is rounded up to seconds."""
        self._hide(messages, min(delay, LONGEST))
        self._ours.drop(messages)

    def close(self) -> None:
        """Let go of the connections."""
        self._wire.close()

    def _page(self, limit: int, wait: timedelta) -> list[Message]:
        visibility = self.visibility
        page = self._wire.receive(limit, min(_seconds(wait), LONGEST_POLL), _seconds(visibility))
        self._ours.keep(page, visibility)
        return page

    def _next_page(self, limit: int) -> list[Message]:
        try:
            return self._page(limit, timedelta())
        except TryAgain:
            # What came before it is held already; the next call meets the same fault.
            return []

    def _hide(self, messages: Sequence[Message], span: timedelta) -> list[Message]:
        return self._wire.hide((one for one in messages if self._ours.ours(one)), _seconds(span))


def _seconds(span: timedelta) -> int:
    return max(0, math.ceil(span.total_seconds()))
