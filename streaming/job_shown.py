"""A job's state as HTML, for notebooks: its run, how far it is, what it merged; everything in it is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from html import escape
from typing import Any

from sinks import database, ledger
from sinks.errors import ConnectionLost, DatabaseDown
from sinks.ledger import Owed
from sinks.runs import RunId

_CELL = "text-align:left;padding:0 1em 0 0"


def html(dsn: str, run_id: RunId, owing: Iterable[tuple[str, Owed]]) -> str:
    """The state of a run now; `owing` tells what each feed owes, and is asked only while the database answers."""
    try:
        with closing(database.connect(dsn, "tradewind notebook")) as asking:
            run = ledger.rows(asking, "run_told", run_id=run_id)[0]
            merged = ledger.rows(asking, "run_summary", run_id=run_id)[0]
        feeds = list(owing)
    except (ConnectionLost, DatabaseDown) as away:
        return f"<p>{escape(str(away))}</p>"
    files = sum(owed.files for _, owed in feeds)
    owed_rows = [(feed, owed.files, owed.bytes) for feed, owed in feeds]
    tables = _table(("feed", "owed files", "owed bytes"), owed_rows) + _table(tuple(merged), [tuple(merged.values())])
    return f"<div>{_title(run)}{_progress(run, files)}{tables}</div>"


def _title(run: dict[str, Any]) -> str:
    seconds = ((run["ended_at"] or datetime.now(UTC)) - run["started_at"]).total_seconds()
    reason = f": {run['reason']}" if run["reason"] else ""
    return f"<p><b>{escape(run['kind'])} {run['run_id']}</b> {escape(run['state'] + reason)}, {seconds:,.1f} s</p>"


def _progress(run: dict[str, Any], owed: int) -> str:
    """Of a backfill, whose total is known."""
    total = run["total_files"]
    if not total:
        return ""
    done = max(total - owed, 0)
    return f'<p><progress max="{total}" value="{done}"></progress> {done:,} of {total:,} files</p>'


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f'<th style="{_CELL}">{escape(name)}</th>' for name in columns)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return f'<td style="{_CELL}">{escape(text)}</td>'
