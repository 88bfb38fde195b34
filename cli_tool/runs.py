"""`tradewind runs`: who worked, works, or was asked to; and cancelling."""

from __future__ import annotations

from typing import Annotated

import typer

from cli_tool import options, shown, who, wiring
from sinks import asked_runs, database
from streaming.errors import StreamingError

app = typer.Typer(help="Streams, backfills, sweeps and commands: what ran, what runs.", no_args_is_help=True)

_COLUMNS = ("run_id", "kind", "feeds", "state", "started_at", "ended_at", "files", "records", "asked_by", "reason")


@app.command("list")
def list_runs(
    ctx: typer.Context,
    limit: options.Limit = 50,
    as_json: options.Json = False,
) -> None:
    """The newest first. `lost` is one whose process is gone without a word; what it held is owed again."""
    with wiring.connected(options.settings(ctx)) as connection:
        rows = asked_runs.listed(connection, limit)
    shown.listing(rows, _COLUMNS, as_json=as_json, empty="Nothing has run yet.")


@app.command()
def cancel(
    ctx: typer.Context,
    run_id: Annotated[int, typer.Argument(help="The run, as `runs list` shows it.")],
    as_json: options.Json = False,
) -> None:
    """Stop a backfill or sweep after what it has in hand; nothing is lost, and the next one goes on.

    Example: tradewind runs cancel 17
    """
    with wiring.connected(options.settings(ctx)) as connection, database.transaction(connection) as cursor:
        state = asked_runs.cancel(cursor, run_id, who.here().name)
        if state is not None:
            wiring.did(cursor, "cancel", {"run_id": run_id}, run_id)
    if state is None:
        raise StreamingError(f"no backfill, sweep or command {run_id} runs; `tradewind runs list` shows what does")
    shown.listing([{"run_id": run_id, "state": state}], ("run_id", "state"), as_json=as_json, empty="")
