"""Messages in the listener's hands: done when everything they speak of is done, kept alive until then."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from triggers.queues.port import Message, Queue


@dataclass(slots=True)
class Delivery:
    """One message, how many shares of it are open, and when it must be extended."""

    message: Message
    open: int
    extend_at: datetime
    ours: bool = True


class Deliveries:
    """What was received and is not acknowledged."""

    def __init__(self, queue: Queue, clock: Callable[[], datetime]) -> None:
        self._queue, self._clock = queue, clock
        self._held: dict[str, Delivery] = {}
        self._done: list[Message] = []

    def hold(self, message: Message) -> Delivery:
        """A new message with one open share, that of whoever takes it apart."""
        delivery = Delivery(message, 1, self._clock() + self._queue.visibility / 2)
        self._held[message.id] = delivery
        return delivery

    def share(self, delivery: Delivery) -> None:
        """One thing more has to be done before it is acknowledged."""
        delivery.open += 1

    def settle(self, deliveries: Iterable[Delivery]) -> None:
        """One share of each is done."""
        for delivery in deliveries:
            delivery.open -= 1
            if delivery.open == 0 and delivery.ours:
                self._done.append(delivery.message)
                self._drop(delivery)

    def acknowledge(self) -> None:
        """Tell the queue what is done; what it does not take comes again, and collapses in the ledger.

        Raises QueueUnavailable; then it is told again the next time.
        """
        if self._done:
            self._queue.acknowledge(self._done)
            self._done = []

    def keep(self) -> None:
        """The heartbeat: extend what has used up half of its time; what is ours no more is let go."""
        now = self._clock()
        late = [delivery for delivery in self._held.values() if delivery.extend_at <= now]
        if not late:
            return
        by = self._queue.visibility
        kept = {message.id: message for message in self._queue.extend([one.message for one in late], by)}
        for delivery in late:
            if message := kept.get(delivery.message.id):
                delivery.message, delivery.extend_at = message, now + by / 2
            else:
                self._drop(delivery)

    def give_back(self, deliveries: Iterable[Delivery], delay: timedelta = timedelta()) -> None:
        """To the queue, undone: they come again. What is done of them already collapses in the ledger then."""
        back = list(deliveries)
        for delivery in back:
            delivery.ours = False
            self._drop(delivery)
        if back:
            self._queue.release([delivery.message for delivery in back], delay)

    def give_all_back(self) -> None:
        """Whatever is not done."""
        self.give_back(list(self._held.values()))

    def _drop(self, delivery: Delivery) -> None:
        if self._held.get(delivery.message.id) is delivery:
            del self._held[delivery.message.id]
