"""The live view over Socket.IO: each process listens to PostgreSQL for itself, so there is no broker between them."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from apiflask import APIFlask
from flask_socketio import SocketIO

from api.live.callers import Callers
from api.live.events import Events
from api.live.gate import Gate
from api.live.hub import Hub
from api.live.origins import Origins
from api.live.transport import LARGEST, Transport
from api.live.watch import Watch
from api.live.wire import SocketWire
from api.shared import Shared


@dataclass(frozen=True, slots=True)
class Live:
    """The live view of one app. Its threads start with the first client, in whatever process that is."""

    sockets: SocketIO
    gate: Gate
    hub: Hub
    watch: Watch

    def end(self) -> None:
        """Let every socket go at once: its client comes again, to this address or another. Safe in a signal handler."""
        self.watch.stop()
        self.hub.stop()
        for place in self.gate.places():
            place.cut()


def init_app(app: APIFlask) -> None:
    """Put Socket.IO and the gate before it in front of the app's WSGI."""
    shared: Shared = app.extensions["tradewind"]
    settings = shared.settings
    sockets = _sockets(app, Origins(app))
    wire, callers = SocketWire(sockets), Callers()
    hub = Hub(settings.direct_dsn() if settings.database.direct_url else shared.dsn, wire)
    watch = Watch(app, callers, wire, hub)
    _register(sockets, Events(hub, callers))
    watch.gate = gate = Gate(app.wsgi_app, settings.api.max_sockets, watch.start)
    app.wsgi_app = gate  # type: ignore[method-assign]
    app.extensions["tradewind_live"] = Live(sockets, gate, hub, watch)


def live(app: APIFlask) -> Live:
    """That of an app."""
    found: Live = app.extensions["tradewind_live"]
    return found


def _sockets(app: APIFlask, origins: Origins) -> SocketIO:
    log = logging.getLogger("tradewind.sockets")
    log.setLevel(logging.WARNING)  # it would tell every packet
    sockets = SocketIO(
        app, async_mode="threading", transports=["websocket"], allow_upgrades=False, manage_session=False,
        cors_allowed_origins=origins, max_http_buffer_size=LARGEST, http_compression=False, async_handlers=False,
        logger=log, engineio_logger=log,
    )  # fmt: skip
    sockets.server.eio._async = {**sockets.server.eio._async, "websocket": Transport}
    return sockets


def _register(sockets: SocketIO, events: Events) -> None:
    for name in ("connect", "disconnect", "subscribe", "unsubscribe", "snapshot"):
        sockets.on_event(name, getattr(events, name))
