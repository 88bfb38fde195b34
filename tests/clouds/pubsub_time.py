"""Time that passes for the messages of a subscription without anybody waiting for it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from triggers.queues.port import Message
from triggers.queues.pubsub_stream import Stream
from triggers.queues.pubsub_wire import PubSubWire


class TimedWire(PubSubWire):
    """The real wire, which notes until when each delivery is somebody's; `pass_time` ends those that are over."""

    def __init__(self, *place: Any) -> None:
        super().__init__(*place)
        self._left: dict[str, timedelta] = {}

    def stream(self, visibility: timedelta, outstanding: int) -> Stream:
        made = super().stream(visibility, outstanding)
        take = made.take

        def noted(wait: float) -> list[Any]:
            came = take(wait)
            self._left.update((received.ack_id, visibility) for received in came)
            return came

        made.take = noted  # type: ignore[method-assign]
        return made

    def acknowledge(self, messages: Iterable[Message]) -> list[Message]:
        done = super().acknowledge(messages)
        for message in done:
            self._left.pop(message.receipt, None)
        return done

    def modify(self, messages: Iterable[Message], seconds: int) -> list[Message]:
        kept = super().modify(messages, seconds)
        self._left.update((message.receipt, timedelta(seconds=seconds)) for message in kept)
        return kept

    def pass_time(self, span: timedelta) -> None:
        """Pub/Sub has no clock to set: what would be over by then is given up now."""
        self._left = {receipt: left - span for receipt, left in self._left.items()}
        over = [Message("", b"", receipt) for receipt, left in self._left.items() if left <= timedelta()]
        super().modify(over, 0)
        for message in over:
            del self._left[message.receipt]
