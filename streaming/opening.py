"""What has to hold before a job begins, whoever starts it: the schema, the compute, the feed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from datetime import date

from sinks import database, embedded, ledger, migrate
from sinks.errors import SchemaMissing
from streaming.errors import SettingsError, StreamingError
from streaming.settings import Settings

SERVERLESS = "IS_SERVERLESS"  # Databricks sets it to TRUE on serverless compute


def ready(settings: Settings) -> str:
    """The database's address, its schema up to date: the embedded one migrates itself, others are the operator's.

    Raises SchemaMissing where an operator has to migrate.
    """
    dsn = settings.dsn()
    if migrate.current(dsn) != migrate.head():
        if settings.database.url != embedded.EMBEDDED:
            raise SchemaMissing()
        migrate.migrate(dsn)
    return dsn


def for_locks(settings: Settings, dsn: str) -> str:
    """Where session locks are taken: past PgBouncer, should there be one."""
    return settings.direct_dsn() if settings.database.direct_url else dsn


def refuse_paused(dsn: str, feed: str) -> None:
    """Raises StreamingError where the feed is paused: a backfill of it would load nothing."""
    with closing(database.connect(dsn, "tradewind command")) as asking, database.transaction(asking) as cursor:
        if ledger.is_paused(cursor, feed):
            raise StreamingError(f"{feed}: the feed is paused and loads nothing; `tradewind resume {feed}` ends that")


def refuse_no_day(first: date | None, last: date | None) -> None:
    """Raises SettingsError where the last day lies before the first: nothing would be done, and nobody told."""
    if first and last and last < first:
        raise SettingsError(f"the first day, {first}, is after the last, {last}: no day lies between them")


def refuse_serverless(environ: Mapping[str, str] = os.environ) -> None:
    """Raises StreamingError on compute that runs no query without an end."""
    if environ.get(SERVERLESS, "").upper() == "TRUE":
        raise StreamingError(
            "Serverless compute runs no stream without an end. Use a backfill there, on a schedule or by a file arrival"
            " trigger: it loads what the ledger does not know, and ends. Or stream on a classic cluster"
        )
