"""`tradewind package`: all that a cluster needs, in a folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from cli_tool import bars, depot, options, shown, submitting
from cli_tool.app import app_of
from cloud_jobs.archive import Manifest
from streaming.settings import place_of

_COLUMNS = ("name", "bytes", "sha256")


def package(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="The job it is for; without, the options say for which.")] = None,
    out: Annotated[Path, typer.Option(help="The folder to write; what lies there already is used again.")] = Path(
        "package"
    ),
    python: Annotated[str | None, typer.Option(help="The cluster's Python, 3.11 to 3.13.")] = None,
    architecture: Annotated[str | None, typer.Option(help="Of its machines: x86_64 or aarch64.")] = None,
    spark: Annotated[str | None, typer.Option(help="Its Spark: 3.5, or 4.0 and later.")] = None,
    upload: Annotated[bool, typer.Option("--upload", help="Bring it to where the job's cluster reads it.")] = False,
    as_json: options.Json = False,
) -> None:
    """Pack what a cluster needs: Tradewind, wheels for its Python and machines, the configuration without secrets.

    The same input gives the same bytes. Example: tradewind package nightly --upload
    """
    settings = options.settings(ctx)
    cluster = submitting.Cluster("3.11", "x86_64", "4.3")
    if name is not None:
        cluster = submitting.cluster_of(submitting.job_of(settings, name))
    given: dict[str, Any] = {"python": python, "architecture": architecture, "spark": spark}
    cluster = replace(cluster, **{key: value for key, value in given.items() if value})
    submitting.check(cluster, upload_for=name if upload else "-")
    with bars.StepBar(as_json) as told:
        manifest, notes = submitting.pack(settings, place_of(app_of(ctx).config), cluster, out, told)
        address = None
        if upload and name is not None:
            place = submitting.job_of(settings, name).packages
            _, address = depot.uploaded(out, place, settings, told.part)
    _tell(manifest, out, address, notes, as_json)


def _tell(manifest: Manifest, out: Path, address: str | None, notes: list[str], as_json: bool) -> None:
    if as_json:
        row: dict[str, Any] = {"package": str(out), "address": address, "digest": manifest.digest, "notes": notes}
        shown.line(
            {**row, "needs": manifest.needs, "parts": [{"name": p.name, "bytes": p.bytes} for p in manifest.parts]}
        )
        return
    rows = [{"name": part.name, "bytes": part.bytes, "sha256": part.sha256[:16]} for part in manifest.parts]
    shown.listing(rows, _COLUMNS, as_json=False, empty="")
    for note in notes:
        typer.echo(note, err=True)
    for variable in manifest.needs:
        typer.echo(f"The job needs {variable} in its environment: [jobs.NAME.secrets] names the secret.", err=True)
    typer.echo(f"{address or out}  (Python {manifest.python}, {manifest.architecture}, Spark {manifest.spark})")
