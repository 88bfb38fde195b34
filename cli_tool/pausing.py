"""`tradewind pause` and `resume`: whether a feed loads what arrives."""

from __future__ import annotations

from typing import Annotated

import typer

from cli_tool import options, shown, wiring
from sinks import database, ledger
from streaming.errors import SettingsError, StreamingError

Feed = Annotated[str, typer.Argument(help="The feed.")]


def pause(ctx: typer.Context, feed: Feed, as_json: options.Json = False) -> None:
    """Let a feed load nothing until `tradewind resume`; what arrives meanwhile is registered and owed.

    The merge under way is finished. Example: tradewind pause spot
    """
    _set(ctx, feed, as_json, paused=True)


def resume(ctx: typer.Context, feed: Feed, as_json: options.Json = False) -> None:
    """Let a paused feed load again, what arrived meanwhile first.

    Example: tradewind resume spot
    """
    _set(ctx, feed, as_json, paused=False)


def _set(ctx: typer.Context, feed: str, as_json: bool, *, paused: bool) -> None:
    settings = options.settings(ctx)
    if feed not in settings.feeds:
        raise SettingsError(f"no feed is called {feed!r}; there are {', '.join(settings.feeds) or 'none'}")
    with wiring.commanded(settings, [feed]) as connection, database.transaction(connection) as cursor:
        wiring.did(cursor, "pause" if paused else "resume", {"feed": feed})
        if not ledger.pause(cursor, feed, paused=paused):
            raise StreamingError(f"{feed}: the ledger does not know it yet; it does once a stream or backfill ran")
    shown.listing([{"feed": feed, "paused": paused}], ("feed", "paused"), as_json=as_json, empty="")
