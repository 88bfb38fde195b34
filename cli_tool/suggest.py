"""`tradewind suggest`: a known layout is told from a sample, or a new one proposed with its questions marked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli_tool import options, shown
from streaming.errors import SettingsError

if TYPE_CHECKING:
    from streaming.suggesting.answer import Answer
    from streaming.suggesting.sample import Sample

_COLUMNS = ("line", "action", "trade_id", "symbol", "venue", "event_time", "side", "price", "quantity", "currency")


def suggest(
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="Files of one layout: paths, uris, zip!member.")],
    out: Annotated[Path | None, typer.Option(help="Where to write the profile; else it is shown.")] = None,
    as_json: options.Json = False,
) -> None:
    """Tell a file's layout, or propose a profile for it; only the first megabyte is read and nothing is loaded.

    Example: tradewind suggest trades-2025-01-31.csv --out acme.toml
    """
    from streaming.suggesting.answer import suggested

    if out is not None and out.exists():
        raise SettingsError(f"{out} exists already and is left as it is; name another file with --out")
    answer = suggested([sample for file in files for sample in _samples(file)])
    if out is not None:
        _write(out, answer.toml)
    shown.line(_fields(answer, out)) if as_json else _tell(answer, out)


def _samples(file: str) -> list[Sample]:
    from streaming.suggesting.sample import samples
    from triggers.stores import Stores
    from triggers.stores.local import uri_of

    uri = file if "://" in file or file.startswith("file:") else uri_of(Path(file))
    listed = Stores().of(uri).stat(uri)
    if listed is None:
        raise SettingsError(f"there is no file {file}")
    return list(samples(listed, Stores()))


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{out} cannot be written: {error.strerror}") from error


def _fields(answer: Answer, out: Path | None) -> dict[str, Any]:
    return {
        "known": answer.known,
        "certain": bool(answer.known) and not answer.doubt,
        "questions": answer.questions,
        "near": [{"profile": one.profile.name, "why_not": one.why_not} for one in answer.near],
        "columns": [{"name": one.name, "holds": one.kind, "empty": one.empty} for one in answer.columns],
        "records": sum(trial.counts.records for trial in answer.trials),
        "trades": sum(trial.counts.trades for trial in answer.trials),
        "rejected": sum(trial.counts.rejected for trial in answer.trials),
        "ignored": sum(trial.counts.ignored for trial in answer.trials),
        "rows": [row for trial in answer.trials for row in trial.trades],
        "rejects": [row for trial in answer.trials for row in trial.rejects],
        "toml": answer.toml,
        "out": str(out) if out else None,
    }


def _tell(answer: Answer, out: Path | None) -> None:
    if answer.doubt:
        typer.echo(answer.doubt)
    elif answer.known:
        typer.echo(f'profile = "{answer.known}"   # {answer.profile.description}')
    else:
        typer.echo("no layout that comes along; proposed is" + ("" if out else f"\n\n{answer.toml}"))
    for one in answer.near[:5]:
        typer.echo(f"not {one.profile.name}: {one.why_not}")
    if out is not None:
        typer.echo(f"wrote {out}")
    _tell_questions(answer)
    _tell_rows(answer)


def _tell_questions(answer: Answer) -> None:
    if answer.questions:
        typer.echo(f"\n{len(answer.questions)} to be confirmed")
    for question in answer.questions:
        typer.echo(f"  {question}")


def _tell_rows(answer: Answer) -> None:
    for trial in answer.trials:
        counts = trial.counts
        typer.echo(
            f"\n{trial.uri}: of {counts.records:,} records in the sample {counts.trades:,} would land, "
            f"{counts.rejected:,} be rejected, {counts.ignored:,} be ignored"
        )
        for reason, count in trial.reasons.most_common():
            typer.echo(f"  {count:,} rejected: {reason}")
        for reason, count in counts.ignored_by.items():
            typer.echo(f"  {count:,} ignored: {reason}")
        if trial.trades:
            used = [name for name in _COLUMNS if any(name in trade for trade in trial.trades)]
            shown.listing(trial.trades, used, as_json=False, empty="")
        if trial.rejects:
            shown.listing(trial.rejects, ("line", "column_name", "reason", "raw"), as_json=False, empty="")
