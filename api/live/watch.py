"""The thread that looks after open sockets: it ends those of revoked tokens, and those that nobody speaks over."""

from __future__ import annotations

import threading
import time

import structlog
from flask import Flask

from api.access.roles import authenticated
from api.live.callers import Callers, Environ
from api.live.gate import Gate
from api.live.hub import Hub
from api.live.wire import SocketWire
from api.pool import Busy
from sinks.errors import SinkError
from sinks.tokens import Principal

log = structlog.get_logger()

LOOK = 2.0  # seconds between looks
SPEAK = 5.0  # seconds in which a connection must have shown who it is
ASK = 20.0  # seconds between questions whether tokens and sessions are still good


class Watch:
    """Runs from `start` until `stop`."""

    def __init__(self, app: Flask, callers: Callers, wire: SocketWire, hub: Hub) -> None:
        self._app, self._callers, self._wire, self._hub = app, callers, wire, hub
        self.gate: Gate | None = None
        self._stop = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ask_at = time.monotonic() + ASK

    def start(self) -> None:
        with self._starting:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="live watch", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def look(self) -> None:
        """Once: cut off who says nothing or does not take what is sent, and now and then ask about the others."""
        self._cut()
        if time.monotonic() >= self._ask_at:
            self._ask_at = time.monotonic() + ASK
            self.ask()

    def ask(self) -> None:
        """End the sessions of those who may no longer listen. While the database does not answer, nobody is ended."""
        try:
            for client in self._callers.unwelcome(self._known):
                log.info("A token or session has ended, and its socket with it", client=client)
                self._wire.drop(client)
        except (SinkError, Busy) as error:
            log.warning("Whether tokens are still good could not be asked", reason=str(error))

    def _run(self) -> None:
        while not self._stop.wait(LOOK):
            try:
                self.look()
            except Exception:
                log.exception("A look at the open sockets failed")

    def _known(self, environ: Environ) -> Principal | None:
        with self._app.request_context(environ):
            return authenticated()

    def _cut(self) -> None:
        for client, caller in self._callers.all().items():
            if self._wire.gone(client):
                self._hub.leave(client)
                self._callers.remove(client)
            elif self._wire.is_slow(client) and caller.place is not None:
                log.warning("A client is too slow and must come again", client=client)
                caller.place.cut()
        for place in self.gate.places() if self.gate else []:
            if place.client is None and time.monotonic() - place.since > SPEAK:
                place.cut()
