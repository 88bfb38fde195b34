"""What every queue can do: SQS, Event Grid's pull, storage queues, Pub/Sub and the local one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery of one message.

    `receipt` names the delivery (receipt handle, lock token, pop receipt, ack id), `id` the message.
    `deliveries` counts from 1 where the queue tells, else it is 1.
    """

    id: str
    body: bytes
    receipt: str
    deliveries: int = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """What the service tells of a queue; None where it does not. Counts are about right.

    Messages are `waiting` to be received, `held` by receivers, `delayed` until later. After `gives_up_after`
    deliveries without an acknowledgement a message goes to the place `dead_letters` (SQS: an ARN).
    """

    waiting: int | None = None
    held: int | None = None
    delayed: int | None = None
    gives_up_after: int | None = None
    dead_letters: str | None = None


class Queue(Protocol):
    """At least once, in any order: what is neither acknowledged nor released comes again by itself."""

    @property
    def visibility(self) -> timedelta:
        """How long a delivery stays ours without `extend`."""

    def receive(self, wait: timedelta, limit: int = 10_000) -> list[Message]:
        """What is there, after at most about `wait`; a queue with smaller pages gives fewer than `limit`.

        Raises QueueUnavailable.
        """

    def acknowledge(self, messages: Sequence[Message]) -> list[Message]:
        """These are done. Gives back those that the queue did not take as done: they will come again."""

    def extend(self, messages: Sequence[Message], by: timedelta) -> list[Message]:
        """Keep these for `by` from now; use what comes back from now on, for a receipt may have changed.

        A delivery that is no longer ours is missing in what comes back.
        """

    def release(self, messages: Sequence[Message], delay: timedelta = timedelta()) -> None:
        """Hand these back: they come again, not before `delay` where the queue can wait."""

    def close(self) -> None:
        """Let go of connections and watches; unfinished deliveries come again elsewhere."""


@runtime_checkable
class Measured(Protocol):
    """A queue that can be asked how it stands."""

    def standing(self) -> Standing:
        """A request of its own. Raises what `receive` raises."""
