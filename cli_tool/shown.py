"""What a command shows: a table for people, one JSON object a line for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text


def listing(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str) -> None:
    """Rows as JSON lines with every field, or as a table of `columns`; `empty` is said where there are none."""
    entries = list(rows)
    if as_json:
        for row in entries:
            line(row)
    elif entries:
        _console().print(_table(entries, columns))
    else:
        typer.echo(empty)


def line(row: Mapping[str, Any]) -> None:
    """One JSON object on a line of its own."""
    typer.echo(json.dumps(dict(row), default=plain, ensure_ascii=False))


def plain(value: object) -> object:
    """Times as ISO 8601 in UTC, decimals as exact text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def text(value: object) -> str:
    """A cell: numbers grouped, times to the second, parts by their names, nothing for NULL."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.1f}"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {text(part)}" for name, part in value.items())
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return "" if value is None else str(value)


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in columns:
        numeric = any(isinstance(row.get(name), int | float) for row in rows)
        table.add_column(
            name.replace("_", " "), justify="right" if numeric else "left", no_wrap=numeric, overflow="fold"
        )
    for row in rows:
        # Text, not str: a reason may hold brackets, which rich would take for markup.
        table.add_row(*(Text(text(row.get(name))) for name in columns))
    return table


def _console() -> Console:
    """The terminal's width; into a pipe, lines are as long as they need."""
    console = Console()
    return console if console.is_terminal else Console(width=1000)
