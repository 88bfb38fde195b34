"""`tradewind stream`, `backfill` and `sweep`: what brings files in."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

import structlog
import typer

from cli_tool import options, shown, wiring
from cli_tool.bars import LoadBar, SweepBar
from sinks import ledger, sweeps
from streaming import opening
from streaming.alone import Alone
from streaming.feeds import FeedPlan, plans
from streaming.settings import Settings
from triggers.sweep import Window

log = structlog.get_logger()

Feeds = Annotated[list[str] | None, typer.Argument(help="The feeds to run; without any, all of them.")]
_SWEPT = (
    "feed", "objects", "outside", "ignored", "known", "awaited", "missed", "overwritten", "returned", "owed_too_long",
    "vanished", "phantom", "list_calls", "seconds",
)  # fmt: skip
_HISTORY = ("started_at", "why", *_SWEPT)
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


def stream(
    ctx: typer.Context,
    feeds: Feeds = None,
    wait: Annotated[bool, typer.Option(help="Wait for a stream of the same feed to end, instead of ending.")] = False,
) -> None:
    """Load files as they arrive, until Ctrl-C or SIGTERM.

    Example: tradewind stream spot
    """
    from streaming.health import Health

    settings = options.settings(ctx)
    chosen = plans(settings, feeds or ())
    with (
        suppress(wiring.AskedToStop),
        wiring.job(settings, "stream", chosen) as job,
        Alone(settings, [plan.name for plan in chosen], wait=wait, cure="stop it, or wait for its end with --wait"),
        Health(settings.stream.health_port, job) as health,
    ):
        log.info("Streaming", feeds=[p.name for p in chosen], health=health.address)
        job.stream(chosen)
    log.info("Stopped; nothing is left half done")


def backfill(
    ctx: typer.Context,
    feed: Annotated[str, typer.Argument(help="The feed whose history is loaded.")],
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First day (path's date, else modified)."),
    ] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.")] = None,
    prefix: Annotated[str, typer.Option(help="Only what lies under this part of the source.")] = "",
    as_json: options.Json = False,
) -> None:
    """Load what the store shows and the ledger does not know, then end.

    Ends with 3 when a file was quarantined. Example: tradewind backfill spot --from 2025-01-01 --to 2025-01-31
    """
    settings = options.settings(ctx)
    plan = plans(settings, [feed])[0]
    window = Window(first.date() if first else None, last.date() if last else None)
    opening.refuse_no_day(window.first, window.last)
    under = plan.source.prefix + prefix.lstrip("/") if prefix else ""
    opening.refuse_paused(opening.ready(settings), plan.name)
    with wiring.job(settings, "backfill", [plan]) as job, LoadBar(as_json) as told:
        counts = job.backfill(plan, window, under, told)
        done = not job.stop.is_set()
    with wiring.connected(settings) as connection:
        row = ledger.rows(connection, "run_summary", run_id=job.run_id)[0]
    shown.listing(
        [{"feed": plan.name, "listed": counts.objects, "new": counts.missing, **row}],
        ("feed", "listed", "new", *row), as_json=as_json, empty="",
    )  # fmt: skip
    if not done:
        raise typer.Exit(1)
    if counts.objects == counts.outside:
        typer.echo(_nothing(plan, under, counts.objects, first or last), err=True)
    if row["quarantined"]:
        typer.echo("Some files were quarantined: `tradewind files list --state quarantined` says why.", err=True)
        raise typer.Exit(3)


def _nothing(plan: FeedPlan, under: str, objects: int, dated: object) -> str:
    """Why a backfill that found nothing did so."""
    looked = f"{under or plan.prefix}{plan.source.glob if plan.source.glob and not under else ''}"
    days = " of these days" if dated else ""
    return f"No file{days} lies under {looked}: of {objects:,} that were listed, none was meant."


def sweep(
    ctx: typer.Context,
    feeds: Feeds = None,
    history: Annotated[bool, typer.Option("--history", help="Show the sweeps that were, the newest first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=options.LARGEST, help="Of the history at most so many.")] = 20,
    as_json: options.Json = False,
) -> None:
    """Compare the store's listing with the ledger and journal what is missing, for the stream to load.

    Example: tradewind sweep spot --json
    """
    settings = options.settings(ctx)
    chosen = plans(settings, feeds or ())
    if history:
        rows = _history(settings, [plan.name for plan in chosen] if feeds else None, limit)
    else:
        rows = _swept(settings, chosen, as_json)
    shown.listing(rows, _HISTORY if history else _SWEPT, as_json=as_json, empty="No sweep is known.")


def _swept(settings: Settings, chosen: list[FeedPlan], as_json: bool) -> list[dict[str, Any]]:
    with wiring.job(settings, "sweep", chosen, spark=False) as job, SweepBar(as_json) as bar:
        for plan in chosen:
            job.sweep(plan, bar.of(plan.name))
        if job.stop.is_set():
            raise typer.Exit(1)  # what was swept is written down; the next sweep goes on from there
        with wiring.connected(settings) as connection:
            return sweeps.of_run(connection, job.run_id)


def _history(settings: Settings, feeds: list[str] | None, limit: int) -> list[dict[str, Any]]:
    with wiring.connected(settings) as connection:
        return sweeps.history(connection, feeds, limit)
