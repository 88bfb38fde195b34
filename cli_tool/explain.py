"""`tradewind explain FILE:LINE`: the raw text, the profile's rules, and the row or the reason why there is none."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from cli_tool import options, shown
from cli_tool.naming import file_named
from streaming.errors import SettingsError
from streaming.explain import Explanation
from streaming.feeds import FeedPlan, plans
from streaming.lookup import Found, record_at
from streaming.reading.splits import SourceFile
from triggers.stores import Listed


def explain(
    ctx: typer.Context,
    place: Annotated[
        str,
        typer.Argument(
            metavar="FILE:LINE",
            help="A file, or archive.zip!member, and a line of it, from 1; the end of a feed's file's uri will do.",
        ),
    ],
    feed: Annotated[
        str | None, typer.Option(help="The feed whose profile reads it; else the one it lies under.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Show what becomes of one line, rule by rule.

    Example: tradewind explain data/BTCUSDT-trades-2025-01-01.csv:17
    """
    from streaming.explain import explain as explained

    name, number = _place(place)
    candidates = plans(options.settings(ctx), [feed] if feed else ())
    listed = file_named(name, options.settings(ctx), candidates)
    plan = _plan(candidates, listed.uri)
    found = _record(listed, number, plan)
    if found.record is None:
        reason = f"line {number} is blank, a header, preamble, comment or trailer: framing, not a record"
        shown.line({"raw": None, "steps": [], "trade": None, "reason": reason}) if as_json else typer.echo(reason)
        return
    told = explained(found.record, plan.profile, listed.uri, found.header)
    shown.line(asdict(told)) if as_json else _tell(told, plan)


def _place(text: str) -> tuple[str, int]:
    name, _, number = text.rpartition(":")
    if not name or not number.isdecimal() or int(number) < 1:
        raise SettingsError(f"{text!r} is not FILE:LINE; write the file, a colon and the line's number from 1")
    return name, int(number)


def _plan(candidates: list[FeedPlan], uri: str) -> FeedPlan:
    if len(candidates) == 1:
        return candidates[0]
    for plan in candidates:
        if plan.reads(uri):
            return plan
    raise SettingsError(f"{uri} lies under no feed's source; name the feed whose profile reads it with --feed")


def _record(listed: Listed, number: int, plan: FeedPlan) -> Found:
    file = SourceFile(0, listed.uri, listed.version, listed.size)
    found = record_at(number, file, plan.profile, plan.stores.of(listed.uri))
    if found is None:
        raise SettingsError(f"{listed.uri} has fewer than {number} lines")
    return found


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
