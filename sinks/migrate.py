"""Bring the schema to this program's version: alembic runs the .sql files of sinks/migrations in order."""

from __future__ import annotations

from importlib import resources
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from sinks import database

_VERSION_TABLE = "tradewind_schema_version"


def migrate(dsn: str) -> str:
    """Run what is missing, all in one transaction, and return the version reached; works twice."""
    config = _config(dsn)
    command.upgrade(config, "head")
    return head()


def head() -> str:
    """The version this program needs."""
    return ScriptDirectory.from_config(_config("")).get_current_head() or ""


def current(dsn: str) -> str | None:
    """The version of the database, or None where it has no schema yet."""
    with _engine(dsn).connect() as connection:
        return MigrationContext.configure(connection, opts={"version_table": _VERSION_TABLE}).get_current_revision()


def _config(dsn: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("sinks") / "migrations"))
    config.attributes.update(engine=_engine(dsn), version_table=_VERSION_TABLE)
    return config


def _engine(dsn: str) -> Any:
    # alembic needs SQLAlchemy's engine; the connection itself is opened by this room like every other.
    return create_engine(
        "postgresql+psycopg2://",
        creator=lambda: database.connect(dsn, "tradewind migrate"),
        poolclass=NullPool,
    )
