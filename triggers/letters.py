"""Letters: messages that nobody can read. They are acknowledged only once they are kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from triggers.deliveries import Deliveries, Delivery
from triggers.errors import LettersUnkept
from triggers.listener_counts import ListenerCounts

log = structlog.get_logger(__name__)

AGAIN = timedelta(seconds=1)  # how soon to try again to keep letters; twice as long after each failure …
AGAIN_AT_MOST = timedelta(minutes=1)  # … up to this
IN_HAND = 1_000  # letters in memory while they cannot be kept; further ones go back to the queue


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with its body as it came; `received_at` is aware, in UTC."""

    queue: str
    message_id: str
    body: bytes
    reason: str
    deliveries: int
    received_at: datetime


KeepLetters = Callable[[Sequence[Letter]], None]  # durable on return; raises LettersUnkept


class Letters:
    """Those that are not kept yet. While they cannot be, the other messages go on."""

    def __init__(self, keep: KeepLetters, deliveries: Deliveries, counts: ListenerCounts) -> None:
        self._keep, self._deliveries, self._counts = keep, deliveries, counts
        self._unkept: list[tuple[Letter, Delivery]] = []
        self._again_at: datetime | None = None
        self._pause = AGAIN

    def take(self, letter: Letter, delivery: Delivery) -> None:
        """Keep it at the next try, with a share of its message."""
        if len(self._unkept) >= IN_HAND:
            self._deliveries.give_back([delivery], self._pause)
            return
        self._deliveries.share(delivery)
        self._unkept.append((letter, delivery))

    def keep(self, now: datetime) -> None:
        """All of them, if it is time to try."""
        if not self._unkept or (self._again_at and now < self._again_at):
            return
        try:
            self._keep([letter for letter, _ in self._unkept])
        except LettersUnkept as cause:
            self._wait(cause, now)
        else:
            self._settle()

    def _wait(self, cause: LettersUnkept, now: datetime) -> None:
        self._again_at, self._pause = now + self._pause, min(self._pause * 2, AGAIN_AT_MOST)
        self._counts.error(str(cause))
        log.warning("Messages that cannot be read cannot be kept either", letters=len(self._unkept), cause=str(cause))

    def _settle(self) -> None:
        last, number = self._unkept[-1][0], len(self._unkept)
        log.warning(
            "Kept messages that cannot be read: `tradewind letters list`",
            queue=last.queue, letters=number, reason=last.reason,
        )  # fmt: skip
        self._counts.letters += len(self._unkept)
        self._deliveries.settle(delivery for _, delivery in self._unkept)
        self._unkept, self._again_at, self._pause = [], None, AGAIN
