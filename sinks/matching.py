"""Staged rows against the table: who is new, who is the same, who is newer; and the newer ones written over it."""

from __future__ import annotations

from typing import Any

from psycopg2 import sql

from sinks import partitions
from sinks.errors import Contention
from sinks.queries import query
from sinks.work import Work, dataset, execute

KEY = ("trade_id", "symbol", "venue", "trade_date")
STATE = (
    "event_us",
    "event_nanos",
    "trade_date",
    "side",
    "price",
    "quantity",
    "currency",
    "account",
    "attributes",
)
_FOUND = (
    "tableoid", "ctid", *KEY, "dataset_id", "recorded_at", "event_time", "event_nanos", "side", "price", "quantity",
    "currency", "account", "attributes", "corrected", "status", "file_id", "split", "line", "version", "cancelled_by",
    "cancelled_split", "cancelled_line", "cancelled_version",
)  # fmt: skip


def existing(work: Work, parts: list[partitions.Partition]) -> sql.Composable:
    """The tables in which this batch's trades can stand under their own dates, as one relation."""
    if len(parts) == 1:
        return parts[0].table
    columns = sql.SQL(", ").join(map(sql.Identifier, _FOUND))
    one = sql.SQL("SELECT {} FROM {}")
    every = [one.format(columns, part.table) for part in parts] or [one.format(columns, dataset(work))]
    return sql.SQL("({})").format(sql.SQL(" UNION ALL ").join(every))


def find_repeated(cursor: Any, rows: sql.Composable, action: int, *, by_day: bool = True) -> None:
    """Fill `repeated`: the keys that more than one of the rows has.

    Most often there are none, which their hashes tell in a third of the time.
    """
    values = {"action": action}
    cursor.execute(query("merge", "forget"))
    cursor.execute(query("merge", "may_repeat", rows=rows, key=_key(by_day)), values)
    wanted = sql.SQL("" if cursor.fetchone()[0] else "AND false")
    cursor.execute(query("merge", "repeated", rows=rows, key=_key(by_day), wanted=wanted), values)


def classify(cursor: Any, rows: sql.Composable, action: int, existing: sql.Composable, *, by_day: bool = True) -> None:
    """Fill `losers` and `matched` once `repeated` is; by_day looks a trade up under its own date, else over all.

    `losers` is asked only where it has rows: a question to a temporary table keeps all of the match in one process.
    """
    key = _key(by_day)
    state = sql.SQL(", ").join(sql.Identifier("i", c) for c in STATE)
    same_day = sql.SQL("AND t.trade_date = i.trade_date" if by_day else "")
    values = {"action": action}
    cursor.execute(query("merge", "losers", rows=rows, key=key, state=state), values)
    won = query("merge", "winners") if cursor.rowcount else sql.SQL("")
    match = query("merge", "match", rows=rows, same_day=same_day, existing=existing, only=won)
    cursor.execute(query("merge", "matched", match=match), values)
    cursor.execute("ANALYZE matched")


def match_moved(cursor: Any, work: Work) -> None:
    """What matches no trade of its own date may belong to one that a correction has moved to another date."""
    only = sql.SQL("{} {}").format(query("merge", "winners"), query("merge", "only_moved"))
    match = query("merge", "match", rows=work.rows, same_day=sql.SQL(""), existing=dataset(work), only=only)
    cursor.execute(query("merge", "matched_elsewhere", match=match), {"action": 0, "dataset_id": work.dataset_id})
    execute(cursor, work, "overtaken")


def _key(by_day: bool) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, KEY if by_day else KEY[:3]))


def apply(cursor: Any, work: Work, rows: sql.Composable, reason: str) -> None:
    """Write what is newer over what is in the table, the old state kept as a revision."""
    touched = sql.SQL("NOT (m.same AND m.reread)" if work.rules.identity == "id" else "NOT m.same")
    cursor.execute(query("merge", "changes", touched=touched))
    changes = cursor.fetchall()
    if changes:
        cursor.execute(query("merge", "keep_revisions"), {"reason": reason})
    for name, written, _ in changes:
        table, partition = sql.Identifier("tradewind", name), sql.Literal(f'tradewind."{name}"')
        update = query("merge", "update_in_place", rows=rows, touched=touched, table=table, partition=partition)
        _all_found(cursor, written, update)
    if any(moved for *_, moved in changes):
        cursor.execute(query("merge", "move", rows=rows, existing=dataset(work)), {"dataset_id": work.dataset_id})


def _all_found(cursor: Any, expected: int, update: sql.Composable) -> None:
    """Somebody else's UPDATE may have moved a trade since it was matched: then all of the merge is done again."""
    if not expected:
        return
    # The places come in the order of the pages. The planner takes them for random and would read the whole table.
    cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
    cursor.execute(update)
    written = cursor.rowcount
    cursor.execute("SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on")
    if written != expected:
        raise Contention(f"{written} trades stood where {expected} had been found")
