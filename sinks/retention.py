"""What is kept for looking back goes when it is old; the ledger and the trades stay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sinks import database
from sinks.queries import query


def prune(
    connection: Any, rejects: timedelta, batches: timedelta, runs: timedelta, letters: timedelta
) -> list[dict[str, Any]]:
    """Remove what is older; (table, removed) of each. Rejects of quarantined files stay until these are settled."""
    removed = []
    with database.transaction(connection) as cursor:
        ages = {"rejects": rejects, "batches": batches, "reconciliations": runs, "runs": runs, "letters": letters}
        for table, age in ages.items():
            cursor.execute(query("retention", table), {"age": age})
            removed.append({"table": table, "removed": cursor.rowcount})
    return removed
