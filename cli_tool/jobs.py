"""`tradewind jobs`: what was submitted, as its service tells."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import structlog
import typer

from cli_tool import bars, options, outcome, shown, submitting
from cloud_jobs.errors import Unreachable
from cloud_jobs.job import JobId, Status, Target

app = typer.Typer(help="What was submitted: how it is, its log, its end.", no_args_is_help=True)
log = structlog.get_logger()

LOOK_EVERY = 2.0  # seconds between looks at a service
_COLUMNS = ("job", "kind", "job_id", "state", "service_state", "exit_code", "reason", "logs")
Name = Annotated[str, typer.Argument(help="The job: a table [jobs.NAME] of the configuration.")]
Id = Annotated[str, typer.Argument(help="The id that `submit` told.")]


@app.command()
def status(ctx: typer.Context, name: Name, job_id: Id, as_json: options.Json = False) -> None:
    """How it is, in one vocabulary and in the service's own word.

    Example: tradewind jobs status nightly s-2YLB0DGK2JDA
    """
    job = submitting.job_of(options.settings(ctx), name)
    tell(name, job.kind, job.target().status(JobId(job_id)), as_json)


@app.command()
def logs(ctx: typer.Context, name: Name, job_id: Id, as_json: options.Json = False) -> None:
    """Where its log is; the log itself, where that is a file of this machine.

    Example: tradewind jobs logs nightly s-2YLB0DGK2JDA
    """
    found = submitting.job_of(options.settings(ctx), name).target().status(JobId(job_id))
    if not as_json and found.logs and Path(found.logs).is_file():
        typer.echo(Path(found.logs).read_text(errors="replace"), nl=False)
    else:
        shown.listing([asdict(found)], ("logs",), as_json=as_json, empty="")


@app.command()
def cancel(ctx: typer.Context, name: Name, job_id: Id, as_json: options.Json = False) -> None:
    """Ask for its end; what it had in hand is given back, and owed again.

    Example: tradewind jobs cancel nightly s-2YLB0DGK2JDA
    """
    job = submitting.job_of(options.settings(ctx), name)
    target = job.target()
    target.cancel(JobId(job_id))
    tell(name, job.kind, target.status(JobId(job_id)), as_json)


def tell(name: str, kind: str, found: Status, as_json: bool) -> None:
    """A status as the commands show it."""
    shown.listing([{"job": name, "kind": kind, **asdict(found)}], _COLUMNS, as_json=as_json, empty="")


def waited(target: Target, name: str, kind: str, job_id: JobId, as_json: bool) -> int:
    """Waits for a job's end and tells it; the exit code of this program. Ctrl-C leaves the job alone."""
    try:
        typer.echo(f"{name} runs as {job_id}", err=True)
        with bars.StepBar(as_json) as told:
            for found in _watched(target, job_id):
                told(f"{job_id}: {found.state} ({found.service_state})")
    except KeyboardInterrupt:
        typer.echo(
            f"{name} goes on as {job_id}. Look again: tradewind jobs status {name} {job_id}; "
            f"end it: tradewind jobs cancel {name} {job_id}",
            err=True,
        )
        raise
    tell(name, kind, found, as_json)
    return code_of(found)


def code_of(found: Status) -> int:
    """The command's own exit code where the service tells it; else done or failed."""
    if found.exit_code in (outcome.USAGE, outcome.QUARANTINED):
        return found.exit_code
    return outcome.DONE if found.state == "succeeded" else outcome.FAILED


def _watched(target: Target, job_id: JobId) -> Iterator[Status]:
    """Each look at it, until it has ended; a service that does not answer is asked again."""
    while True:
        try:
            found = target.status(job_id)
        except Unreachable as away:
            log.warning("The service does not answer; waiting for it", reason=str(away))
        else:
            yield found
            if found.ended:
                return
        time.sleep(LOOK_EVERY)
