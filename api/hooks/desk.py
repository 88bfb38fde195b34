"""Where messages of a hook are taken: by the same listener as a queue's, and answered once it acknowledges them."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from api.hooks.errors import Later
from triggers.errors import TriggerError
from triggers.letters import KeepLetters
from triggers.listener import Listener
from triggers.notifications.port import Parse
from triggers.queues.port import Message
from triggers.watched import Watched

log = structlog.get_logger(__name__)

PATIENCE = 5.0  # seconds that a message waits for those before it; the clouds wait for ten or more
STUCK = 1.0  # seconds of a turn after which nobody queues up behind it: every message that waits holds a thread


class InHand:
    """A queue of the messages whose senders are waiting. None is ever handed back: a sender that is not told that its
    message is done brings it again by itself."""

    visibility = timedelta(seconds=30)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: list[Message] = []
        self._here: dict[str, bool] = {}  # whether each is done, by its receipt

    def bring(self, message: Message) -> None:
        with self._lock:
            self._coming.append(message)
            self._here[message.receipt] = False

    def is_done(self, message: Message) -> bool:
        with self._lock:
            return self._here[message.receipt]

    def leave(self, message: Message) -> None:
        """Its sender was answered."""
        with self._lock:
            del self._here[message.receipt]
            self._coming = [other for other in self._coming if other.receipt != message.receipt]

    def receive(self, wait: timedelta, limit: int = 10_000) -> list[Message]:  # noqa: ARG002 - as any queue
        """Whatever was brought; it waits for nothing."""
        with self._lock:
            taken, self._coming = self._coming[:limit], self._coming[limit:]
        return taken

    def acknowledge(self, messages: Sequence[Message]) -> list[Message]:
        with self._lock:
            self._here.update({one.receipt: True for one in messages if one.receipt in self._here})
        return []

    def extend(self, messages: Sequence[Message], by: timedelta) -> list[Message]:  # noqa: ARG002
        with self._lock:
            return [message for message in messages if message.receipt in self._here]

    def release(self, messages: Sequence[Message], delay: timedelta = timedelta()) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


class Desk:
    """One hook's, for all its feeds. The threads of requests take turns, and a turn does whatever was brought until
    then: many messages at once make one file of the journal."""

    def __init__(
        self,
        place: str,
        watched: Sequence[Watched],
        parse: Parse,
        keep: KeepLetters,
        patience: float = PATIENCE,
        token: Callable[[], str] = lambda: secrets.token_hex(8),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue, self._turn, self._patience, self._token = InHand(), threading.Lock(), patience, token
        self._clock, self._began = clock, clock()
        self.listener = Listener(place, watched, self._queue, parse, keep, idle=timedelta())

    def take(self, message_id: str, body: bytes) -> None:
        """Returns once everything that the message tells of is durable, or known to be none of ours. Raises Later."""
        keepable = message_id.replace("\0", "").encode("utf-8", "replace").decode()  # by a database, as a letter's
        message = Message(keepable, body, self._token())
        self._queue.bring(message)
        try:
            self._work(message)
            if not self._queue.is_done(message):
                raise Later("a file that it tells of is not known to be whole, or it cannot be kept as unreadable")
        finally:
            self._queue.leave(message)

    def _work(self, message: Message) -> None:
        stuck = self._turn.locked() and self._clock() - self._began > STUCK
        if not self._turn.acquire(timeout=0 if stuck else self._patience):
            raise Later("the messages before it are still being written down")
        try:
            self._began = self._clock()
            if not self._queue.is_done(message):
                self.listener.turn()
        except TriggerError as cause:
            self.listener.counts.error(str(cause))
            log.warning(
                "A hook's message could not be taken; it comes again", hook=self.listener.place, cause=str(cause)
            )
            raise Later("the journal cannot be written now") from cause
        finally:
            self._turn.release()
