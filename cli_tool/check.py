"""`tradewind check`: would it work? Configuration, database, source and the first files, changing nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any

import typer

from cli_tool import options, shown, wiring
from sinks import migrate
from streaming.archives import landing
from streaming.feeds import FeedPlan, plans
from streaming.trial import tried
from triggers.errors import TriggerError
from triggers.names import ignored_reason
from triggers.stores import Listed

_FIRST = 3  # files that are read
_ROWS = 3  # rows of each that are shown


def check(
    ctx: typer.Context,
    feed: Annotated[str | None, typer.Argument(help="One feed; without it all.")] = None,
    as_json: options.Json = False,
) -> None:
    """Check the configuration, the database and the source, and show how the first files would land."""
    settings = options.settings(ctx)
    made = wiring.has_database(settings)
    version = migrate.current(settings.dsn()) if made else None
    if not as_json:
        reached = "reached" if made else "embedded, made when first used"
        typer.echo(f"database: {reached}; schema {version or 'not made yet (it is made at the first start)'}")
    rows = [row for plan in plans(settings, [feed] if feed else ()) for row in _looked_at(plan)]
    if as_json:
        for row in rows:
            shown.line(row)
    else:
        for row in rows:
            _tell(row)
    if any(row["problem"] for row in rows):
        raise typer.Exit(1)


def _looked_at(plan: FeedPlan) -> list[dict[str, Any]]:
    try:
        found = list(islice(_rows(plan), _FIRST))
    except TriggerError as error:
        return [{"feed": plan.name, "uri": plan.prefix, "problem": str(error)}]
    return found or [{"feed": plan.name, "uri": plan.prefix, "problem": None, "note": "no files yet"}]


def _rows(plan: FeedPlan) -> Iterator[dict[str, Any]]:
    """How the first files would land; of a zip its members."""
    for listed in _files(plan):
        try:
            yield from (_read(plan, one) for one in landing(listed, plan.stores, plan.complete))
        except TriggerError as error:
            yield {"feed": plan.name, "uri": listed.uri, "problem": str(error)}


def _files(plan: FeedPlan) -> Iterator[Listed]:
    for listed in plan.stores.of(plan.prefix).list(plan.source.listed):
        if plan.source.matches(listed.uri) and not ignored_reason(listed.uri, plan.complete, plan.prefix):
            yield listed


def _read(plan: FeedPlan, listed: Listed) -> dict[str, Any]:
    trial = tried(listed, plan.profile, plan.stores.of(listed.uri), _ROWS, plan.max_rejects)
    row: dict[str, Any] = {"feed": plan.name, "uri": listed.uri, "problem": trial.problem}
    row |= {"trades": trial.trades, "rejects": trial.rejects}
    counts = trial.counts
    row |= {"lines": counts.lines, "records": counts.records, "rejected": counts.rejected}
    return row | {"ignored": counts.ignored, "ignored_by": counts.ignored_by, "warning": plan.profile.quotes_only}


def _tell(row: dict[str, Any]) -> None:
    typer.echo(f"\n{row['feed']}: {row['uri']}")
    if row.get("note") or row["problem"]:
        typer.echo(f"  {row['problem'] or row['note']}")
    if "records" in row:
        typer.echo(f"  {row['lines']:,} lines, {row['records']:,} records, {row['rejected']:,} rejected")
        if row["warning"]:
            typer.echo(f"  nothing will be loaded from this layout: {row['warning']}")
        elif row["ignored"]:
            typer.echo(f"  {row['ignored']:,} ignored: {shown.text(row['ignored_by'])}")
    for trade in row.get("trades", []):
        typer.echo("  " + "  ".join(f"{k}={v}" for k, v in trade.items()))
    for reject in row.get("rejects", []):
        typer.echo(f"  line {reject['line']}: {reject['column_name'] or 'the line'}: {reject['reason']}")
