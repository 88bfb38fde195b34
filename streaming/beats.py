"""When a feed is swept: at the start, on its beat, after a gap in the events; and on a beat of its own what is loaded
is cleared away."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from sinks.errors import ConnectionLost, Contention, DatabaseDown
from sinks.sweeps import Why
from streaming.sweeping import Sweeping
from triggers.errors import TryAgain

log = structlog.get_logger()

PAUSE = 0.2  # seconds between looks at what is due, and so the longest wait for a stop
AGAIN = 5.0  # seconds after which a sweep that could not work is tried again, if its beat is not sooner


def _nothing() -> None:
    """A feed whose objects stay."""


@dataclass(slots=True)
class Beats:
    """The beats of one feed in a thread of their own: a listing that takes long, or a store that does not answer, must
    not keep the stream from its work. `every`, `full_every` and `clear_every` are seconds."""

    sweeping: Sweeping
    every: float
    full_every: float
    clear: Callable[[], object] = _nothing
    clear_every: float = 3600.0
    clock: Callable[[], float] = time.monotonic
    failure: BaseException | None = None
    _why: Why = "start"
    _due_at: float = -math.inf
    _full_at: float = -math.inf
    _cleared_at: float = field(default_factory=lambda: -math.inf)

    def start(self, stop: threading.Event) -> threading.Thread:
        """Until `stop` is set; what ended it before is kept in `failure`."""
        thread = threading.Thread(target=self._run, args=(stop,), name=f"sweeper-{self.sweeping.plan.name}")
        thread.daemon = True
        thread.start()
        return thread

    def now(self, why: Why) -> None:
        """Sweep at the next look, whenever the next beat would be."""
        self._why, self._due_at = why, -math.inf

    def _run(self, stop: threading.Event) -> None:
        try:
            while not stop.is_set():
                self.look(stop)
                stop.wait(PAUSE)
        except BaseException as cause:  # noqa: BLE001 (kept for whoever started the thread)
            self.failure = cause

    def look(self, stop: threading.Event) -> None:
        """Do what is due. What may pass is told and tried again; anything else is raised."""
        try:
            if self.clock() >= self._due_at:
                self._beat(stop)
            if self.clock() - self._cleared_at >= self.clear_every:
                self._cleared_at = self.clock()
                self.clear()
        except (TryAgain, ConnectionLost, DatabaseDown, Contention) as cause:
            self._due_at = self.clock() + min(self.every, AGAIN)
            log.warning("The sweep could not work; it goes on later", feed=self.sweeping.plan.name, reason=str(cause))

    def _beat(self, stop: threading.Event) -> None:
        began, why = self.clock(), self._why
        # Before the sweep: what asks for another one meanwhile is not forgotten.
        self._why, self._due_at = "beat", began + self.every
        full = why != "beat" or began - self._full_at >= self.full_every
        self.sweeping.sweep(why, full=full, stop=stop)
        if self.sweeping.resumed:
            self._due_at = -math.inf  # what came before the place where it went on has not been seen yet
        elif full:
            self._full_at = began
