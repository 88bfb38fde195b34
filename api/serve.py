"""The API behind gunicorn, one process of many threads."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from streaming.errors import SettingsError
from streaming.settings import Settings

#: Threads beside those that sockets hold: a socket keeps its thread for as long as it is open.
GRACE = 20  # seconds that requests under way have at the end


def check_address(settings: Settings) -> None:
    """Raises SettingsError where tokens would pass a network in the clear."""
    if not (_is_loopback(settings.api.host) or settings.api.tls):
        raise SettingsError(
            f"api.host = {settings.api.host!r} can be reached from other machines, and tokens would pass in the clear. "
            "Put a proxy that speaks TLS in front and declare it with api.tls = true, or serve on 127.0.0.1."
        )


def serve(settings: Settings, app: Any, started: Callable[[str], None] = lambda _: None) -> None:
    """Answer until SIGTERM or Ctrl-C; `started` is told the address."""
    _Server(settings, app, started).run()


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, told by our settings instead of its own files and arguments."""

    def __init__(self, settings: Settings, app: Any, started: Callable[[str], None]) -> None:
        self._settings, self._app, self._started = settings.api, app, started
        super().__init__()

    def load_config(self) -> None:
        api = self._settings
        told = {
            "bind": [f"{api.host}:{api.port}"],
            "workers": 1,  # several processes are several `tradewind serve`: each listens to PostgreSQL for itself
            "worker_class": "gthread",
            "threads": api.threads + api.max_sockets,
            "worker_connections": 2 * (api.threads + api.max_sockets),
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


def _address(listener: Any) -> str:
    host, port = listener.sock.getsockname()[:2]
    return f"http://{host}:{port}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
