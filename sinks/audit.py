"""Who did what, and when: a row for every action, written in the transaction of what it tells of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sinks.queries import query
from sinks.tokens import Principal


def record(
    cursor: Any,
    who: Principal,
    address: str | None,
    action: str,
    target: Mapping[str, object],
    run_id: int | None = None,
) -> None:
    """One row. `address` is the asker's, None for a command on this machine; `target` is what JSON can hold.

    A NUL, which no database holds, is taken out of what a request told.
    """
    told = json.dumps(dict(target)).replace("\\u0000", "")
    values = {"who": who.name, "address": address, "action": action, "target": told, "run_id": run_id}
    cursor.execute(query("api/audit", "record"), values)
