"""The API behind gunicorn, one process of many threads."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from api.live import live
from api.live.gate import REFUSALS
from streaming.errors import SettingsError
from streaming.settings import Settings
from streaming.tables import Api

GRACE = 20  # seconds that requests under way have at the end


def check_address(settings: Settings) -> None:
    """Raises SettingsError where tokens would pass a network in the clear."""
    if not (_is_loopback(settings.api.host) or settings.api.tls or settings.api.private):
        raise SettingsError(
            f"api.host = {settings.api.host!r} can be reached from other machines, and tokens would pass in the clear. "
            "Put a proxy that speaks TLS in front and declare it with api.tls = true, or serve on 127.0.0.1; in a "
            "container whose port is published on 127.0.0.1 alone, declare that with api.private = true."
        )


def serve(settings: Settings, app: Any, started: Callable[[str], None] = lambda _: None) -> None:
    """Answer until SIGTERM or Ctrl-C; `started` is told the address."""
    _Server(settings, app, started).run()


class _Worker(ThreadWorker):  # type: ignore[misc]
    """Sockets end only when their clients leave: at the end they are let go, or they would be waited for."""

    def handle_exit(self, sig: Any, frame: Any) -> None:
        self.app.end_sockets()
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: Any, frame: Any) -> None:
        self.app.end_sockets()
        super().handle_quit(sig, frame)

    def finish_request(self, conn: Any, fs: Any) -> None:
        if conn.sock.fileno() == -1:  # a WebSocket closed it itself: closed again, it would be counted as two
            self.nr_conns -= 1
        else:
            super().finish_request(conn, fs)

    def is_parent_alive(self) -> bool:
        alive: bool = super().is_parent_alive()
        if not alive:  # whoever starts the program again needs the port
            self.app.end_sockets()
        return alive


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, told by our settings instead of its own files and arguments."""

    def __init__(self, settings: Settings, app: Any, started: Callable[[str], None]) -> None:
        self._settings, self._app, self._started = settings.api, app, started
        super().__init__()

    def load_config(self) -> None:
        api = self._settings
        threads = threads_of(api)
        told = {
            "bind": [f"[{api.host}]:{api.port}" if ":" in api.host else f"{api.host}:{api.port}"],
            "workers": 1,  # several processes are several `tradewind serve`: each listens to PostgreSQL for itself
            "worker_class": _Worker,
            "threads": threads,
            "worker_connections": 2 * threads,
            "graceful_timeout": GRACE,
            "timeout": 60,
            "accesslog": None,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": lambda server: self._started(_address(server.LISTENERS[0])),
        }
        for name, value in told.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._app

    def end_sockets(self) -> None:
        live(self._app).end()


def threads_of(api: Api) -> int:
    """A socket keeps its thread for as long as it is open, a refused one for a moment: requests have theirs beside."""
    return api.threads + api.max_sockets + REFUSALS


def _address(listener: Any) -> str:
    host, port = listener.sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
