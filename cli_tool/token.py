"""`tradewind token`: who may ask the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from psycopg2.extras import RealDictCursor

from cli_tool import linking, options, shown, who, wiring
from sinks import audit, database, tokens
from sinks.queries import query
from streaming import opening
from streaming.errors import SettingsError
from streaming.units import duration

app = typer.Typer(help="Tokens for the API: made, listed, revoked.", no_args_is_help=True)

_COLUMNS = ("name", "role", "created_at", "expires_at", "revoked_at")


class Role(StrEnum):
    viewer = "viewer"  # sees everything
    operator = "operator"  # … and acts: retries, sweeps, backfills, pauses


@app.command()
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Who or what asks with it: the audit names it.")],
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.viewer,
    expires: Annotated[str, typer.Option(help='When it ends: "90d", "12h", or "never".')] = "90d",
    as_json: options.Json = False,
) -> None:
    """Make a token. It is shown once, and only its digest is kept.

    Example: tradewind token create grafana --role viewer --expires 90d
    """
    until = None if expires == "never" else datetime.now(UTC) + duration(expires)
    with wiring.connected(options.settings(ctx)) as connection, _rows(connection) as cursor:
        token = tokens.create(cursor, name, role.value, until)
        if token:
            target = {"name": name, "role": role.value, "expires_at": until.isoformat() if until else None}
            audit.record(cursor, who.here(), None, "create token", target)
    if token is None:
        raise SettingsError(f"a token is called {name!r} already; `tradewind token list` shows them")
    if as_json:
        shown.line({"name": name, "role": role.value, "expires_at": until, "token": token})
    else:
        typer.echo("Shown once; keep it safe:", err=True)
        typer.echo(token)


@app.command()
def link(
    ctx: typer.Context, name: Annotated[str, typer.Argument(help="The token that the browser is signed in as.")]
) -> None:
    """Make a link that signs one browser in, once, within 15 minutes. It is shown once, and only its digest is kept.

    Example: tradewind token create ann --role viewer && tradewind token link ann
    """
    settings = options.settings(ctx)
    typer.echo(linking.made(opening.ready(settings), linking.base(settings), name))
    typer.echo(linking.ONCE, err=True)


@app.command("list")
def list_tokens(ctx: typer.Context, as_json: options.Json = False) -> None:
    """Every token without its secret."""
    with wiring.connected(options.settings(ctx)) as connection, _rows(connection) as cursor:
        cursor.execute(query("api/access", "tokens"))
        rows = [dict(row) for row in cursor.fetchall()]
    shown.listing(rows, _COLUMNS, as_json=as_json, empty="There is no token; `tradewind token create` makes one.")


@app.command()
def revoke(ctx: typer.Context, name: Annotated[str, typer.Argument(help="The token's name.")]) -> None:
    """End a token at once; sessions that began with it end too."""
    with wiring.connected(options.settings(ctx)) as connection, database.transaction(connection) as cursor:
        cursor.execute(query("api/access", "revoke_token"), {"name": name})
        found = cursor.fetchone()
        if found:
            audit.record(cursor, who.here(), None, "revoke token", {"name": name})
    if not found:
        raise SettingsError(f"no token in use is called {name!r}; `tradewind token list` shows them")
    typer.echo(f"The token {name!r} is revoked.")


@contextmanager
def _rows(connection: Any) -> Iterator[Any]:
    with database.transaction(connection), connection.cursor(cursor_factory=RealDictCursor) as cursor:
        yield cursor
