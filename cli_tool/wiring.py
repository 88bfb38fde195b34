"""The composition root: settings, database, session and job put together for one command."""

from __future__ import annotations

import signal
import subprocess
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from sinks import database, embedded, migrate, runs
from sinks.errors import SchemaMissing
from sinks.runs import RunKind
from streaming.feeds import FeedPlan
from streaming.job import Job
from streaming.settings import Settings

log = structlog.get_logger()


class AskedToStop(KeyboardInterrupt):
    """A signal ended Spark, too, in the middle of what it did; what was claimed is given back and owed again."""


def ready(settings: Settings) -> str:
    """The database's address, its schema up to date: the embedded one migrates itself, others are the operator's.

    Raises SchemaMissing where an operator has to migrate.
    """
    dsn = settings.dsn()
    if migrate.current(dsn) != migrate.head():
        if settings.database.url != "embedded":
            raise SchemaMissing()
        migrate.migrate(dsn)
    return dsn


@contextmanager
def job(settings: Settings, kind: RunKind, plans: list[FeedPlan], *, spark: bool = True) -> Iterator[Job]:
    """A job within a run of its own; SIGTERM and Ctrl-C ask it to stop, and the run's end gives back its claims."""
    dsn, stop = ready(settings), threading.Event()
    with (
        signals(stop),
        runs.run(settings.direct_dsn() if settings.database.direct_url else dsn, kind, [p.name for p in plans]) as run,
    ):
        session = _session(settings, plans, stop) if spark or any(p.by_spark for p in plans) else None
        try:
            # Again, because a new Spark context takes Ctrl-C for itself and would end us in the middle.
            with signals(stop):
                yield Job(settings, dsn, session, run, stop)
        except Exception as error:
            if stop.is_set() and _java_is_gone():
                raise AskedToStop from error
            raise
        finally:
            if session is not None:
                _stop(session, stop)


def _session(settings: Settings, plans: list[FeedPlan], stop: threading.Event) -> Any:
    from streaming.session import local_session

    try:
        return local_session(settings, plans)
    except Exception as error:
        if stop.is_set():
            raise AskedToStop from error
        raise


def _stop(session: Any, stop: threading.Event) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Unable to cleanly shutdown Spark JVM", RuntimeWarning)
        try:
            session.stop()
        except Exception as error:
            if not (stop.is_set() and _java_is_gone()):
                raise
            log.info("Spark had ended before it was stopped", reason=type(error).__name__)


def _java_is_gone(patience: float = 5.0) -> bool:
    """Whether Spark's process has ended, or does so now: a signal to all of a group ends it before us."""
    from pyspark import SparkContext

    process = getattr(SparkContext._gateway, "proc", None)
    if process is None:
        return False
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        return False
    return True


def has_database(settings: Settings) -> bool:
    """False only where the embedded PostgreSQL was never used: looking must not make it."""
    return settings.database.url != embedded.EMBEDDED or embedded.version_of(settings.state.dir) is not None


@contextmanager
def connected(settings: Settings, name: str = "tradewind command") -> Iterator[Any]:
    """A connection for a command that only asks."""
    connection = database.connect(ready(settings), name)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def signals(stop: threading.Event) -> Iterator[None]:
    """SIGTERM and Ctrl-C set `stop`, for as long as this lasts."""

    def asked(_number: int, _frame: object) -> None:
        stop.set()

    before = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
