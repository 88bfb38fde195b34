"""Links that sign a browser in once: made by whoever may run commands beside the database."""

from __future__ import annotations

from contextlib import closing

from psycopg2.extras import RealDictCursor

from cli_tool import who
from sinks import audit, database, links, tokens
from sinks.tokens import Role
from streaming.errors import SettingsError
from streaming.settings import Settings

ONCE = f"It signs in once, within {links.LIFE.total_seconds() / 60:.0f} minutes."


def own(dsn: str, address: str) -> str:
    """A link for this machine's own account; see `made`."""
    return made(dsn, address, who.here().name, "operator")


def made(dsn: str, address: str, name: str, role: Role | None = None) -> str:
    """A link that signs in as the token `name`, which is made where there is none and a role is given.

    The secret of such a token nobody has: it stands for the sessions of its links. Raises SettingsError where no token
    of this name is in use.
    """
    with (
        closing(database.connect(dsn, "tradewind command")) as connection,
        database.transaction(connection),
        connection.cursor(cursor_factory=RealDictCursor) as cursor,
    ):
        if role and tokens.create(cursor, name, role, None):
            audit.record(cursor, who.here(), None, "create token", {"name": name, "role": role})
        if secret := links.create(cursor, name):
            audit.record(cursor, who.here(), None, "create link", {"name": name})
    if secret is None:
        raise SettingsError(f"no token in use is called {name!r}; `tradewind token create {name}` makes one")
    return address + links.fragment(secret)


def base(settings: Settings, served: str | None = None) -> str:
    """Where browsers find the pages: past the declared proxy, else as `served`, else where they would be."""
    api = settings.api
    told = "127.0.0.1" if api.private else api.host  # a container's port, as its own machine sees it
    host = f"[{told}]" if ":" in told else told
    if api.tls and api.hosts:
        return f"https://{api.hosts[0]}"
    return served or f"http://{host}:{api.port}"
