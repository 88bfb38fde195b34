"""`tradewind completeness`: which days of a feed have files, what became of them, and which have none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import typer

from cli_tool import options, shown, wiring
from sinks import days
from streaming import opening
from streaming.errors import SettingsError
from streaming.feeds import plans

_COLUMNS = ("day", "expected", "files", "loaded", "owed", "quarantined", "vanished", "records", "rejected")
WINDOW = timedelta(days=29)
DAY = timedelta(days=1)


def completeness(
    ctx: typer.Context,
    feed: Annotated[str, typer.Argument(help="The feed.")],
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First day; else 30 days up to the last."),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included; else the newest."),
    ] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Only days that expect files and have none.")] = False,
    as_json: options.Json = False,
) -> None:
    """Show each day of a feed: its files by what became of them, their books, and the days without files.

    A file's day is that of its path, else of its first trade, else of its last change (UTC). The feed's `calendar`
    says which days expect files: every day, or with "weekdays" Monday to Friday.

    Example: tradewind completeness spot --from 2025-01-01 --to 2025-01-31 --missing
    """
    settings = options.settings(ctx)
    plan = plans(settings, [feed])[0]
    with wiring.connected(settings) as connection:
        end = last.date() if last else days.newest(connection, plan.name)
        begin = first.date() if first else end and max(end, date.min + WINDOW) - WINDOW
        _refuse_none(begin, end, told=last is not None)
        found = days.between(connection, plan.name, begin, end) if begin and end else {}
    weekdays = settings.feeds[feed].calendar == "weekdays"
    rows = [row for row in _rows(feed, begin, end, found, weekdays) if not missing or row["missing"]]
    empty = "No day that expects files is without." if missing and end else "The ledger holds no file of this feed."
    shown.listing(rows, _COLUMNS, as_json=as_json, empty=empty)


def _refuse_none(begin: date | None, end: date | None, *, told: bool) -> None:
    """Days after the newest file's are those without files: that there are none must not be the answer."""
    if begin and end and begin > end and not told:
        raise SettingsError(f"the newest file is of {end}, before --from {begin}: --to tells up to which day to look")
    opening.refuse_no_day(begin, end)


def _rows(
    feed: str, begin: date | None, end: date | None, found: dict[date, dict[str, Any]], weekdays: bool
) -> Iterator[dict[str, Any]]:
    """One a day, oldest first; one without files has noughts."""
    if begin is None or end is None:
        return
    for number in range((end - begin).days + 1):
        day = begin + number * DAY
        row = found.get(day) or {"feed": feed, "day": day, **dict.fromkeys(days.COUNTS, 0)}
        expected = not weekdays or day.weekday() < 5
        yield row | {"expected": expected, "missing": expected and not row["files"]}
