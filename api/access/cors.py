"""Pages of other origins: none may read an answer but those that `api.cors` names, letter by letter."""

from __future__ import annotations

from flask import Flask, Response, request

from api.shared import shared

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
ASKED_WITH = "Authorization, Content-Type"
SHOWN = "Content-Disposition, Retry-After, WWW-Authenticate"
KEPT = 600  # seconds that a browser remembers the answer to its preflight


def init_app(app: Flask) -> None:
    app.before_request(_preflight)
    app.after_request(_allowed)


def _preflight() -> Response | None:
    """Browsers ask first, without credentials: so they are answered before anybody has to be known."""
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers or not _origin():
        return None
    answer = Response(status=204)
    answer.headers["Access-Control-Allow-Methods"] = METHODS
    answer.headers["Access-Control-Allow-Headers"] = ASKED_WITH
    answer.headers["Access-Control-Max-Age"] = str(KEPT)
    return answer


def _allowed(answer: Response) -> Response:
    if shared().settings.api.cors:
        answer.vary.add("Origin")  # a cache must not hand one origin's answer to another
    if origin := _origin():
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Access-Control-Allow-Credentials"] = "true"
        answer.headers["Access-Control-Expose-Headers"] = SHOWN
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _origin() -> str | None:
    origin = request.headers.get("Origin")
    return origin if origin in shared().settings.api.cors else None
