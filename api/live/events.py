"""What a client may send: its connection, and which feeds it wants to hear of."""

from __future__ import annotations

from typing import Any

import structlog
from flask import request
from flask_socketio import ConnectionRefusedError as Refused

from api.access.roles import authenticated
from api.live.callers import Callers
from api.live.gate import PLACE
from api.live.heard import Room
from api.live.hub import Hub
from api.pool import Busy
from api.shared import pool
from sinks.errors import SinkError
from sinks.queries import query
from sinks.tokens import Principal

log = structlog.get_logger()

MOST = 100  # feeds of one subscription
Answer = dict[str, Any]


class Unclear(Exception):
    """What the client sent is not what this event takes."""


class Events:
    """The handlers; each answers what the client's acknowledgement gets."""

    def __init__(self, hub: Hub, callers: Callers) -> None:
        self._hub, self._callers = hub, callers

    def connect(self, auth: Any = None) -> None:
        """Let in who shows a token in `auth` or in the header, or has a session; others get a connect_error."""
        place = request.environ.get(PLACE)
        if place is not None and not place.admitted:
            raise Refused("All places for live connections are taken.", {"status": 503, "cure": _FULL})
        principal = _principal(auth)
        if principal is None:
            raise Refused("No valid token or session came with the connection.", {"status": 401, "cure": _UNKNOWN})
        self._callers.add(_client(), request.environ, principal)
        self._hub.join(_client())

    def disconnect(self, *_: Any) -> None:
        self._hub.leave(_client())
        self._callers.remove(_client())

    def subscribe(self, *said: Any) -> Answer:
        """Hear of these feeds alone, from a snapshot of them on: {"feeds": ["spot", …]}."""
        try:
            wanted = _feeds(said)
            known = {row["feed"] for row in pool().rows(query("api/live", "known"), feeds=sorted(wanted))}
            if unknown := sorted(wanted - known):
                raise Unclear(f"No feed is called {unknown[0]!r}.")
        except Unclear as error:
            return _problem(422, str(error), _SUBSCRIBE)
        except (SinkError, Busy) as error:
            return _problem(503, (type(error).__doc__ or "").strip(), "Ask again in a moment.")
        return self._move(frozenset(wanted))

    def unsubscribe(self, *_: Any) -> Answer:
        """Hear of all feeds again."""
        return self._move(None)

    def snapshot(self, *_: Any) -> Answer:
        """What stands now, once more: after a gap in the numbers, or where the epoch is another."""
        self._hub.again(_client())
        return {}

    def _move(self, room: Room) -> Answer:
        self._hub.join(_client(), room)
        return {"subscribed": None if room is None else sorted(room)}


_FULL = "Close some, raise api.max_sockets, or start another `tradewind serve`."
_UNKNOWN = "Connect with auth = {token}, or sign in; `tradewind token create` makes a token."
_SUBSCRIBE = f'Send {{"feeds": ["spot"]}}: the names of 1 to {MOST} feeds; /api/v1/summary lists them.'


def _client() -> str:
    client: str = request.sid  # type: ignore[attr-defined]
    return client


def _principal(auth: Any) -> Principal | None:
    token = auth.get("token") if isinstance(auth, dict) else None
    if isinstance(token, str):
        # As if it had come in the header: the watch asks about it in the same way.
        request.environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    try:
        return authenticated()
    except (SinkError, Busy) as error:
        log.warning("Who connects could not be asked", reason=str(error))
        raise Refused("The database does not answer.", {"status": 503, "cure": "Try again in a moment."}) from error


def _feeds(said: tuple[Any, ...]) -> set[str]:
    """Raises Unclear."""
    match said:
        case ({"feeds": list() as feeds, **others},) if not others:
            if 1 <= len(feeds) <= MOST and all(isinstance(feed, str) and feed.isprintable() for feed in feeds):
                return set(feeds)
    raise Unclear("This is no list of feeds.")


def _problem(status: int, detail: str, cure: str) -> Answer:
    return {"error": {"status": status, "detail": detail, "cure": cure}}
