"""The composition root: settings, database, session and job put together for one command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

import structlog

from cli_tool import who
from sinks import audit, database, embedded, runs
from sinks.errors import ConnectionLost, DatabaseDown
from sinks.runs import Run, RunId, RunKind
from streaming.errors import SettingsError
from streaming.feeds import FeedPlan
from streaming.opening import for_locks, ready
from streaming.settings import Settings

if TYPE_CHECKING:
    from streaming.job import Job  # most commands need none, and it brings all of the Arrow pass along

log = structlog.get_logger()

QUEUED = "TRADEWIND_RUN_ID"  # the run that this process was started for, by the API or by a scheduler
LOOK_EVERY = 1.0  # seconds between looks at whether the run was cancelled


class AskedToStop(KeyboardInterrupt):
    """A signal ended Spark, too, in the middle of what it did; what was claimed is given back and owed again."""


@contextmanager
def job(settings: Settings, kind: RunKind, plans: list[FeedPlan], *, spark: bool = True) -> Iterator[Job]:
    """A job within a run of its own; SIGTERM and Ctrl-C ask it to stop, and the run's end gives back its claims."""
    from streaming.job import Job

    dsn, stop = ready(settings), threading.Event()
    stopped = stop.is_set if kind != "stream" else lambda: False  # a stream has no other end
    with (
        signals(stop),
        runs.run(for_locks(settings, dsn), kind, [p.name for p in plans], queued(), stopped) as run,
        _cancellable(run, stop),
    ):
        if kind in ("backfill", "sweep"):
            _note(dsn, kind, [plan.name for plan in plans], run.run_id)
        theirs = _active()
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
            if session is not None and theirs is None:
                _stop(session, stop)


@contextmanager
def commanded(settings: Settings, feeds: Sequence[str]) -> Iterator[Any]:
    """A connection for a command that changes something; within the run that was queued for it, if one was."""
    dsn, asked = ready(settings), queued()
    with runs.run(for_locks(settings, dsn), "command", feeds, asked) if asked else nullcontext():
        connection = database.connect(dsn, "tradewind command")
        try:
            yield connection
        finally:
            connection.close()


def did(cursor: Any, action: str, target: Mapping[str, object], run_id: int | None = None) -> None:
    """A row of the audit for what is typed here; what the API or a scheduler asks for is in it already."""
    if queued() is None:
        audit.record(cursor, who.here(), None, action, target, run_id)


def _note(dsn: str, action: str, feeds: Sequence[str], run_id: RunId) -> None:
    with closing(database.connect(dsn, "tradewind audit")) as connection, database.transaction(connection) as cursor:
        did(cursor, action, {"feeds": list(feeds)}, run_id)


def queued() -> RunId | None:
    """The run that somebody has queued and started this process for. Raises SettingsError if that is no number."""
    told = os.environ.get(QUEUED)
    if told is None:
        return None
    if not told.isdecimal():
        raise SettingsError(f"{QUEUED} = {told!r} is no number of a run; unset it")
    return RunId(int(told))


@contextmanager
def _cancellable(run: Run, stop: threading.Event) -> Iterator[None]:
    """Set `stop` when somebody cancels the run."""
    over = threading.Event()
    looking = threading.Thread(target=_look, args=(run, stop, over), name="cancel", daemon=True)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()


def _look(run: Run, stop: threading.Event, over: threading.Event) -> None:
    while not over.wait(LOOK_EVERY) and not stop.is_set():
        with suppress(ConnectionLost, DatabaseDown):  # the work itself meets that, and tells it
            if run.cancelled():
                log.info("Cancelled; stopping")
                stop.set()


def _active() -> Any:
    """The session that a platform or a notebook has started, which is not ours to stop."""
    if "pyspark" not in sys.modules:
        return None
    from pyspark.sql import SparkSession

    return SparkSession.getActiveSession()


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
