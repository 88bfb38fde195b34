"""Until when deliveries are ours, where the service does not tell what came too late."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from triggers.queues.port import Message


class Deadlines:
    """Deliveries that are ours, by their receipts. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def keep(self, messages: Iterable[Message], span: timedelta) -> None:
        """They are ours for so long from now."""
        until = self._clock() + span.total_seconds()
        self._until.update((message.receipt, until) for message in messages)

    def ours(self, message: Message) -> bool:
        """Whether nobody else can have it."""
        return self._until.get(message.receipt, 0.0) > self._clock()

    def drop(self, messages: Iterable[Message]) -> None:
        """They are nobody's any more."""
        for message in messages:
            self._until.pop(message.receipt, None)

    def forget_late(self) -> None:
        """Let go of those whose time is over."""
        now = self._clock()
        self._until = {receipt: until for receipt, until in self._until.items() if until > now}
