"""The listener: receive, see whose it is and whether it is whole, journal, acknowledge. In this order, so that a
message is only acknowledged when everything that it speaks of is on the disk."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import assert_never

import structlog

from triggers.deliveries import Deliveries, Delivery
from triggers.errors import JournalUnwritable, TryAgain
from triggers.intake import Intake
from triggers.letters import KeepLetters, Letter, Letters
from triggers.listener_counts import ListenerCounts
from triggers.notifications.port import Appeared, Deleted, Garbled, Notification, NotOurs, Parse, Renamed
from triggers.queues.port import Measured, Message, Queue
from triggers.watched import Watched
from triggers.writers import Writers, writers_of

__all__ = ["Listener", "ListenerCounts", "Watched"]

log = structlog.get_logger(__name__)

IDLE = timedelta(milliseconds=200)  # the longest wait for messages, and so for a stop
MEASURED = timedelta(seconds=30)  # between two questions to a queue how much it holds
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds, after what may pass


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Listener:
    """Turns the messages of one queue, named `place`, into the journals of all feeds that it tells of.

    It is worked by one thread; `counts` may be read by others. Names that are ignored are counted here and
    recorded by the sweep. `idle` is how long to wait for messages: longer asks a service less often.
    """

    def __init__(
        self,
        place: str,
        watched: Sequence[Watched],
        queue: Queue,
        parse: Parse,
        keep_letters: KeepLetters,
        *,
        clock: Callable[[], datetime] = _utc_now,
        writers: Callable[[str], Writers] = writers_of,
        idle: timedelta = IDLE,
    ) -> None:
        self.place, self.counts = place, ListenerCounts()
        self.failure: BaseException | None = None
        self._queue, self._parse, self._clock, self._idle = queue, parse, clock, idle
        self._deliveries = Deliveries(queue, clock)
        self._letters = Letters(keep_letters, self._deliveries, self.counts)
        self._intakes = [Intake(each, self._deliveries, self.counts, writers) for each in watched]
        self._measured_at: datetime | None = None

    def start(self, stop: threading.Event) -> threading.Thread:
        """`run` in a thread of its own; what ended it is kept in `failure`, and logged."""
        thread = threading.Thread(target=self._run_kept, args=(stop,), name=f"listener-{self.place}")
        thread.daemon = True
        thread.start()
        return thread

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set. What may pass is counted and tried again; anything else is raised."""
        pause = FIRST_PAUSE
        try:
            while not stop.is_set():
                try:
                    self.turn()
                    pause = FIRST_PAUSE
                except TryAgain as cause:
                    self._error("The listener could not work; it tries again", str(cause))
                    self._heartbeat()
                    stop.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            self._end()

    def turn(self) -> None:
        """One round: what an earlier round could not do, new messages, files that are due."""
        self._write_down()
        self._letters.keep(self._clock())
        for message in self._queue.receive(self._patience()):
            self._take(message, self._clock())
        for intake in self._intakes:
            intake.look(self._clock())
        self._write_down()
        self._letters.keep(self._clock())
        self._deliveries.acknowledge()
        self._deliveries.keep()
        self._measure()

    def _run_kept(self, stop: threading.Event) -> None:
        try:
            self.run(stop)
        except BaseException as cause:  # noqa: BLE001 (kept for whoever started the thread)
            self.failure = cause
            self._error("The listener ended", str(cause) if isinstance(cause, Exception) else repr(cause))

    def _patience(self) -> timedelta:
        due = [at for at in (intake.soonest() for intake in self._intakes) if at is not None]
        return max(timedelta(), min(self._idle, min(due) - self._clock())) if due else self._idle

    def _take(self, message: Message, now: datetime) -> None:
        self.counts.received += 1
        notifications = self._parse(message.body)
        self.counts.came(now, [told.modified_at for told in map(_appeared, notifications) if told])
        delivery = self._deliveries.hold(message)
        for notification in notifications:
            self._notice(notification, delivery, now)
        if garbled := [told.reason for told in notifications if isinstance(told, Garbled)]:
            self._letters.take(self._letter(message, garbled, now), delivery)
        self._deliveries.settle([delivery])

    def _notice(self, notification: Notification, delivery: Delivery, now: datetime) -> None:
        match notification:
            case Appeared():
                self._appeared(notification, delivery, now)
            case Deleted(uri):
                self.counts.ignore("deleted" if self._deleted(uri, now) else "elsewhere")
            case Renamed(old, appeared):
                self._deleted(old, now)
                self._appeared(appeared, delivery, now)
            case NotOurs():
                self.counts.ignore("not_an_object")
            case Garbled():
                pass  # the message as a whole becomes a letter
            case _:
                assert_never(notification)

    def _appeared(self, told: Appeared, delivery: Delivery, now: datetime) -> None:
        reasons = [intake.appeared(told, delivery, now) for intake in self._intakes]
        if None not in reasons:
            self.counts.ignore("by_name" if "by_name" in reasons else "elsewhere")

    def _deleted(self, uri: str, now: datetime) -> bool:
        ours = [intake.deleted(uri, now) for intake in self._intakes]
        return any(ours)

    def _letter(self, message: Message, reasons: list[str], now: datetime) -> Letter:
        reason = "; ".join(dict.fromkeys(reasons))
        return Letter(self.place, message.id, message.body, reason, message.deliveries, now)

    def _write_down(self) -> None:
        """Every journal is tried, and then the first that could not be written is told."""
        failed: list[JournalUnwritable] = []
        for intake in self._intakes:
            try:
                intake.write_down(self._clock())
            except JournalUnwritable as cause:
                failed.append(cause)
        if failed:
            raise failed[0]

    def _measure(self) -> None:
        now = self._clock()
        if not isinstance(self._queue, Measured) or (self._measured_at and now - self._measured_at < MEASURED):
            return
        self._measured_at = now
        self.counts.backlog = self._queue.standing().waiting

    def _heartbeat(self) -> None:
        """What is held stays ours while the work stands still. Whoever fails here has failed before, and was told."""
        with suppress(TryAgain):
            self._deliveries.keep()

    def _end(self) -> None:
        """Acknowledge what is done, hand back at once what is not; a queue that is away does so by itself, later."""
        try:
            with suppress(TryAgain):
                self._deliveries.acknowledge()
            with suppress(TryAgain):
                self._deliveries.give_all_back()
        finally:
            self._queue.close()

    def _error(self, sentence: str, cause: str) -> None:
        self.counts.error(cause)
        log.warning(sentence, queue=self.place, cause=cause)


def _appeared(notification: Notification) -> Appeared | None:
    match notification:
        case Appeared():
            return notification
        case Renamed(_, appeared):
            return appeared
    return None
