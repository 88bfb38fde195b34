"""`tradewind audit`: the books recounted against the tables."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated

import typer

from cli_tool import options, outcome, shown, wiring
from sinks.recount import Fault, Recount, recount
from streaming.feeds import plans

_TOTALS = ("feed", "files", "records", "trades", "rejects", "unbalanced")
_FAULTS = ("feed", "file", "what", "booked", "counted")


def audit(
    ctx: typer.Context,
    feeds: Annotated[list[str] | None, typer.Argument(help="The feeds; without any, all of them.")] = None,
    limit: options.Limit = 100,
    as_json: options.Json = False,
) -> None:
    """Recount what the books claim against the tables, and tell each file that does not balance.

    Trades, revisions, rejects and waiting corrections are counted by file in the database, the sums of every row of
    the ledger added up anew, and the summary's too. Nothing is changed and no file is read. Ends with 1 when something
    does not balance; of each feed at most --limit such numbers are shown, and all are counted.

    Example: tradewind audit spot --json
    """
    settings = options.settings(ctx)
    named = [plan.name for plan in plans(settings, feeds or ())]
    with wiring.connected(settings, "tradewind audit") as connection:
        found = recount(connection, named, settings.retention.rejects)
    totals = [_totals(one) for one in found]
    if as_json:
        for one, total in zip(found, totals, strict=True):
            shown.line(total | {"faults": [asdict(fault) for fault in one.faults[:limit]]})
    else:
        _tell(found, totals, limit)
    raise typer.Exit(outcome.FAILED if any(one.faults for one in found) else outcome.DONE)


def _totals(of: Recount) -> dict[str, object]:
    counted = asdict(replace(of, faults=[]))
    del counted["faults"]
    return counted | {"unbalanced": len(of.faults)}


def _file(of: Fault) -> str | None:
    """A file that the ledger does not know has only its number."""
    return of.uri or (None if of.file_id is None else f"file {of.file_id}, unknown to the ledger")


def _tell(found: list[Recount], totals: list[dict[str, object]], limit: int) -> None:
    shown.listing(totals, _TOTALS, as_json=False, empty="")
    faults = [asdict(fault) | {"file": _file(fault)} for one in found for fault in one.faults[:limit]]
    typer.echo("")
    shown.listing(faults, _FAULTS, as_json=False, empty="All books balance.")
    if len(faults) < (told := sum(len(one.faults) for one in found)):
        typer.echo(f"{len(faults)} of {told} are shown; --limit shows more of each feed.")
