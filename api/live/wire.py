"""The way to the clients over flask-socketio."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from engineio.exceptions import SocketIsClosedError
from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from flask_socketio import SocketIO
from socketio import packet

NAMESPACE = "/"
#: Messages that may wait for one client; who is slower is cut off, comes again and gets a snapshot.
BACKLOG = 100


class SocketWire:
    """One encoding for any number of clients: each puts it into the queue of its own writer thread."""

    def __init__(self, sockets: SocketIO) -> None:
        self._sockets = sockets

    def send(self, clients: Collection[str], event: str, message: dict[str, Any]) -> None:
        server = self._sockets.server
        told = server.packet_class(packet.EVENT, namespace=NAMESPACE, data=[event, message]).encode()
        carried = EnginePacket(MESSAGE, told)
        for client in clients:
            # Not by `emit`: a socket that closes at this moment would keep the message from those behind it.
            with suppress(SocketIsClosedError):
                if self.ready(client) and not self.is_slow(client):
                    server._send_eio_packet(server.manager.eio_sid_from_sid(client, NAMESPACE), carried)

    def ready(self, client: str) -> bool:
        return bool(self._sockets.server.manager.is_connected(client, NAMESPACE))

    def drop(self, client: str) -> None:
        """End a client's session; it is told."""
        self._sockets.server.disconnect(client, namespace=NAMESPACE)

    def gone(self, client: str) -> bool:
        """Whether nothing carries it any more."""
        server = self._sockets.server
        return server.manager.eio_sid_from_sid(client, NAMESPACE) not in server.environ

    def backlog(self, client: str) -> int:
        """Messages that wait to be written to it."""
        server = self._sockets.server
        socket = server.eio.sockets.get(server.manager.eio_sid_from_sid(client, NAMESPACE))
        return 0 if socket is None else int(socket.queue.qsize())

    def is_slow(self, client: str) -> bool:
        """It is told nothing more: messages that nobody reads would fill the memory."""
        return self.backlog(client) > BACKLOG
