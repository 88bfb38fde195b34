"""The WebSocket under Engine.IO: with a limit on what comes, and no way to wait for ever."""

from __future__ import annotations

from typing import Any

import simple_websocket
from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI

LARGEST = 16_384  # bytes; what clients have to say is short
LOOK = 5.0  # seconds between looks whether the connection is still there


class Transport(SimpleWebSocketWSGI):  # type: ignore[misc]
    """Engine.IO measures a message when all of it is there; this refuses it as it grows."""

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server, max_message_size=LARGEST)

    def wait(self) -> Any:
        """The next message; None at the end."""
        try:
            # A connection that is ended from this side may be told of before it is marked: without a look now and then
            # its thread would wait for ever.
            while (said := self.ws.receive(timeout=LOOK)) is None:
                pass
        except simple_websocket.ConnectionClosed:
            return None
        return said
