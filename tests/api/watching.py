"""A client of the live view as the documentation describes one, over a real socket."""

from __future__ import annotations

import threading
import time
from typing import Any

import socketio

from tests.api.landing import Totals, figures

PATIENCE = 30.0  # seconds


class Watcher:
    """Keeps the rows of all feeds; after a gap in the numbers or in another epoch it asks for a snapshot."""

    def __init__(self, address: str, token: str, *, reconnection: bool = True) -> None:
        self.feeds: dict[str, dict[str, Any]] = {}
        self.told: list[tuple[float, dict[str, Any]]] = []  # when each `feeds` came
        self.beats: list[dict[str, Any]] = []
        self.snapshots = self.gaps = 0
        self.epoch, self.seq = "", 0
        self.refused: Any = None
        self._news = threading.Condition()
        self._client = socketio.Client(
            reconnection=reconnection, reconnection_delay=0.2, reconnection_delay_max=1, randomization_factor=0.2
        )
        for event, handler in (
            ("snapshot", self._snapshot), ("feeds", self._feeds), ("beat", self._beat), ("connect_error", self._refused)
        ):  # fmt: skip
            self._client.on(event, handler)
        self._client.connect(address, transports=["websocket"], auth={"token": token}, retry=False, wait_timeout=20)

    def totals(self) -> Totals:
        return {feed: figures(row) for feed, row in self.feeds.items()}

    def until(self, true: Any, patience: float = PATIENCE) -> None:
        """Wait until something holds, looking whenever news come."""
        with self._news:
            assert self._news.wait_for(true, patience), (self.totals(), self.snapshots, self.gaps)

    def call(self, event: str, *data: Any) -> Any:
        return self._client.call(event, data or None)

    @property
    def connected(self) -> bool:
        return bool(self._client.connected)

    def close(self) -> None:
        self._client.disconnect()
        self._client.eio.wait()

    def _snapshot(self, message: dict[str, Any]) -> None:
        with self._news:
            self.feeds = {row["feed"]: row for row in message["feeds"]}
            self.epoch, self.seq = message["epoch"], message["seq"]
            self.snapshots += 1
            self._news.notify_all()

    def _feeds(self, message: dict[str, Any]) -> None:
        with self._news:
            self.told.append((time.monotonic(), message))
            if self._is_next(message):
                self.feeds |= {row["feed"]: row for row in message["feeds"]}
            self._news.notify_all()

    def _is_next(self, message: dict[str, Any]) -> bool:
        if (message["epoch"], message["seq"]) == (self.epoch, self.seq + 1):
            self.seq += 1
            return True
        self.gaps += 1
        self._client.emit("snapshot")
        return False

    def _beat(self, message: dict[str, Any]) -> None:
        with self._news:
            self.beats.append(message)
            self._news.notify_all()

    def _refused(self, reason: Any) -> None:
        self.refused = reason
