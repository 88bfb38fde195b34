"""The listener: receive, judge whether the file is whole, journal, acknowledge. In this order, so that a
message is only acknowledged when its arrival is on the disk."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import assert_never

import structlog

from triggers.arrival import Arrival
from triggers.completeness import SIDECARS, Verdict, judge, parse
from triggers.deliveries import Deliveries, Delivery
from triggers.errors import SetAside, TryAgain
from triggers.journal import Journal
from triggers.names import ignored_reason
from triggers.notifications.port import Appeared, Deleted, Garbled, Notification, NotOurs, Parse, Renamed
from triggers.queues.port import Message, Queue
from triggers.sources import Source
from triggers.stores.port import Listed, Store
from triggers.writers import Writers, writers_of

log = structlog.get_logger(__name__)

IDLE = timedelta(milliseconds=200)  # the longest wait for messages, and so for a stop
UNREADABLE = timedelta(seconds=10)  # how soon to look again at a file that could not be looked at
REMEMBERED = timedelta(seconds=5)  # how long the echoes of one write are known to be echoes
MAX_BACKOFF = 5.0


@dataclass(frozen=True, slots=True)
class Watched:
    """What is listened for: the feed, its source, and when its files are whole."""

    feed: str
    source: Source
    complete: str = "auto"


@dataclass(slots=True)
class ListenerCounts:
    """Since the start; `waiting` is now. Times are UTC."""

    received: int = 0
    journaled: int = 0
    waiting: int = 0
    ignored: int = 0
    errors: int = 0
    last_event_at: datetime | None = None
    last_error: str | None = None


@dataclass(slots=True)
class _Waiting:
    """A file that is not known to be whole yet."""

    listed: Listed | None
    seen_since: datetime
    due_at: datetime
    sequence: str | None
    deliveries: list[Delivery] = field(default_factory=list)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Listener:
    """Turns the messages of one queue into one feed's journal.

    It is worked by one thread; `counts` may be read by others. Names that are ignored are counted here and
    recorded by the sweep.
    """

    def __init__(
        self,
        watched: Watched,
        queue: Queue,
        parse_body: Parse,
        store: Store,
        journal: Journal,
        clock: Callable[[], datetime] = _utc_now,
        writers: Callable[[str], Writers] = writers_of,
    ) -> None:
        self.counts = ListenerCounts()
        self.failure: BaseException | None = None
        self._watched, self._policy = watched, parse(watched.complete)
        self._queue, self._parse, self._store, self._journal = queue, parse_body, store, journal
        self._clock, self._writers = clock, writers
        self._waiting: dict[str, _Waiting] = {}
        self._whole: dict[str, tuple[Arrival, list[Delivery]]] = {}
        self._recent: dict[str, tuple[str, datetime]] = {}
        self._deliveries = Deliveries(queue, clock)

    def start(self, stop: threading.Event) -> threading.Thread:
        """`run` in a thread of its own; what ended it is kept in `failure`, and logged."""
        thread = threading.Thread(target=self._run_kept, args=(stop,), name=f"listener-{self._watched.feed}")
        thread.daemon = True
        thread.start()
        return thread

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set. What may pass is counted and tried again; anything else is raised."""
        backoff = 0.1
        try:
            while not stop.is_set():
                try:
                    self.turn()
                    backoff = 0.1
                except TryAgain as cause:
                    self._error("The listener could not work; it tries again", str(cause))
                    stop.wait(backoff)
                    backoff = min(backoff * 2, MAX_BACKOFF)
        finally:
            self._queue.close()

    def turn(self) -> None:
        """One round: what an earlier round could not journal, new messages, files that are due."""
        self._write_down()
        for message in self._queue.receive(self._patience()):
            self._take(message)
        self._ask_again()
        self._write_down()
        self._deliveries.acknowledge()
        self._deliveries.keep()

    def _run_kept(self, stop: threading.Event) -> None:
        try:
            self.run(stop)
        except BaseException as cause:  # noqa: BLE001 (kept for whoever started the thread)
            self.failure = cause
            self._error("The listener ended", repr(cause))

    def _patience(self) -> timedelta:
        now = self._clock()
        soonest = min((waiting.due_at - now for waiting in self._waiting.values()), default=IDLE)
        return max(timedelta(), min(IDLE, soonest))

    def _take(self, message: Message) -> None:
        now = self._clock()
        self.counts.received += 1
        self.counts.last_event_at = now
        notifications = self._parse(message.body)
        delivery = self._deliveries.hold(message, len(notifications))
        for notification in notifications:
            self._notice(notification, delivery, now)

    def _notice(self, notification: Notification, delivery: Delivery, now: datetime) -> None:
        match notification:
            case Appeared(uri, sequence):
                self._appeared(uri, sequence, delivery, now)
            case Deleted(uri):
                self._deleted(uri, now)
                self._deliveries.settle([delivery])
            case Renamed(old, appeared):
                self._deleted(old, now)
                self._appeared(appeared.uri, appeared.sequence, delivery, now)
            case NotOurs():
                self._ignore(delivery)
            case Garbled(reason):
                self._error("A message cannot be read", reason, body=repr(delivery.message.body[:2_000]))
                self._deliveries.settle([delivery])
            case _:
                assert_never(notification)

    def _appeared(self, uri: str, sequence: str | None, delivery: Delivery, now: datetime) -> None:
        watched = self._watched
        ours = watched.source.matches(uri)
        if ours and ignored_reason(uri, watched.complete, watched.source.prefix) is None:
            self._hold(uri, sequence, delivery, now)
        else:
            self._companion(uri, now)
            self._ignore(delivery)

    def _deleted(self, uri: str, now: datetime) -> None:
        # Only the store knows whether it is still gone: events come in any order.
        self._recent.pop(uri, None)
        if waiting := self._waiting.get(uri):
            waiting.due_at = now

    def _hold(self, uri: str, sequence: str | None, delivery: Delivery, now: datetime) -> None:
        waiting = self._waiting.setdefault(uri, _Waiting(None, now, now, sequence))
        # The newest message stands for the older ones of the same file.
        self._deliveries.settle(waiting.deliveries)
        waiting.deliveries, waiting.due_at = [delivery], now
        waiting.sequence = sequence or waiting.sequence

    def _companion(self, uri: str, now: datetime) -> None:
        """A marker, manifest or checksum came: ask at once for the files that wait for it."""
        folder, _, name = uri.rpartition("/")
        endings = {"marker": (self._policy.name,), "checksum": SIDECARS}.get(self._policy.kind, ())
        for ending in endings:
            if name.endswith(ending) and (waiting := self._waiting.get(uri.removesuffix(ending))):
                waiting.due_at = now
        if self._policy.kind == "manifest" and name == self._policy.name:
            for other, waiting in self._waiting.items():
                if other.rpartition("/")[0] == folder:
                    waiting.due_at = now

    def _ask_again(self) -> None:
        now = self._clock()
        for uri, waiting in [(uri, one) for uri, one in self._waiting.items() if one.due_at <= now]:
            try:
                self._ask(uri, waiting, now)
            except (SetAside, TryAgain) as cause:
                waiting.due_at = now + UNREADABLE
                self._error("A file cannot be looked at; the others go on", str(cause))
        self.counts.waiting = len(self._waiting)

    def _ask(self, uri: str, waiting: _Waiting, now: datetime) -> None:
        listed = self._store.stat(uri)
        if listed is None:
            self._recent.pop(uri, None)
            self._forget(uri)
            return
        if waiting.listed is None or waiting.listed.version != listed.version:
            waiting.listed, waiting.seen_since = listed, now
        if self._is_echo(listed, now):
            self._forget(uri)
            return
        self._follow(waiting, listed, self._judge(listed, now, waiting.seen_since))

    def _judge(self, listed: Listed, now: datetime, seen_since: datetime) -> Verdict:
        return judge(listed, now, seen_since, self._policy, self._store, self._writers)

    def _follow(self, waiting: _Waiting, listed: Listed, verdict: Verdict) -> None:
        if not verdict.complete and verdict.due_at is not None:
            waiting.due_at = verdict.due_at
            return
        # A broken file is an arrival too: the ledger is where it is set aside.
        one = listed
        arrival = Arrival(
            self._watched.feed, one.uri, one.version, one.size, one.modified_at, waiting.sequence, "events"
        )
        del self._waiting[one.uri]
        earlier = self._whole.get(one.uri, (arrival, []))[1]
        self._whole[one.uri] = (arrival, [*earlier, *waiting.deliveries])

    def _is_echo(self, listed: Listed, now: datetime) -> bool:
        version, at = self._recent.get(listed.uri, ("", now))
        return version == listed.version and now - at < REMEMBERED

    def _write_down(self) -> None:
        if not self._whole:
            return
        self._journal.append(arrival for arrival, _ in self._whole.values())
        now = self._clock()
        done, self._whole = self._whole, {}
        self.counts.journaled += len(done)
        self._recent = {uri: seen for uri, seen in self._recent.items() if now - seen[1] < REMEMBERED}
        self._recent.update((uri, (arrival.version, now)) for uri, (arrival, _) in done.items())
        self._deliveries.settle(delivery for _, deliveries in done.values() for delivery in deliveries)

    def _forget(self, uri: str) -> None:
        if waiting := self._waiting.pop(uri, None):
            self._deliveries.settle(waiting.deliveries)

    def _ignore(self, delivery: Delivery) -> None:
        self.counts.ignored += 1
        self._deliveries.settle([delivery])

    def _error(self, sentence: str, cause: str, **fields: str) -> None:
        self.counts.errors += 1
        self.counts.last_error = cause
        log.warning(sentence, feed=self._watched.feed, cause=cause, **fields)
