"""Bring the schema to this program's version: alembic runs the .sql files of sinks/migrations in order.

alembic takes longer to import than most commands take to run, so that it is imported to migrate alone.
"""

from __future__ import annotations

from contextlib import closing
from importlib import resources
from typing import TYPE_CHECKING, Any

from sinks import database

if TYPE_CHECKING:
    from alembic.config import Config

_VERSION_TABLE = "tradewind_schema_version"


def migrate(dsn: str) -> str:
    """Run what is missing, all in one transaction, and return the version reached; works twice."""
    from alembic import command

    command.upgrade(_config(dsn), "head")
    return head()


def head() -> str:
    """The version this program needs: that of its newest migration, by whose number the files are named."""
    names = [file.name for file in (resources.files("sinks") / "migrations" / "versions").iterdir()]
    return max(name.partition("_")[0] for name in names if name.endswith(".py"))


def current(dsn: str) -> str | None:
    """The version of the database, or None where it has no schema yet."""
    with closing(database.connect(dsn, "tradewind version")) as connection, database.transaction(connection) as cursor:
        return version(cursor)


def version(cursor: Any) -> str | None:
    """The same, asked on a connection that is there, of whichever kind its cursor is."""
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL AS made", (_VERSION_TABLE,))
    if not database.only(cursor.fetchone()):
        return None
    cursor.execute(f"SELECT version_num FROM {_VERSION_TABLE}")  # noqa: S608 - a name of ours
    row = cursor.fetchone()
    return str(database.only(row)) if row else None


def _config(dsn: str) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(resources.files("sinks") / "migrations"))
    config.attributes.update(engine=_engine(dsn), version_table=_VERSION_TABLE)
    return config


def _engine(dsn: str) -> Any:
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    # alembic needs SQLAlchemy's engine; the connection itself is opened by this room like every other.
    return create_engine(
        "postgresql+psycopg2://",
        creator=lambda: database.connect(dsn, "tradewind migrate"),
        poolclass=NullPool,
    )
