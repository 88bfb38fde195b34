"""Links that sign a browser in once, within minutes; the database keeps digests alone."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Literal

from sinks import tokens
from sinks.queries import query
from sinks.tokens import Principal

LIFE = timedelta(minutes=15)
Refused = Literal[
    "used",  # once already
    "over",  # its time, or that of its token
    "unknown",  # never made, or long gone
]


def create(cursor: Any, name: str, life: timedelta = LIFE) -> str | None:
    """The secret of a new link that signs in as this token, to be shown once; None where no such token is in use."""
    cursor.execute(query("api/access", "prune_links"))
    secret = secrets.token_urlsafe(16)
    cursor.execute(query("api/access", "create_link"), {"digest": tokens.digest(secret), "name": name, "life": life})
    return secret if cursor.fetchone() else None


def use(cursor: Any, secret: str) -> Principal | Refused:
    """Whose link this is, or why it signs nobody in; from then on it is used."""
    told = {"digest": tokens.digest(secret)}
    cursor.execute(query("api/access", "use_link"), told)
    if row := cursor.fetchone():
        return Principal(row["name"], row["role"])
    cursor.execute(query("api/access", "link"), told)
    found = cursor.fetchone()
    return "unknown" if found is None else "used" if found["used"] else "over"


def fragment(secret: str) -> str:
    """Where it goes on our pages. What stands behind `#` a browser sends to nobody: it is in no log of a server."""
    return f"/sign-in#link={secret}"
