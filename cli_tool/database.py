"""`tradewind db`: the schema, the rights, and what retention removes."""

from __future__ import annotations

import typer

from cli_tool import options, shown, wiring
from sinks import migrate as schema
from sinks import retention, roles
from streaming.journaling import live_journal

app = typer.Typer(help="The database: schema, rights, retention.", no_args_is_help=True)


@app.command()
def migrate(ctx: typer.Context) -> None:
    """Bring the schema to this program's version; works twice."""
    typer.echo(f"The schema is at version {schema.migrate(options.settings(ctx).dsn())}.")


@app.command()
def status(ctx: typer.Context, as_json: options.Json = False) -> None:
    """The schema's version and the version this program needs; ends with 1 where they differ."""
    settings, needed = options.settings(ctx), schema.head()
    current = schema.current(settings.dsn()) if wiring.has_database(settings) else None
    row = {"current": current, "needed": needed, "up_to_date": current == needed}
    shown.listing([row], tuple(row), as_json=as_json, empty="")
    raise typer.Exit(0 if current == needed else 1)


@app.command("roles")
def print_roles() -> None:
    """Print the SQL that makes a role to ingest and a role to read, with no more rights than they need."""
    typer.echo(roles.script())


@app.command()
def prune(ctx: typer.Context, as_json: options.Json = False) -> None:
    """Remove rejects, batches, runs, dead letters and journal files past `[retention]`; ledger and trades stay."""
    settings = options.settings(ctx)
    kept = settings.retention
    with wiring.connected(settings) as connection:
        rows = retention.prune(connection, kept.rejects, kept.batches, kept.runs, kept.letters)
    gone = sum(live_journal(settings, feed).prune(kept.journal) for feed in settings.feeds)
    rows.append({"table": "journal", "removed": gone})
    shown.listing(rows, ("table", "removed"), as_json=as_json, empty="")
