"""`tradewind files`: the ledger, listed, shown and retried."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import Annotated

import typer
from psycopg2.extensions import connection as Connection  # noqa: N812 - as in sinks.database

from cli_tool import options, shown, wiring
from sinks import database, ledger
from sinks.ledger import STATES
from sinks.queries import query
from streaming import opening
from streaming.clearing import clearance
from streaming.errors import SettingsError, StreamingError
from streaming.feeds import plans
from streaming.settings import Settings

app = typer.Typer(help="What the ledger knows of every file: state, books, rejects.", no_args_is_help=True)

State = Annotated[str | None, typer.Option(help="Only this state, such as quarantined, waiting or loaded.")]
Version = Annotated[str | None, typer.Option(help="Only this version of it, as `files show` tells it.")]
_COLUMNS = ("feed", "file", "state", "records", "inserted", "updated", "unchanged", "rejected", "reason")


def _known(settings: Settings, feed: str | None, state: str | None) -> None:
    """A name that cannot be meant is refused, instead of finding nothing."""
    if feed is not None and feed not in settings.feeds:
        raise SettingsError(f"no feed is called {feed!r}; there are {', '.join(settings.feeds) or 'none'}")
    if state is not None and state not in STATES:
        raise SettingsError(f"no state is called {state!r}; a file is {', '.join(STATES)}")


@app.command("list")
def list_files(
    ctx: typer.Context,
    feed: Annotated[str | None, typer.Option(help="Only this feed.")] = None,
    state: State = None,
    limit: options.Limit = 1000,
    as_json: options.Json = False,
) -> None:
    """Every object version with its state and books, the oldest first; whether there are more than --limit is said.

    Example: tradewind files list --feed spot --state quarantined --limit 5000
    """
    settings = options.settings(ctx)
    _known(settings, feed, state)
    with wiring.connected(settings) as connection:
        rows = ledger.rows(connection, "files", feed=feed, state=state, uri=None, limit=min(limit + 1, options.LARGEST))
    entries = rows if as_json else [row | {"file": _named(row)} for row in rows]
    shown.listing(entries[:limit], _COLUMNS, as_json=as_json, empty="The ledger holds no such file.")
    if len(rows) > limit:
        typer.echo(f"These are the first {limit:,}, and there are more: --limit, --feed and --state choose.", err=True)


@app.command()
def show(
    ctx: typer.Context,
    uri: Annotated[
        str, typer.Argument(help="The file's uri, or the end of it after a slash; an archive with its members.")
    ],
    as_json: options.Json = False,
) -> None:
    """One file's versions, books and rejected lines."""
    with wiring.connected(options.settings(ctx)) as connection:
        rows = ledger.rows(connection, "files", feed=None, state=None, uri=uri, limit=100)
        for row in rows:
            row["rejects"] = ledger.rows(connection, "rejects", file_id=row["file_id"], limit=100)
    if not rows:
        typer.echo(f"The ledger knows no file {uri!r}; `tradewind files list` shows what it knows.", err=True)
        raise typer.Exit(1)
    for row in rows:
        shown.line(row) if as_json else _tell(row)


@app.command()
def retry(
    ctx: typer.Context,
    feed: Annotated[str, typer.Argument(help="The feed.")],
    uri: Annotated[
        str | None, typer.Argument(help="One file, or an archive's members; without it all of that state.")
    ] = None,
    state: Annotated[
        str | None, typer.Option(help="The state to retry; else quarantined, and of a named file any that has ended.")
    ] = None,
    version: Version = None,
    as_json: options.Json = False,
) -> None:
    """Owe files again, after the cause was mended: the running stream takes them, else the next start or backfill."""
    settings = options.settings(ctx)
    _known(settings, feed, state)
    states = [state] if state else ["quarantined"] if uri is None else ["quarantined", "vanished", "loaded", "waiting"]
    with wiring.commanded(settings, [feed]) as connection:
        with database.transaction(connection) as cursor:
            cursor.execute(query("ledger", "retry"), {"feed": feed, "uri": uri, "version": version, "states": states})
            found = cursor.fetchall()
            wiring.did(cursor, "retry", {"feed": feed, "uri": uri, "states": states, "files": len(found)})
        if uri is not None and not found:
            _in_ledger(connection, feed, uri)
    rows = [{"feed": feed, "uri": row[1], "version": row[2], "state": "discovered"} for row in found]
    shown.listing(rows, ("feed", "uri", "state"), as_json=as_json, empty="Nothing to retry.")


def _in_ledger(connection: Connection, feed: str, uri: str) -> None:
    if not ledger.rows(connection, "files", feed=feed, state=None, uri=uri, limit=1):
        raise StreamingError(f"{feed}: the ledger knows no file {uri!r}; `tradewind files list` shows what it knows")


@app.command()
def ignore(
    ctx: typer.Context,
    feed: Annotated[str, typer.Argument(help="The feed.")],
    uri: Annotated[str, typer.Argument(help="The file, or an archive for its members.")],
    reason: Annotated[str, typer.Option(help="Why: the ledger keeps it.")] = "ignored by an operator",
    version: Version = None,
    as_json: options.Json = False,
) -> None:
    """Owe a file no more that was never loaded: one quarantined, waiting or vanished. `files retry --state ignored`
    takes that back.

    Example: tradewind files ignore spot 2025-01-07.csv --reason "the vendor sent a test file"
    """
    settings = options.settings(ctx)
    _known(settings, feed, None)
    with wiring.commanded(settings, [feed]) as connection, database.transaction(connection) as cursor:
        cursor.execute(query("ledger", "ignore"), {"feed": feed, "uri": uri, "version": version, "reason": reason})
        rows = [{"feed": feed, "uri": row[1], "version": row[2], "state": "ignored"} for row in cursor.fetchall()]
        if not rows:
            raise StreamingError(f"{feed}: no file {uri!r} is owed or set aside that was never loaded")
        wiring.did(cursor, "ignore", {"feed": feed, "uri": uri, "reason": reason})
    shown.listing(rows, ("feed", "uri", "state"), as_json=as_json, empty="")


@app.command()
def clear(
    ctx: typer.Context,
    feeds: Annotated[list[str] | None, typer.Argument(help="The feeds; without any, all of them.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")] = False,
    as_json: options.Json = False,
) -> None:
    """Archive or delete loaded files as `after_load` says: those whose time has come, as the stream does every hour."""
    settings, stop = options.settings(ctx), threading.Event()
    everything, dsn = plans(settings), opening.ready(settings)
    rows = [
        asdict(one)
        for plan in plans(settings, feeds or ())
        for one in clearance(plan, everything, dsn, stop, dry_run=dry_run)
    ]
    shown.listing(rows, ("feed", "uri", "size", "how", "to"), as_json=as_json, empty="Nothing is to be cleared.")


def _named(row: dict[str, object]) -> str:
    """Enough of a uri to know the file by, a member by its archive; `--json` and `files show` have all of it."""
    file, mark, member = str(row["uri"]).partition("!")
    return "/".join(file.split("/")[-2:]) + mark + member


def _tell(row: dict[str, object]) -> None:
    rejects = row.pop("rejects")
    for key, value in row.items():
        if value is not None:
            typer.echo(f"{key:>14}  {shown.text(value)}")
    for reject in rejects:  # type: ignore[attr-defined]
        typer.echo(
            f"  line {reject['line']}: {reject['column_name'] or 'the line'}: {reject['reason']}\n"
            f"    {reject['raw'][:500]}"
        )
    typer.echo("")
