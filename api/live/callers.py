"""Who speaks over the open sockets, and whether they still may."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.live.gate import PLACE, Place
from sinks.tokens import Principal

Environ = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """A client that was let in, the request with which it came, and as whom."""

    environ: Environ
    principal: Principal
    place: Place | None  # none in tests without a server

    @property
    def credentials(self) -> tuple[str, str]:
        """What it showed: callers with the same need asking only once."""
        return self.environ.get("HTTP_AUTHORIZATION", ""), self.environ.get("HTTP_COOKIE", "")


class Callers:
    """By client."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callers: dict[str, Caller] = {}

    def add(self, client: str, environ: Environ, principal: Principal) -> None:
        place = environ.get(PLACE)
        if place is not None:
            place.client = client
        with self._lock:
            self._callers[client] = Caller(environ, principal, place)

    def remove(self, client: str) -> None:
        with self._lock:
            caller = self._callers.pop(client, None)
        if caller is not None and caller.place is not None:
            caller.place.client = None

    def all(self) -> dict[str, Caller]:
        with self._lock:
            return dict(self._callers)

    def unwelcome(self, known: Callable[[Environ], Principal | None]) -> list[str]:
        """Those whose token or session has ended, or is another's by now; each credential is asked about once."""
        asked: dict[tuple[str, str], Principal | None] = {}
        ended = []
        for client, caller in self.all().items():
            if caller.credentials not in asked:
                asked[caller.credentials] = known(caller.environ)
            if asked[caller.credentials] != caller.principal:
                ended.append(client)
        return ended
