"""Which objects may go once they are loaded, and the ledger's record of how they went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from psycopg2 import sql

from sinks.queries import query
from sinks.work import Rules

PAGE = 1_000
How = Literal[
    "archived",  # moved to `cleared_to`
    "deleted",
    "gone",  # somebody else had removed it
]


@dataclass(frozen=True, slots=True)
class Clearable:
    """An object whose rows are committed and that nothing can ask for again; `how` and `to` where a process that died
    had begun to clear it."""

    file_id: int
    uri: str
    version: str
    size: int
    how: How | None
    to: str | None


def clearable(cursor: Any, feed: str, after: timedelta, shared: bool, passed: Clearable | None) -> list[Clearable]:
    """The next at most PAGE objects, by name, behind `passed`; loaded longer ago than `after`. `shared`: a replaced
    file asks again for those that share content with it (`shares`)."""
    values = {
        "feed": feed, "after": after, "shared": shared, "limit": PAGE,
        "passed": passed.uri if passed else "", "passed_id": passed.file_id if passed else 0,
    }  # fmt: skip
    spent = {f"spent_{of}": query("clearing", "spent", books=sql.SQL(of[0])) for of in ("file", "member")}
    cursor.execute(query("clearing", "clearable", **spent), values)
    return [Clearable(*row) for row in cursor.fetchall()]


def shares(rules: Rules) -> bool:
    """Whether a file that is replaced asks for others again, because content makes their trades one."""
    return rules.on_overwrite == "replace" and not (rules.identity == "content" and rules.scope == "file")


def known_to(cursor: Any, feeds: Sequence[str], one: Clearable) -> set[str]:
    """Of these feeds those that have seen this version."""
    cursor.execute(query("clearing", "known_to"), {"feeds": list(feeds), "uri": one.uri, "version": one.version})
    return {str(feed) for (feed,) in cursor.fetchall()}


def mark(cursor: Any, one: Clearable, how: How, to: str | None) -> bool:
    """Note what is about to be done; False where the file is owed again by now."""
    cursor.execute(query("clearing", "mark"), {"file_id": one.file_id, "how": how, "to": to})
    return bool(cursor.fetchall())


def cleared(cursor: Any, one: Clearable, how: How, to: str | None) -> None:
    """The object is gone; of an archive the members with it."""
    cursor.execute(query("clearing", "cleared"), {"file_id": one.file_id, "how": how, "to": to})


def spared(cursor: Any, one: Clearable) -> None:
    """Another version is there: nothing was done."""
    cursor.execute(query("clearing", "spared"), {"file_id": one.file_id})
