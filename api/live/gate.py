"""Places for sockets: each holds a thread of the server for as long as it is open, so they are counted at the door."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

PATH = "/socket.io/"
PLACE = "tradewind.place"  # in the WSGI environment: the Place of the request
#: Let in beside those admitted, only to be told so: a refusal at the handshake reaches no browser's script.
REFUSALS = 4

Answer = Callable[..., Any]


@dataclass(slots=True, eq=False)
class Place:
    """One open WebSocket; `client` is its Socket.IO session while somebody known speaks over it."""

    admitted: bool
    connection: socket.socket | None = None
    since: float = field(default_factory=time.monotonic)
    client: str | None = None

    def cut(self) -> None:
        """End the connection whatever waits to be written: its threads go with it."""
        if self.connection is not None:
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)


class Gate:
    """WSGI in front of the app: at most `size` sockets are admitted, and no more than a few beside them let in.

    `opened` is called for each, in its thread.
    """

    def __init__(self, inner: Answer, size: int, opened: Callable[[], None] = lambda: None) -> None:
        self._inner, self._size, self._opened = inner, size, opened
        self._lock = threading.Lock()
        self._places: set[Place] = set()

    def __call__(self, environ: dict[str, Any], start_response: Answer) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(PATH):
            return self._answer(environ, start_response)
        place = self._take(environ.get("gunicorn.socket"))
        if place is None:
            return _full(start_response)
        try:
            self._opened()
            return self._answer({**environ, PLACE: place}, start_response)
        finally:
            with self._lock:
                self._places.discard(place)

    def places(self) -> list[Place]:
        """Those taken now."""
        with self._lock:
            return list(self._places)

    def _answer(self, environ: dict[str, Any], start_response: Answer) -> Iterable[bytes]:
        answer: Iterable[bytes] = self._inner(environ, start_response)
        return answer

    def _take(self, connection: socket.socket | None) -> Place | None:
        with self._lock:
            admitted = sum(place.admitted for place in self._places) < self._size
            if not admitted and len(self._places) >= self._size + REFUSALS:
                return None
            place = Place(admitted, connection)
            self._places.add(place)
            return place


def _full(start_response: Answer) -> list[bytes]:
    body = {
        "type": "about:blank", "title": "Service Unavailable", "status": 503,
        "detail": "All places for live connections are taken.",
        "cure": "Close some, raise api.max_sockets, or start another `tradewind serve`.",
    }  # fmt: skip
    headers = [("Content-Type", "application/problem+json"), ("Retry-After", "5"), ("Cache-Control", "no-store")]
    start_response("503 Service Unavailable", headers)
    return [json.dumps(body).encode()]
