"""The pull protocol of Event Grid namespaces on this machine. It is the protocol, not the service: no such server
can be had. After https://learn.microsoft.com/rest/api/eventgrid/dataplane-operation-groups (2024-06-01).
"""

import json
import socket
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from triggers.queues.places import EventGrid

KEY = "dGVzdHM="
LOCK = timedelta(seconds=60)
DELAYS = (0, 10, 60, 600, 3600)
HASTE = 10  # so many times sooner than the real one it answers that nothing came


@dataclass(eq=False)
class _Event:
    body: dict[str, Any]
    visible_at: float = 0.0
    deliveries: int = 0
    token: str | None = None


@dataclass
class EventGridServer:
    """One topic with one subscription, over http with a key. Time passes by `pass_time` only.

    `requests` counts what was asked for: receive, acknowledge, release, renewLock.
    """

    lock: timedelta = LOCK
    topic: str = "trades"
    subscription: str = "tradewind"
    key: str = KEY
    port: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    refuses: tuple[int, str] | None = None  # status and code of every answer
    stuck: tuple[str, threading.Event] | None = None  # an operation that does not get through before the event

    def __post_init__(self) -> None:
        self._events: list[_Event] = []
        self._now = 0.0
        self._changed = threading.Condition()
        self._sockets: set[socket.socket] = set()
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> "EventGridServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def place(self) -> EventGrid:
        """What the settings name."""
        return EventGrid(f"http://127.0.0.1:{self.port}", self.topic, self.subscription)

    def start(self) -> None:
        """Answer; on the same port as before, with all events."""
        self._server = _Server(("127.0.0.1", self.port), _handler(self, self._sockets))
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections, and cut those that are open, long polls too."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
        with self._changed:
            self._changed.notify_all()
        for each in list(self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def down(self) -> Iterator[None]:
        """Stopped while it lasts."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def refusing(self, status: int, code: str) -> Iterator[None]:
        """Every answer is this while it lasts."""
        self.refuses = (status, code)
        try:
            yield
        finally:
            self.refuses = None

    def publish(self, *events: dict[str, Any]) -> None:
        """CloudEvents for the subscription, all at once."""
        with self._changed:
            self._events += map(_Event, events)
            self._changed.notify_all()

    def pass_time(self, span: timedelta) -> None:
        """Locks end, delays pass."""
        with self._changed:
            self._now += span.total_seconds()
            self._changed.notify_all()

    def waiting(self) -> int:
        """Events that nobody has acknowledged."""
        with self._changed:
            return len(self._events)

    def answer(self, operation: str, query: dict[str, list[str]], body: dict[str, Any]) -> tuple[int, Any]:
        """Status and JSON."""
        with self._changed:
            match operation:
                case "receive":
                    count, wait = int(query.get("maxEvents", ["1"])[0]), int(query.get("maxWaitTime", ["60"])[0])
                    if not (1 <= count <= 100 and 10 <= wait <= 120):
                        return 400, _error("BadRequest", "maxEvents is 1 to 100, maxWaitTime 10 to 120")
                    return 200, {"value": self._receive(count, wait)}
                case "acknowledge":
                    return self._settle(body, self._remove)
                case "renewLock":
                    return self._settle(body, self._renew)
                case "release":
                    delay = int(query.get("releaseDelayInSeconds", ["0"])[0])
                    if delay not in DELAYS:
                        return 400, _error("BadRequest", f"releaseDelayInSeconds is one of {DELAYS}")
                    return self._settle(body, lambda event: self._release(event, delay))
        return 404, _error("NotFound", operation)

    def _receive(self, count: int, wait: int) -> list[dict[str, Any]]:
        self._changed.wait_for(lambda: self._visible() or self._server is None, timeout=wait / HASTE)
        return [self._hand_out(event) for event in self._visible()[:count]] if self._server else []

    def _visible(self) -> list[_Event]:
        return [event for event in self._events if event.visible_at <= self._now]

    def _hand_out(self, event: _Event) -> dict[str, Any]:
        event.deliveries, event.token = event.deliveries + 1, uuid.uuid4().hex
        self._renew(event)
        broker = {"lockToken": event.token, "deliveryCount": event.deliveries}
        return {"brokerProperties": broker, "event": event.body}

    def _settle(self, body: dict[str, Any], do: Any) -> tuple[int, Any]:
        locked = {event.token: event for event in self._events if event.visible_at > self._now}
        tokens = body["lockTokens"]
        for token in tokens:
            if token in locked:
                do(locked[token])
        failed = [{"lockToken": token, **_error("TokenLost", "not locked")} for token in tokens if token not in locked]
        return 200, {
            "succeededLockTokens": [token for token in tokens if token in locked],
            "failedLockTokens": failed,
        }

    def _remove(self, event: _Event) -> None:
        self._events.remove(event)

    def _renew(self, event: _Event) -> None:
        event.visible_at = self._now + self.lock.total_seconds()

    def _release(self, event: _Event, delay: int) -> None:
        event.visible_at, event.token = self._now + delay, None
        self._changed.notify_all()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: tests drop connections."""


def _handler(server: EventGridServer, sockets: set[socket.socket]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else a body waits for its headers to be acknowledged

        def setup(self) -> None:
            super().setup()
            sockets.add(self.connection)

        def finish(self) -> None:
            sockets.discard(self.connection)
            with suppress(OSError):
                super().finish()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            status, answer = self._answer(body)
            text = json.dumps(answer).encode()
            self.send_response_only(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def _answer(self, body: dict[str, Any]) -> tuple[int, Any]:
            parts = urlsplit(self.path)
            folder, _, operation = parts.path.rpartition(":")
            server.requests[operation] += 1
            if server.stuck is not None and server.stuck[0] == operation and server.stuck[1].wait(60):
                return 503, _error("ServiceUnavailable", "stuck")
            if server.refuses is not None:
                return server.refuses[0], _error(server.refuses[1], "told to")
            if self.headers.get("Authorization") != f"SharedAccessKey {server.key}":
                return 401, _error("Unauthorized", "the key is not this namespace's")
            if folder != f"/topics/{server.topic}/eventsubscriptions/{server.subscription}":
                return 404, _error("ResourceNotFound", folder)
            return server.answer(operation, parse_qs(parts.query), body)

    return Handler


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
