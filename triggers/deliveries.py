"""Messages in the listener's hands: done when everything they speak of is done, kept alive until then."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from triggers.queues.port import Message, Queue


@dataclass(slots=True)
class Delivery:
    """One message, how many of its notifications are open, and when it must be extended."""

    message: Message
    open: int
    extend_at: datetime


class Deliveries:
    """What was received and is not acknowledged."""

    def __init__(self, queue: Queue, clock: Callable[[], datetime]) -> None:
        self._queue, self._clock = queue, clock
        self._held: dict[str, Delivery] = {}
        self._done: list[Message] = []

    def hold(self, message: Message, parts: int) -> Delivery:
        """A new message with so many notifications; one without any is done."""
        delivery = Delivery(message, parts, self._clock() + self._queue.visibility / 2)
        if parts:
            self._held[message.id] = delivery
        else:
            self._done.append(message)
        return delivery

    def settle(self, deliveries: Iterable[Delivery]) -> None:
        """One notification of each is done."""
        for delivery in deliveries:
            delivery.open -= 1
            if delivery.open == 0:
                self._done.append(delivery.message)
                if self._held.get(delivery.message.id) is delivery:
                    del self._held[delivery.message.id]

    def acknowledge(self) -> None:
        """Tell the queue what is done; what it does not take comes again, and collapses in the ledger."""
        done, self._done = self._done, []
        if done:
            self._queue.acknowledge(done)

    def keep(self) -> None:
        """The heartbeat: extend what has used up half of its time; what is ours no more is let go."""
        now, by = self._clock(), self._queue.visibility
        late = [delivery for delivery in self._held.values() if delivery.extend_at <= now]
        if not late:
            return
        kept = {message.id: message for message in self._queue.extend([one.message for one in late], by)}
        for delivery in late:
            if message := kept.get(delivery.message.id):
                delivery.message, delivery.extend_at = message, now + by / 2
            else:
                del self._held[delivery.message.id]
