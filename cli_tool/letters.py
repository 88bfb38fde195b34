"""`tradewind letters`: messages of queues that nobody could read."""

from __future__ import annotations

import base64
from typing import Annotated, Any

import typer

from cli_tool import options, shown, wiring
from sinks import letters

app = typer.Typer(help="Messages of queues that nobody could read, kept with their bodies.", no_args_is_help=True)

Letters = Annotated[
    list[int], typer.Argument(min=1, max=options.LARGEST, help="Their numbers, as `letters list` shows them.")
]
_COLUMNS = ("letter_id", "queue", "message_id", "reason", "deliveries", "bytes", "received_at")


@app.command("list")
def list_letters(
    ctx: typer.Context,
    queue: Annotated[str | None, typer.Option(help="Only those of this queue.")] = None,
    limit: options.Limit = 1000,
    as_json: options.Json = False,
) -> None:
    """Every kept message without its body, the oldest first."""
    with wiring.connected(options.settings(ctx)) as connection:
        rows = letters.listed(connection, queue, limit)
    shown.listing(rows, _COLUMNS, as_json=as_json, empty="No message is kept: all could be read.")


@app.command()
def show(ctx: typer.Context, numbers: Letters, as_json: options.Json = False) -> None:
    """Whole messages. A body that is no text is shown in base64; JSON says which under `encoding`."""
    with wiring.connected(options.settings(ctx)) as connection:
        rows = [_readable(row) for row in letters.shown(connection, numbers)]
    for row in rows:
        shown.line(row) if as_json else _tell(row)
    _miss(numbers, [row["letter_id"] for row in rows])


@app.command()
def drop(ctx: typer.Context, numbers: Letters, as_json: options.Json = False) -> None:
    """Forget messages that were looked at; `[retention] letters` does it by itself after a while."""
    with wiring.connected(options.settings(ctx)) as connection:
        gone = letters.drop(connection, numbers)
    rows = [{"letter_id": number, "dropped": True} for number in sorted(gone)]
    shown.listing(rows, ("letter_id", "dropped"), as_json=as_json, empty="Nothing was dropped.")
    _miss(numbers, gone)


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    try:
        return row | {"body": row["body"].decode(), "encoding": "utf-8"}
    except UnicodeDecodeError:
        return row | {"body": base64.b64encode(row["body"]).decode(), "encoding": "base64"}


def _tell(row: dict[str, Any]) -> None:
    for key, value in row.items():
        if key != "body":
            typer.echo(f"{key:>14}  {shown.text(value)}")
    typer.echo(f"{row['body']}\n")


def _miss(asked: list[int], found: list[int]) -> None:
    if missing := sorted(set(asked) - set(found)):
        named = ", ".join(map(str, missing))
        typer.echo(f"No letter is called {named}; `tradewind letters list` shows which there are.", err=True)
        raise typer.Exit(1)
