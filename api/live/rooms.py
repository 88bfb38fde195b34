"""Who wants to hear what, and how many messages each room has had."""

from __future__ import annotations

import secrets
import threading
from collections import Counter

from api.live.heard import Room


class Rooms:
    """A room is a set of feeds; a client is in one, and so hears of a moment in one message. Locked: clients come and
    go in threads of their own, while one thread tells them all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted: dict[str, Room] = {}  # what each client wants
        self._inside: dict[str, Room] = {}  # where it is, from its snapshot on
        self._sent: Counter[Room] = Counter()
        self.epoch = _epoch()

    def want(self, client: str, room: Room) -> None:
        """It is told nothing more until its snapshot."""
        with self._lock:
            self._wanted[client] = room
            self._inside.pop(client, None)

    def again(self, client: str) -> None:
        """A snapshot of the room in which it is."""
        with self._lock:
            if client in self._wanted:
                self._inside.pop(client, None)

    def leave(self, client: str) -> None:
        with self._lock:
            self._wanted.pop(client, None)
            self._inside.pop(client, None)

    def restart(self) -> None:
        """A new epoch: something may have gone unheard, so everybody wants a snapshot."""
        with self._lock:
            self._inside.clear()
            self._sent.clear()
            self.epoch = _epoch()

    def waiting(self) -> dict[str, Room]:
        """Who waits for a snapshot, of what."""
        with self._lock:
            return {client: room for client, room in self._wanted.items() if client not in self._inside}

    def enter(self, client: str, room: Room) -> bool:
        """It has what was told so far; False where it has left or wants another room by now."""
        with self._lock:
            if client not in self._wanted or self._wanted[client] != room:
                return False
            self._inside[client] = room
            return True

    def forget(self) -> None:
        """Rooms that nobody is in or wants to be in."""
        with self._lock:
            for room in self._sent.keys() - self._wanted.values():
                del self._sent[room]

    def inside(self) -> dict[Room, list[str]]:
        """The clients of every room."""
        with self._lock:
            rooms: dict[Room, list[str]] = {}
            for client, room in self._inside.items():
                rooms.setdefault(room, []).append(client)
            return rooms

    def next(self, room: Room) -> int:
        """The number of the message that is told now: 1 for the first of an epoch."""
        with self._lock:
            self._sent[room] += 1
            return self._sent[room]

    def seq(self, room: Room) -> int:
        """The number of the last message of a room."""
        with self._lock:
            return self._sent[room]


def _epoch() -> str:
    return secrets.token_hex(8)
