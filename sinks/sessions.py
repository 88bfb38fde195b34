"""Sessions of browsers: each begins with a token and ends no later than it; the database keeps digests alone."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sinks import tokens
from sinks.queries import query
from sinks.tokens import Principal


@dataclass(frozen=True, slots=True)
class Session:
    """A session just begun; `secret` is for its cookie and kept nowhere else, `expires_at` is aware, in UTC."""

    secret: str
    principal: Principal
    expires_at: datetime


def begin(cursor: Any, who: Principal, life: timedelta) -> Session | None:
    """A session of who was found to be known, no longer than `life` or their token; None if that ended just now."""
    cursor.execute(query("api/access", "prune_sessions"))
    secret = secrets.token_urlsafe(32)
    values = {"digest": tokens.digest(secret), "name": who.name, "life": life}
    cursor.execute(query("api/access", "start_session"), values)
    row = cursor.fetchone()
    return Session(secret, who, row["expires_at"]) if row else None


def principal(cursor: Any, secret: str) -> Principal | None:
    """Whose session this is; None for one that is unknown or over, and for those of a token that is."""
    wanted = tokens.digest(secret)
    cursor.execute(query("api/access", "principal_of_session"), {"digest": wanted})
    row = cursor.fetchone()
    if row is None or not hmac.compare_digest(bytes(row["digest"]), wanted):
        return None
    return Principal(row["name"], row["role"])


def end(cursor: Any, secret: str) -> bool:
    """Whether there was such a session."""
    cursor.execute(query("api/access", "end_session"), {"digest": tokens.digest(secret)})
    return bool(cursor.rowcount)
