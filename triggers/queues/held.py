"""Deliveries in memory: what the local queue has handed out, and when it comes again."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from triggers.queues.port import Message


class Held:
    """Messages ready to be received, and those out with a receiver until a deadline."""

    def __init__(self, clock: Callable[[], datetime], visibility: timedelta) -> None:
        self._clock, self.visibility = clock, visibility
        self._ready: deque[Message] = deque()
        self._out: dict[str, tuple[Message, datetime]] = {}
        self._number = 0

    def put(self, body: bytes) -> None:
        """A new message."""
        self._number += 1
        self._ready.append(Message(str(self._number), body, receipt="", deliveries=0))

    def take(self, limit: int) -> list[Message]:
        """Hand out what is ready, and what was out for too long."""
        now = self._clock()
        self._bring_back(now)
        return [self._hand_out(now) for _ in range(min(limit, len(self._ready)))]

    def waiting(self) -> bool:
        """Whether a `take` would give something that was put in and never handed out."""
        return bool(self._ready)

    def drop(self, messages: Iterable[Message]) -> list[Message]:
        """Forget these; gives back those whose delivery is no longer theirs."""
        return [message for message in messages if self._out.pop(message.receipt, None) is None]

    def keep(self, messages: Iterable[Message], by: timedelta) -> list[Message]:
        """A new deadline; only those still out come back."""
        due = self._clock() + by
        kept = [message for message in messages if message.receipt in self._out]
        self._out.update((message.receipt, (message, due)) for message in kept)
        return kept

    def _hand_out(self, now: datetime) -> Message:
        first = self._ready.popleft()
        count = first.deliveries + 1
        message = replace(first, deliveries=count, receipt=f"{first.id}/{count}")
        self._out[message.receipt] = (message, now + self.visibility)
        return message

    def _bring_back(self, now: datetime) -> None:
        late = [receipt for receipt, (_, due) in self._out.items() if due <= now]
        self._ready.extend(self._out.pop(receipt)[0] for receipt in late)
