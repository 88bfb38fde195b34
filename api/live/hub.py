"""The one thread that hears from PostgreSQL and tells the clients: so all that a client gets has one order."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog

from api.live.heard import Heard, Room
from api.live.listener import Listener, Waker
from api.live.rooms import Rooms
from sinks.errors import SinkError

log = structlog.get_logger()

#: Seconds between two messages to one client. A little over a tenth: at most ten in a second, wherever that begins.
PACE = 0.11
BEAT = 5.0  # seconds of silence after which a room is told that nothing happened
BACK_OFF = (0.1, 2.0)  # seconds until PostgreSQL is asked again, first and at the longest
SETTLE = 0.005  # seconds between looks at a client whose connection is not yet answered


class Wire(Protocol):
    """The way to the clients."""

    def send(self, clients: Collection[str], event: str, message: dict[str, Any]) -> None:
        """The same to each of them; those that are gone are passed over."""

    def ready(self, client: str) -> bool:
        """Whether its connection was answered, so that a message is not its first word."""


class Hub:
    """Started by the first client that comes: a process that nobody looks at does not listen."""

    def __init__(self, dsn: str, wire: Wire) -> None:
        self._dsn, self._wire = dsn, wire
        self.rooms = Rooms()
        self._heard = Heard()
        self._told: dict[Room, float] = {}  # when a room last heard anything
        self._beat_at = 0.0
        self._waker = Waker()
        self._stop = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def join(self, client: str, room: Room = None) -> None:
        """From its snapshot on, which comes at once, it hears of these feeds."""
        self.rooms.want(client, room)
        self._start()
        self._waker.wake()

    def again(self, client: str) -> None:
        """Another snapshot."""
        self.rooms.again(client)
        self._waker.wake()

    def leave(self, client: str) -> None:
        """It is told nothing more."""
        self.rooms.leave(client)

    def stop(self) -> None:
        """Hear and tell no more; the thread ends soon."""
        self._stop.set()
        self._waker.wake()

    def close(self) -> None:
        """Stop, and wait for it."""
        self.stop()
        if self._thread is not None:
            self._thread.join(10)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        delay = BACK_OFF[0]
        while not self._stop.is_set():
            try:
                with Listener(self._dsn, self._waker) as listener:
                    # Listening first, and then everything as it stands: what is committed between is heard.
                    self._begin()
                    delay = BACK_OFF[0]
                    self._listen(listener)
            except SinkError as error:
                log.warning("What is committed is not heard; asked again soon", seconds=delay, reason=str(error))
            except Exception:  # a thread that ended would leave every client in silence
                log.exception("The live view failed; it begins anew")
            if not self._stop.is_set():
                self._tell_of_silence()
                self._stop.wait(delay)
                delay = min(2 * delay, BACK_OFF[1])

    def _begin(self) -> None:
        self._heard = Heard()
        self._told.clear()
        self.rooms.restart()

    def _listen(self, listener: Listener) -> None:
        turn_at = 0.0
        while not self._stop.is_set():
            waiting = bool(self._heard.feeds) or bool(self.rooms.waiting())
            pause = max(turn_at - time.monotonic(), SETTLE) if waiting else BEAT / 5
            if waiting and pause > SETTLE:
                self._waker.sleep(pause)  # deaf: what comes meanwhile is gathered by the connection
            else:
                listener.wait(pause)
            listener.hear(self._heard)
            if time.monotonic() >= turn_at and self._turn(listener):
                turn_at = time.monotonic() + PACE
            self._beats()

    def _turn(self, listener: Listener) -> bool:
        """Tell what was heard, then give those who wait their snapshot: one question for both."""
        arrived = {client: room for client, room in self.rooms.waiting().items() if self._wire.ready(client)}
        if not arrived and not self._heard.feeds:
            return False
        heard, self._heard = self._heard, Heard()
        inside = {room: clients for room, clients in self.rooms.inside().items() if heard.of(room)}
        if not arrived and not inside:
            return True  # nobody wants to know
        rows = listener.summary(None if arrived else heard.feeds)
        for room, clients in inside.items():
            self._tell(room, clients, [row for row in rows if row["feed"] in heard.of(room)], heard)
        for client, room in arrived.items():
            self._show(client, room, rows)
        return True

    def _tell(self, room: Room, clients: list[str], rows: list[dict[str, Any]], heard: Heard) -> None:
        batches, left_out = heard.batches(heard.of(room))
        told = {"feeds": rows, "batches": batches, "left_out": left_out}
        self._wire.send(clients, "feeds", self._signed(self.rooms.next(room)) | told)
        self._told[room] = time.monotonic()

    def _show(self, client: str, room: Room, rows: list[dict[str, Any]]) -> None:
        if self.rooms.enter(client, room):
            shown = [row for row in rows if room is None or row["feed"] in room]
            subscribed = None if room is None else sorted(room)
            self._wire.send(
                [client], "snapshot", self._signed(self.rooms.seq(room)) | {"feeds": shown, "subscribed": subscribed}
            )
            self._told.setdefault(room, time.monotonic())

    def _beats(self) -> None:
        """To each room that has heard nothing for a while."""
        now = time.monotonic()
        if now < self._beat_at:
            return
        self._beat_at = now + BEAT / 5
        self.rooms.forget()
        for room, clients in self.rooms.inside().items():
            if now - self._told.get(room, 0.0) >= BEAT:
                self._told[room] = now
                self._beat(clients, self.rooms.seq(room), live=True)

    def _tell_of_silence(self) -> None:
        """What is committed now is not heard: no client must take what it has for what is."""
        for room, clients in self.rooms.inside().items():
            self._beat(clients, self.rooms.seq(room), live=False)
        self._beat(list(self.rooms.waiting()), 0, live=False)

    def _beat(self, clients: list[str], seq: int, *, live: bool) -> None:
        self._wire.send(clients, "beat", self._signed(seq) | {"live": live})

    def _signed(self, seq: int) -> dict[str, Any]:
        return {"epoch": self.rooms.epoch, "seq": seq, "at": datetime.now(UTC).isoformat()}
