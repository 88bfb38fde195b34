"""How often signing in may fail: of one address, and of all together. Guessing 256 bits is hopeless; this keeps the
attempts from being a load."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sinks.queries import query


@dataclass(frozen=True, slots=True)
class Limits:
    """Failures within a time; after them nobody's token is looked at until the oldest is that long ago."""

    of_address: int = 10
    of_all: int = 100
    within: timedelta = timedelta(minutes=5)


LIMITS = Limits()


def wait(cursor: Any, address: str, limits: Limits = LIMITS) -> int | None:
    """Seconds until this address may try; None if it may now. Until the transaction ends nobody else is asked."""
    cursor.execute(query("api/access", "sign_in_turn"))
    cursor.execute(query("api/access", "prune_tries"), {"within": limits.within})
    cursor.execute(query("api/access", "tries"), {"address": address, "within": limits.within})
    row = cursor.fetchone()
    waits = [row["own_wait"]] if row["own"] >= limits.of_address else []
    waits += [row["wait"]] if row["everyone"] >= limits.of_all else []
    return max(1, math.ceil(max(waits))) if waits else None


def failed(cursor: Any, address: str) -> None:
    """One more of this address."""
    cursor.execute(query("api/access", "tried"), {"address": address})
