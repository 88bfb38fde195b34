"""`tradewind checkpoints`: where the streams stand, and how to start one over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

import checkpoints.prune
import checkpoints.reset
from checkpoints.inspect import Place, inspect, places
from cli_tool import options, shown, wiring
from sinks import database, ledger
from streaming.alone import Alone
from streaming.errors import SettingsError
from streaming.settings import Settings

app = typer.Typer(
    help="Spark's positions. The ledger is the truth: without them nothing is lost or doubled.",
    no_args_is_help=True,
)

_MODES = ("events", "listing", "sweep")


@app.command()
def show(
    ctx: typer.Context,
    feed: Annotated[str | None, typer.Argument(help="Only this feed.")] = None,
    as_json: options.Json = False,
) -> None:
    """Position, age, size, and what the ledger says the feed still owes."""
    settings, rows = options.settings(ctx), []
    with wiring.connected(settings) as connection:
        for place in places(settings.checkpoints, feed):
            row = inspect(place, datetime.now(UTC)).to_json()
            with database.transaction(connection) as cursor:
                row["owed_files"] = ledger.owed(cursor, row["feed"]).files
            rows.append(row)
    if feed and not rows:
        _known(settings, feed)
    columns = ("feed", "mode", "planned", "committed", "age", "size", "owed_files")
    shown.listing(rows, columns, as_json=as_json, empty="There are no checkpoints yet.")


@app.command()
def reset(
    ctx: typer.Context,
    feed: Annotated[str, typer.Argument(help="The feed; its stream must not be running.")],
    mode: Annotated[str | None, typer.Option(help="Only this mode: events, listing, sweep or backfill-N.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Forget a stream's position. Nothing is lost or doubled: the ledger knows every loaded version."""
    settings = options.settings(ctx)
    found = [place for place in places(settings.checkpoints, feed) if mode in (None, place.mode)]
    if not found:
        _known(settings, feed, mode)
        typer.echo(f"{feed} has no {f'{mode} ' if mode else ''}checkpoint; there is nothing to reset.")
        return
    typer.echo(checkpoints.reset.MEANING)
    if not yes:
        typer.confirm(f"Reset {', '.join(place.mode for place in found)} of {feed}?", abort=True)
    with _unused(settings, found):
        for place in found:
            removed = checkpoints.reset.reset(place.folder)
            typer.echo(f"Removed {place.mode}: {removed.files if removed else 0} files.")


@app.command()
def prune(
    ctx: typer.Context,
    older_than: Annotated[int, typer.Option("--older-than", min=0, max=36_500, help="Days since last touched.")] = 7,
) -> None:
    """Remove what finished backfills left behind."""
    settings = options.settings(ctx)
    with wiring.connected(settings) as connection:

        def finished(feed: str, _backfill: str) -> bool:
            with database.transaction(connection) as cursor:
                return ledger.owed(cursor, feed).files == 0

        removed = checkpoints.prune.prune(
            settings.checkpoints, settings.journals, timedelta(days=older_than), datetime.now(UTC), finished
        )
    typer.echo(f"Removed {len(removed)} checkpoints of finished backfills.")


def _known(settings: Settings, feed: str, mode: str | None = None) -> None:
    """Of a feed that was taken out of the configuration a checkpoint may be left; a name without one is a slip."""
    if feed not in settings.feeds:
        raise SettingsError(f"no feed is called {feed!r}; there are {', '.join(settings.feeds) or 'none'}")
    if mode is not None and mode not in _MODES and not re.fullmatch(r"backfill-\w+", mode):
        raise SettingsError(f"no mode is called {mode!r}; there are {', '.join(_MODES)} and backfill-N")


def _unused(settings: Settings, places: Sequence[Place]) -> AbstractContextManager[None]:
    """Spark writes on into a checkpoint that is removed under it, and then fails: no stream of the feed may run."""
    streams = {place.feed for place in places if place.mode in _MODES}
    return Alone(settings, sorted(streams), cure="stop it first")
