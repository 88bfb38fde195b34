"""`tradewind stream`, `backfill` and `sweep`: what brings files in."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

import structlog
import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from cli_tool import options, shown, wiring
from sinks import database, ledger
from streaming.errors import StreamingError
from streaming.feeds import FeedPlan, plans
from streaming.settings import SettingsError
from triggers.sweep import Window

log = structlog.get_logger()

Feeds = Annotated[list[str] | None, typer.Argument(help="The feeds to run; without any, all of them.")]
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
        _Alone(job.dsn, chosen, wait),
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
    if first and last and last < first:
        raise SettingsError(f"--from {first:%Y-%m-%d} is after --to {last:%Y-%m-%d}: no day lies between them")
    under = plan.source.prefix + prefix.lstrip("/") if prefix else ""
    with wiring.job(settings, "backfill", [plan]) as job, _Bar(as_json) as told:
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
    return f"No file{days} lies under {looked}: of {objects:,} that {plan.prefix} holds, none was meant."


def sweep(ctx: typer.Context, feeds: Feeds = None, as_json: options.Json = False) -> None:
    """Compare the store's listing with the ledger and journal what is missing, for the stream to load."""
    settings = options.settings(ctx)
    rows = []
    with wiring.job(settings, "sweep", plans(settings, feeds or ()), spark=False) as job:
        for plan in plans(settings, feeds or ()):
            counts = job.sweep(plan)
            rows.append(
                {
                    "feed": plan.name,
                    "listed": counts.objects,
                    "known": counts.known,
                    "journaled": counts.missing,
                    "ignored": counts.ignored,
                }
            )
    shown.listing(rows, ("feed", "listed", "known", "journaled", "ignored"), as_json=as_json, empty="")


class _Alone:
    """One stream a feed: holds the feeds' locks for as long as the stream lives."""

    def __init__(self, dsn: str, chosen: list[FeedPlan], wait: bool) -> None:
        self._connection = database.connect(dsn, "tradewind stream")
        for plan in chosen:
            self._lock(plan.name, wait)

    def _lock(self, feed: str, wait: bool) -> None:
        if ledger.lock_feed(self._connection, feed):
            return
        if not wait:
            self._connection.close()
            raise StreamingError(
                f"{feed}: another stream of this feed is running; stop it, or wait for its end with --wait"
            )
        log.warning("Another stream of this feed is running; waiting for its end", feed=feed)
        ledger.lock_feed(self._connection, feed, wait=True)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        self._connection.close()


class _Bar:
    """A progress bar over owed bytes on a terminal; JSON lines or silence elsewhere."""

    def __init__(self, as_json: bool) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, disable=as_json, transient=True)
        self._task: Any = None
        self._total = 0

    def __enter__(self) -> _Bar:
        self._progress.start()
        self._task = self._progress.add_task("loading", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, owed: ledger.Owed) -> None:
        self._total = max(self._total, owed.bytes)
        text = f"{owed.files:,} files owed"
        self._progress.update(
            self._task, total=self._total or None, completed=self._total - owed.bytes, description=text
        )
