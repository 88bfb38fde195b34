"""Tokens of the API: shown once when they are made, kept as digests."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sinks.queries import query

Role = Literal["viewer", "operator"]
PREFIX = "tradewind_"  # so that scanners for leaked secrets can know one


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a token's name, and what its role allows."""

    name: str
    role: Role

    def may(self, role: str) -> bool:
        """Whether an address that asks for this role answers."""
        return role == "viewer" or self.role == "operator"


def create(cursor: Any, name: str, role: Role, expires_at: datetime | None) -> str | None:
    """A new token, to be shown once: the database keeps its digest alone. None where the name is taken."""
    token = PREFIX + secrets.token_urlsafe(32)
    values = {"name": name, "role": role, "digest": digest(token), "expires_at": expires_at}
    cursor.execute(query("api/access", "create_token"), values)
    return token if cursor.fetchone() else None


def principal(cursor: Any, token: str) -> Principal | None:
    """Whose token this is; None for one that is unknown, expired or revoked."""
    wanted = digest(token)
    cursor.execute(query("api/access", "principal_of_token"), {"digest": wanted})
    row = cursor.fetchone()
    if row is None or not hmac.compare_digest(bytes(row["digest"]), wanted):
        return None
    return Principal(row["name"], row["role"])


def digest(token: str) -> bytes:
    """What is kept of a token: its 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()
