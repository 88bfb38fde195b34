"""A key that stands twice in one file with different values: nothing tells which holds, so the file is set aside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from psycopg2 import sql

from sinks.books import Books
from sinks.matching import KEY, STATE
from sinks.queries import query
from sinks.work import Work, asks

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURE = (
    'if the later line replaces the earlier one, set identity.repeats = "newest" in the profile; else name all that '
    'tells trades apart in columns.trade_id, or use identity.kind = "content"; then `tradewind files retry`'
)


def set_aside(cursor: Any, work: Work) -> bool:
    """Give the files of such keys their failure, with up to three examples; True if there are any.

    Reads the table `repeated` (`matching.find_repeated`): equal rows are duplicates and no fault.
    """
    if work.rules.identity == "content" or work.rules.repeats == "newest" or not asks(cursor, work, "has_repeated"):
        return False
    parts = {"key": _named(*KEY), "state": _named(*STATE, of="i")}
    pair = {"one": _named(*STATE, of="a"), "other": _named(*STATE, of="b")}
    cursor.execute(query("merge", "conflicts", rows=work.rows, **parts, **pair))
    found = cursor.fetchall()
    for file_id, examples in groupby(found, itemgetter(0)):
        work.books[file_id].failure = ("quarantined", _reason(work.books[file_id], list(examples)))
    return bool(found)


def _named(*columns: str, of: str | None = None) -> sql.Composable:
    return sql.SQL(", ").join(sql.Identifier(of, name) if of else sql.Identifier(name) for name in columns)


def _reason(books: Books, examples: list[tuple[Any, ...]]) -> str:
    told = "; ".join(_example(books, row) for row in examples)
    keys = examples[0][1]
    return f"{keys:,} key{'s stand' if keys > 1 else ' stands'} twice with different values: {told}; {_CURE}"


def _example(books: Books, row: tuple[Any, ...]) -> str:
    """A row of the block `conflicts`: the key, both places, both states."""
    trade_id, symbol, venue, day, *places = row[2:10]
    first, second = _line(books, *places[:2]), _line(books, *places[2:])
    one, other = row[10 : 10 + len(STATE)], row[10 + len(STATE) :]
    values = ", ".join(_differences(dict(zip(STATE, one, strict=True)), dict(zip(STATE, other, strict=True))))
    return f"{trade_id} of {symbol}, {venue}, {day} in lines {first} and {second} ({values})"


def _line(books: Books, split: int, line: int) -> int:
    """The line of the file that is this one of the split."""
    return sum(lines for index, lines in books.split_lines.items() if index < split) + line


def _differences(one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    """Each value that is not the same in both, by the name of its column."""
    left, right = _told(one), _told(other)
    for name in left | right:
        if left.get(name) != right.get(name):
            yield f"{name} {_short(left.get(name))} and {_short(right.get(name))}"


def _told(state: dict[str, Any]) -> dict[str, Any]:
    """The state with the time in one, and the columns kept without a name of their own each for itself."""
    time = _EPOCH + timedelta(microseconds=state["event_us"])
    rest = {name: value for name, value in state.items() if name not in ("event_us", "event_nanos", "attributes")}
    at = f"{time:%Y-%m-%dT%H:%M:%S.%f}{state['event_nanos']:03d}Z"
    return {"event_time": at, **rest, **{f"attributes.{k}": v for k, v in (state["attributes"] or {}).items()}}


def _short(value: Any) -> str:
    return "nothing" if value is None else str(value)[:60]
