"""Connections to PostgreSQL, and the one place where its errors are translated: by SQLSTATE, never by text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - the driver names its class in lower case

from sinks import errors

_BY_STATE: dict[str, type[errors.SinkError]] = {
    "40001": errors.Contention,
    "40P01": errors.Contention,
    "55P03": errors.Contention,
    "23505": errors.Contention,
    "42P17": errors.Contention,  # two merges attached the same month: the next try finds it there
    "42P07": errors.Contention,  # … or created its table
    "57P01": errors.ConnectionLost,
    "57P02": errors.ConnectionLost,
    "57P03": errors.ConnectionLost,
    "53300": errors.ConnectionLost,
    "53100": errors.DatabaseFull,
    "42P01": errors.SchemaMissing,
    "3F000": errors.SchemaMissing,
    "42703": errors.SchemaMissing,
    "42501": errors.RightsMissing,
    "57014": errors.TookTooLong,
}


def connect(dsn: str, name: str = "tradewind", **options: Any) -> Connection:
    """Open a connection whose sessions speak UTC and name themselves in pg_stat_activity.

    Raises DatabaseDown when nothing answers or the server refuses.
    """
    try:
        opened: Connection = psycopg2.connect(
            dsn,
            application_name=name,
            connect_timeout=10,
            keepalives_idle=30,
            options="-c timezone=UTC -c datestyle=ISO",
            **options,
        )
        return opened
    except psycopg2.OperationalError as error:
        raise errors.DatabaseDown(str(error).strip()) from error


def execute_alone(dsn: str, statement: str) -> None:
    """One statement in no transaction, on a connection of its own: CREATE DATABASE, CHECKPOINT and VACUUM want that."""
    connection = psycopg2.connect(dsn)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


def translate(error: psycopg2.Error) -> errors.SinkError:
    """The room's own error for a driver's error."""
    state = error.pgcode or ""
    if state == "23514" and (error.diag.constraint_name or "").startswith("books"):
        return errors.BooksUnbalanced(str(error).strip())
    # Without a state the server did not speak; where the driver refused the statement, it never will.
    refused = isinstance(error, psycopg2.ProgrammingError | psycopg2.DataError | psycopg2.NotSupportedError)
    if (not state and not refused) or state.startswith("08"):
        return errors.ConnectionLost(str(error).strip())
    return _BY_STATE.get(state, errors.SinkError)(f"{str(error).strip()} (SQLSTATE {state})")


@contextmanager
def translated() -> Iterator[None]:
    """Raise this room's errors instead of the driver's."""
    try:
        yield
    except psycopg2.Error as error:
        raise translate(error) from error


@contextmanager
def transaction(connection: Connection) -> Iterator[Any]:
    """One transaction and its cursor: committed at the end, rolled back on any error, errors translated."""
    with translated(), connection, connection.cursor() as cursor:
        yield cursor


def only(row: Any) -> Any:
    """The only value of a row, whichever kind of cursor gave it."""
    return next(iter(row.values())) if isinstance(row, dict) else row[0]
