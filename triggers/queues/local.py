"""The local queue: a folder watched through the kernel (watchfiles).

It tells of files that appear, grow, move in or go, from its start on; what was there before is the sweep's.
Where it may have missed something it says so (`on_gap`), and a sweep should follow.
"""

import time
from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from watchfiles import Change, watch

from triggers.errors import PrefixMissing, QueueUnavailable, TriggerError
from triggers.notifications.local import render
from triggers.queues.held import Held
from triggers.queues.port import Message
from triggers.stores.local import LocalStore, path_of, uri_of

log = structlog.get_logger(__name__)

STEP_MS = 10  # a change is told once this long no other came
DEBOUNCE_MS = 100  # in a burst: told after this long at the latest
TURN_MS = 50  # how long one look at the kernel's queue lasts when nothing happens
SECOND_LOOK = timedelta(milliseconds=500)  # into a new folder: files made before its watch was set

# Linux keeps 16,384 events by default and drops the rest without telling watchfiles.
OVERFLOW_SUSPECTED = 2_000

_Changes = set[tuple[Change, str]]


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _nobody() -> None:
    pass


class LocalQueue:
    """Changes below one local folder, sub-folders made later included.

    `on_gap` is called, in the thread that receives, when changes may have been lost: a burst too large for
    the kernel's queue, a folder that was away, a name that is not UTF-8. Raises PrefixMissing at once.
    """

    def __init__(
        self,
        prefix_uri: str,
        clock: Callable[[], datetime] = _utc_now,
        on_gap: Callable[[], None] = _nobody,
        visibility: timedelta = timedelta(minutes=5),
    ) -> None:
        self._uri, self._root = prefix_uri, Path(path_of(prefix_uri))
        self._clock, self._on_gap = clock, on_gap
        self._held = Held(clock, visibility)
        self._second_looks: list[tuple[datetime, str]] = []
        self._changes: Generator[_Changes, None, None] | None = None
        if not self._root.is_dir():
            raise PrefixMissing(prefix_uri)
        self._start()

    @property
    def visibility(self) -> timedelta:
        """How long a delivery stays out before it comes again."""
        return self._held.visibility

    def receive(self, wait: timedelta, limit: int = 10_000) -> list[Message]:
        """Changes, grouped over 10 to 100 ms. Raises QueueUnavailable while the folder is away."""
        end = time.monotonic() + wait.total_seconds()
        while True:
            self._look()
            if (messages := self._held.take(limit)) or time.monotonic() >= end:
                return messages

    def acknowledge(self, messages: Sequence[Message]) -> list[Message]:
        """Forget them."""
        return self._held.drop(messages)

    def extend(self, messages: Sequence[Message], by: timedelta) -> list[Message]:
        """Keep them out longer."""
        return self._held.keep(messages, by)

    def release(self, messages: Sequence[Message], delay: timedelta = timedelta()) -> None:
        """Let them come again after the delay."""
        self._held.keep(messages, delay)

    def close(self) -> None:
        """Stop watching."""
        if self._changes is not None:
            self._changes.close()
            self._changes = None

    def _start(self) -> None:
        self._identity = self._identify()
        self._changes = watch(
            self._root,
            watch_filter=None,
            debounce=DEBOUNCE_MS,
            step=STEP_MS,
            rust_timeout=TURN_MS,
            yield_on_timeout=True,
            ignore_permission_denied=True,
        )
        # The watch is set by the first turn, not by the call.
        self._take(self._turn())

    def _restart(self) -> None:
        self.close()
        self._start()
        self._on_gap()

    def _look(self) -> None:
        if self._changes is None or self._identify() != self._identity:
            # The folder was replaced: its watch went with the old one.
            self._restart()
        if not self._held.waiting():
            self._take(self._turn())
        self._look_again()

    def _identify(self) -> tuple[int, int]:
        try:
            found = self._root.stat()
        except OSError as cause:
            self.close()
            raise QueueUnavailable(self._uri, f"the folder is away: {cause.strerror}") from cause
        return found.st_dev, found.st_ino

    def _turn(self) -> _Changes:
        assert self._changes is not None
        try:
            return next(self._changes)
        except (RuntimeError, StopIteration) as cause:
            # watchfiles stays broken after the first name that is not UTF-8.
            self._changes = None
            raise QueueUnavailable(self._uri, str(cause)) from cause
        except OSError as cause:
            self._changes = None
            hint = f"{cause}; if the kernel's watches ran out, raise fs.inotify.max_user_watches"
            raise QueueUnavailable(self._uri, hint) from cause

    def _take(self, changes: _Changes) -> None:
        # Deletions first: of two changes to one name nobody knows the order, and an appearance is looked up.
        for change, path in sorted(changes, key=lambda one: (one[0] is not Change.deleted, one[1])):
            if change is Change.deleted:
                self._held.put(render("deleted", uri_of(path)))
            elif change is Change.added and Path(path).is_dir():
                self._look_into(path)
                self._second_looks.append((self._clock() + SECOND_LOOK, path))
            else:
                self._held.put(render("appeared", uri_of(path)))
        if len(changes) >= OVERFLOW_SUSPECTED:
            self._on_gap()

    def _look_again(self) -> None:
        now = self._clock()
        due = [path for at, path in self._second_looks if at <= now]
        self._second_looks = [(at, path) for at, path in self._second_looks if at > now]
        for path in due:
            self._look_into(path)

    def _look_into(self, folder: str) -> None:
        try:
            for listed in LocalStore().list(uri_of(folder)):
                self._held.put(render("appeared", listed.uri))
        except PrefixMissing:
            return
        except TriggerError as cause:
            log.warning("A new folder could not be read whole", folder=folder, cause=str(cause))
            self._on_gap()
