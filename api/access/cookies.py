"""The session's cookie: no script reads it, no other site sends it."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, request

from api.shared import shared
from sinks.sessions import Session

_NAME = "tradewind_session"


def secret() -> str | None:
    """What the request's cookie holds."""
    return request.cookies.get(_name())


def give(answer: Response, session: Session) -> Response:
    """The cookie, for as long as the session lasts."""
    left = int((session.expires_at - datetime.now(UTC)).total_seconds())
    answer.set_cookie(_name(), session.secret, max_age=left, secure=_secure(), httponly=True, samesite="Strict")
    return answer


def take(answer: Response) -> Response:
    """Have the browser forget it."""
    answer.delete_cookie(_name(), secure=_secure(), httponly=True, samesite="Strict")
    return answer


def _secure() -> bool:
    return shared().settings.api.tls or request.is_secure


def _name() -> str:
    return name(_secure())


def name(secure: bool) -> str:
    """What it is called, over TLS or not."""
    # Browsers take a name with this beginning from this very host alone, and only over TLS.
    return f"__Host-{_NAME}" if secure else _NAME
