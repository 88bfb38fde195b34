"""`tradewind submit`: a command of Tradewind, sent to a Spark service."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Annotated, Any

import typer

from cli_tool import bars, depot, jobs, options, shown, submitting
from cli_tool.app import app_of
from cloud_jobs import archive
from cloud_jobs.archive import Manifest
from cloud_jobs.job_settings import JobSettings
from streaming.settings import Settings, place_of


def submit(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The job: a table [jobs.NAME] of the configuration.")],
    command: Annotated[list[str] | None, typer.Argument(help="After `--`: backfill, stream, sweep, …")] = None,
    package: Annotated[
        str | None,
        typer.Option(
            envvar="TRADEWIND_PACKAGE", help="A folder, or where `package --upload` put one; else it is packed now."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the request; send nothing.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for its end, and end with its exit code.")] = False,
    token: Annotated[
        str | None, typer.Option(help="The same for the same wish: a service that knows it starts nothing twice.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Send a command to a Spark service: what it needs is packed, brought there and started.

    Example: tradewind submit nightly --wait -- backfill spot --from 2026-01-01
    """
    settings = options.settings(ctx)
    job = submitting.job_of(settings, name)
    submitting.understood(settings, command or ())
    with bars.StepBar(as_json) as told:
        if package is None:
            package, config = str(settings.state.dir / "packages" / name), place_of(app_of(ctx).config)
            submitting.sendable(settings, name, config)
            submitting.pack(settings, config, submitting.cluster_of(job), Path(package), told)
        manifest, place = (
            _known(settings, job, package) if dry_run else submitting.brought(settings, job, package, told.part)
        )
    token = uuid.uuid4().hex if token is None else token
    request = submitting.request(settings, name, manifest, place, command or (), token)
    target = job.target()
    if dry_run:
        body = {"job": name, "kind": job.kind, "settings": settings_of(job), "request": target.request(request)}
        typer.echo(json.dumps(body, indent=None if as_json else 2, default=shown.plain))
        return
    submitting.find_java(settings, job)
    job_id = target.submit(request)
    if wait:
        raise typer.Exit(jobs.waited(target, name, job.kind, job_id, as_json))
    jobs.tell(name, job.kind, target.status(job_id), as_json)


def settings_of(job: JobSettings) -> dict[str, Any]:
    """What the request does not say: where it goes."""
    return job.model_dump(mode="json", exclude={"kind", "conf", "secrets", "size"}, exclude_none=True)


def _known(settings: Settings, job: JobSettings, package: str) -> tuple[Manifest, str]:
    """Of a package that need not be there yet."""
    if depot.is_address(package):
        return depot.fetched(package, settings)
    return archive.checked(Path(package)), job.packages
