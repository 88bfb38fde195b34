"""The /healthz and /metrics of a stream or of listeners, on a loopback port."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from prometheus_client import CollectorRegistry, generate_latest

from streaming import metrics
from triggers.listener import Listener


class Worked(Protocol):
    """What tells of itself here: a job, or listeners by themselves."""

    def figures(self) -> dict[str, dict[str, Any]]:
        """By feed; each has at least `up`."""

    @property
    def listeners(self) -> Sequence[Listener]:
        """Those that work in this process."""


class Health:
    """Serves until it is left; port 0 takes a free one, None serves nothing. `address` is where, or None."""

    def __init__(self, port: int | None, worked: Worked) -> None:
        self._server = None if port is None else ThreadingHTTPServer(("127.0.0.1", port), _handler(worked))
        self.address = f"http://127.0.0.1:{self._server.server_port}" if self._server else None

    def __enter__(self) -> Health:
        if self._server:
            threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()


class _Figures:
    """A prometheus collector over what is worked, read anew at every scrape."""

    def __init__(self, worked: Worked) -> None:
        self._worked = worked

    def collect(self) -> Any:
        yield from metrics.of_feeds(self._worked.figures())
        yield from metrics.of_queues(self._worked.listeners)


def _handler(worked: Worked) -> type[BaseHTTPRequestHandler]:
    registry = CollectorRegistry()
    registry.register(_Figures(worked))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                figures = worked.figures()
                healthy = bool(figures) and all(f["up"] for f in figures.values())
                self._answer(200 if healthy else 503, "application/json", json.dumps(figures).encode())
            elif self.path == "/metrics":
                self._answer(200, "text/plain; version=0.0.4", generate_latest(registry))
            else:
                self._answer(404, "text/plain", b"There are /healthz and /metrics.\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Scrapes are not news."""

    return Handler
