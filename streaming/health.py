"""The stream's own /healthz and /metrics on a loopback port."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

if TYPE_CHECKING:
    from streaming.job import Job


class Health:
    """Serves until it is left; port 0 takes a free one, None serves nothing. `address` is where, or None."""

    def __init__(self, port: int | None, job: Job) -> None:
        self._server = None if port is None else ThreadingHTTPServer(("127.0.0.1", port), _handler(job))
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
    """A prometheus collector over the job's own state, read anew at every scrape."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def collect(self) -> Any:
        names = (
            "owed_files",
            "owed_bytes",
            "trigger_age_seconds",
            "events_journaled",
            "events_waiting",
            "up",
        )
        families = {
            name: GaugeMetricFamily(f"tradewind_{name}", name.replace("_", " "), labels=["feed"]) for name in names
        }
        for feed, figures in self._job.figures().items():
            for name in names:
                families[name].add_metric([feed], float(figures[name]))
        yield from families.values()


def _handler(job: Job) -> type[BaseHTTPRequestHandler]:
    registry = CollectorRegistry()
    registry.register(_Figures(job))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                figures = job.figures()
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
