"""`tradewind explain FILE:LINE`: the raw text, the profile's rules, and the row or the reason why there is none."""

from __future__ import annotations

import gzip
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO, Annotated

import typer

from cli_tool import options, shown
from streaming.explain import Explanation
from streaming.feeds import FeedPlan, plans
from streaming.settings import SettingsError
from triggers.stores.local import path_of, uri_of


def explain(
    ctx: typer.Context,
    place: Annotated[str, typer.Argument(metavar="FILE:LINE", help="A file of a feed and a line of it, from 1.")],
    feed: Annotated[
        str | None, typer.Option(help="The feed whose profile reads it; else the one it lies under.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Show what becomes of one line, rule by rule.

    Example: tradewind explain data/BTCUSDT-trades-2025-01-01.csv:17
    """
    from streaming.explain import explain as explained

    path, number = _place(place)
    plan = _plan(plans(options.settings(ctx), [feed] if feed else ()), uri_of(path))
    header, line = _lines(path, number, header=plan.profile.dialect.header)
    told = explained(line, plan.profile, uri_of(path), header)
    shown.line(asdict(told)) if as_json else _tell(told, plan)


def _place(text: str) -> tuple[Path, int]:
    name, _, number = text.rpartition(":")
    if not name or not number.isdecimal() or int(number) < 1:
        raise SettingsError(f"{text!r} is not FILE:LINE; write the file, a colon and the line's number from 1")
    path = Path(path_of(name) if name.startswith("file:") else name)
    if not path.is_file():
        raise SettingsError(f"there is no file {path}")
    return path, int(number)


def _plan(candidates: list[FeedPlan], uri: str) -> FeedPlan:
    if len(candidates) == 1:
        return candidates[0]
    for plan in candidates:
        if plan.source.matches(uri):
            return plan
    raise SettingsError(f"{uri} lies under no feed's source; name the feed whose profile reads it with --feed")


def _lines(path: Path, number: int, *, header: bool) -> tuple[bytes | None, bytes]:
    """The first line that is not blank, where the profile has a header, and the line of that number."""
    first: bytes | None = None
    with _opened(path) as stream:
        for count, line in enumerate(islice(stream, number), 1):
            first = first if first is not None or not line.strip() else line.rstrip(b"\r\n")
            if count == number:
                return (first.removeprefix(b"\xef\xbb\xbf") if header and first else None), line.rstrip(b"\r\n")
    raise SettingsError(f"{path} has fewer than {number} lines")


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _tell(told: Explanation, plan: FeedPlan) -> None:
    typer.echo(f"profile {plan.profile.name} {plan.profile.version}\nraw     {told.raw[:2000]}\n")
    rows = [
        {"value": s.name, "from": s.origin, "raw": s.raw, "rule": s.rule, "becomes": s.value or s.reason}
        for s in told.steps
    ]
    if rows:
        shown.listing(rows, ("value", "from", "raw", "rule", "becomes"), as_json=False, empty="")
    if told.trade is None:
        typer.echo(f"\nno trade: {told.reason}")
    else:
        typer.echo("\n" + "  ".join(f"{k}={v}" for k, v in told.trade.items() if v is not None))
