"""moto's queues at the pace of a queue, which must not cost more by the message the more messages there are.

For each message that is sent or received moto counts all others several times, and for each that is deleted it makes
the list of all others anew, which loses what is sent meanwhile.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from moto.sqs.models import Message, Queue, SQSBackend

from tests.clouds.s3_events import replace


@contextmanager
def quickened() -> Iterator[None]:
    """moto's queues work like this while it lasts."""
    with ExitStack() as undo:
        replace(undo, SQSBackend, "is_message_valid_based_on_retention_period", _retained)
        replace(undo, Queue, "messages", property(_visible))
        replace(undo, Queue, "approximate_number_of_messages_not_visible", property(_held))
        replace(undo, Queue, "approximate_number_of_messages_delayed", property(_delayed))
        replace(undo, Queue, "delete_message", _deleting(Queue.delete_message))
        yield


def _retained(self: SQSBackend, queue_name: str, message: Message) -> bool:
    return True  # four days, in tests


def _visible(self: Queue) -> list[Message]:
    now = time.time() * 1000
    return [message for message in self._messages if message.visible_at < now and message.delayed_until <= now]


def _held(self: Queue) -> int:
    now = time.time() * 1000
    return sum(message.visible_at >= now for message in self._messages)


def _delayed(self: Queue) -> int:
    now = time.time() * 1000
    return sum(message.delayed_until > now for message in self._messages)


def _deleting(by_older_receipts: Callable[[Queue, str], None]) -> Callable[[Queue, str], None]:
    def delete(self: Queue, receipt_handle: str) -> None:
        message = next((one for one in self._messages if one.receipt_handle == receipt_handle), None)
        if message is None:
            by_older_receipts(self, receipt_handle)
            return
        self._messages.remove(message)
        self.pending_messages.discard(message)
        self.deleted_messages.update(receipt for receipt in message.all_receipt_handles if receipt)

    return delete
