"""Runs that somebody asks for: queued, begun by a process of their own, cancelled, ended."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from typing import Any

from psycopg2.extensions import connection as Connection  # noqa: N812 - as in sinks.database
from psycopg2.extras import RealDictCursor

from sinks import database
from sinks.queries import query
from sinks.runs import RunId, RunKind


def queue(
    cursor: Any, kind: RunKind, feeds: Sequence[str], command: Sequence[str], asked_by: str, host: str | None = None
) -> RunId:
    """A run that a process is about to begin; `command` is what it was asked for, without secrets, `host` who will
    start it if not this machine."""
    values = {
        "kind": kind, "feeds": list(feeds), "host": host or socket.gethostname(), "command": list(command),
        "asked_by": asked_by,
    }  # fmt: skip
    cursor.execute(query("runs", "queue"), values)
    return RunId(database.only(cursor.fetchone()))


def under_way(cursor: Any) -> int:
    """How many runs that somebody asked for are queued or at work; nobody else counts until the transaction ends."""
    cursor.execute(query("runs", "one_at_a_time"))
    cursor.execute(query("runs", "under_way", state=query("api/runs", "state")))
    return int(database.only(cursor.fetchone()))


def cancel(cursor: Any, run_id: int, who: str) -> str | None:
    """Ask a run to stop; its state now, or None if it is a stream or has ended."""
    cursor.execute(query("runs", "cancel"), {"run_id": run_id, "who": who})
    row = cursor.fetchone()
    return str(database.only(row)) if row else None


def ended(cursor: Any, run_id: RunId, answer: Sequence[object], last_lines: str | None, reason: str) -> None:
    """Note what the process of a run said; `reason` is why, should it have died without ending its run."""
    values = {"run_id": run_id, "answer": json.dumps(list(answer)), "last_lines": last_lines, "reason": reason}
    cursor.execute(query("runs", "ended"), values)


def handed(cursor: Any) -> list[RunId]:
    """Runs that Airflow was handed a while ago and that have not begun, the oldest first."""
    cursor.execute(query("runs", "handed"))
    return [RunId(database.only(row)) for row in cursor.fetchall()]


def never_began(cursor: Any, run_id: RunId, reason: str) -> None:
    """Note that nobody will begin a queued run; one that began meanwhile is left alone."""
    cursor.execute(query("runs", "never_began"), {"run_id": run_id, "reason": reason})


def listed(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """The newest runs with what their batches merged."""
    with database.transaction(connection), connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(query("runs", "listed", state=query("api/runs", "state")), {"limit": limit})
        return [dict(row) for row in cursor.fetchall()]
