"""The job in a notebook: with the session that is there, which is left running, and with its state shown meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

from sinks import runs
from sinks.runs import RunKind
from streaming import opening
from streaming.alone import Alone
from streaming.feeds import FeedPlan, plans
from streaming.job import Job
from streaming.session import local_session
from streaming.settings import Settings, load
from triggers.sweep import Window

SHOWN_EVERY = 0.5  # seconds between two looks at the database for what is shown


def backfill(
    feed: str,
    config: Path | str | None = None,
    *,
    first: date | None = None,
    last: date | None = None,
    prefix: str = "",
    session: Any = None,
) -> Job:
    """Load what the store shows and the ledger does not know, as `tradewind backfill` does; the job, when it is done.

    `config` is found as the command line finds it; `first` and `last` are days, both included. `session` is the Spark
    session to use: without one the active one, also of Connect, else a local one, which later calls find again. None is
    stopped. Raises what the command would tell.
    """
    opening.refuse_no_day(first, last)
    settings = _loaded(config)
    plan = plans(settings, [feed])[0]
    opening.refuse_paused(opening.ready(settings), feed)
    under = plan.source.prefix + prefix.lstrip("/") if prefix else ""
    with _job("backfill", settings, [plan], session) as (job, told):
        job.backfill(plan, Window(first, last), under, lambda _: told())
    return job


def stream(feeds: Sequence[str] = (), config: Path | str | None = None, *, session: Any = None) -> Job:
    """Load files as they arrive until the cell is interrupted; see `backfill` for configuration and session.

    Raises StreamingError on serverless compute, and where a feed has a stream already.
    """
    opening.refuse_serverless()
    settings = _loaded(config)
    chosen = plans(settings, feeds)
    with (
        _job("stream", settings, chosen, session) as (job, told),
        Alone(settings, [plan.name for plan in chosen], cure="stop it first"),
        suppress(KeyboardInterrupt),
    ):
        job.stream(chosen, told)
    return job


def _loaded(config: Path | str | None) -> Settings:
    return load(Path(config) if config is not None else None)


@contextmanager
def _job(
    kind: RunKind, settings: Settings, chosen: list[FeedPlan], session: Any
) -> Iterator[tuple[Job, Callable[[], None]]]:
    """A job within a run of its own, and what shows its state anew."""
    dsn = opening.ready(settings)
    show: Callable[[], None] = _nothing
    try:
        with runs.run(opening.for_locks(settings, dsn), kind, [plan.name for plan in chosen]) as run:
            job = Job(settings, dsn, session or local_session(settings, chosen), run)
            show = _showing(job)
            yield job, _seldom(show)
    finally:
        show()  # the run has ended by now, well or not


def _showing(job: Job) -> Callable[[], None]:
    """What shows the job where it was first shown; nothing outside of a notebook."""
    try:
        from IPython.core.getipython import get_ipython
        from IPython.display import display
    except ImportError:
        return _nothing
    if not hasattr(get_ipython(), "kernel"):
        return _nothing
    shown = display(job, display_id=True)
    return lambda: shown.update(job)


def _seldom(show: Callable[[], None]) -> Callable[[], None]:
    last = time.monotonic()

    def told() -> None:
        nonlocal last
        if time.monotonic() - last >= SHOWN_EVERY:
            show()
            last = time.monotonic()

    return told


def _nothing() -> None:
    """Nobody looks."""
