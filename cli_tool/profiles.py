"""`tradewind profiles`: the layouts that come along, and a file tried against one of them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli_tool import options, outcome, shown
from streaming.errors import SettingsError

if TYPE_CHECKING:
    from streaming.profiles.profile import Profile
    from streaming.trial import Trial
    from triggers.stores import Listed

app = typer.Typer(help="The layouts that come along, and how a file would be read by one.", no_args_is_help=True)

_COLUMNS = ("line", "action", "trade_id", "symbol", "venue", "event_time", "side", "price", "quantity", "currency")


@app.command("list")
def list_profiles(as_json: options.Json = False) -> None:
    """The layouts that come along, and the documents that they follow."""
    from streaming.profiles import catalogue
    from streaming.profiles.profile import Profile

    loaded = map(Profile.load, catalogue.names())
    rows = [
        {
            "name": one.name,
            "description": one.description,
            "source": one.source,
            "identity": one.identity.kind,
        }
        for one in loaded
    ]
    shown.listing(rows, ("name", "description"), as_json=as_json, empty="")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A layout's name, or the path of a .toml file.")],
    as_json: options.Json = False,
) -> None:
    """One layout as it is written, with its comments; with --json as it is understood, defaults and all."""
    from streaming.profiles.catalogue import path_of
    from streaming.profiles.profile import Profile

    profile = Profile.load(name)
    if as_json:
        shown.line(profile.model_dump(mode="json", by_alias=True) | {"hashed": profile.version})
    else:
        typer.echo(path_of(name).read_text("utf-8"), nl=False)


@app.command()
def test(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="A file: a path, a uri, or archive.zip!member.")],
    profile: Annotated[
        str | None, typer.Option(help="A layout's name or .toml file; else that of the feed the file lies under.")
    ] = None,
    value: Annotated[list[str] | None, typer.Option(help="A constant as a feed sets it: symbol=AAPL.")] = None,
    override: Annotated[list[str] | None, typer.Option(help='A key set anew: dialect.delimiter=";".')] = None,
    rows: Annotated[int, typer.Option(min=0, help="How many trades and rejects to show.")] = 5,
    as_json: options.Json = False,
) -> None:
    """Read a whole file, or all members of a zip, and show what would become of it; nothing is loaded.

    Example: tradewind profiles test AAPL_2012-06-21_message_10.csv --profile lobster-messages-2014
    """
    listed = _stat(file)
    used = _profile(ctx, listed.uri, profile, override or [])
    used = used.with_values(dict(map(_pair, value))) if value else used
    problems = []
    for trial in _tried(listed, used, rows):
        shown.line(_fields(trial, used)) if as_json else _tell(trial, used)
        problems.append(trial.problem)
    if any(problems):
        raise typer.Exit(outcome.QUARANTINED)


def _stat(file: str) -> Listed:
    from triggers.stores import Stores
    from triggers.stores.local import uri_of

    uri = file if "://" in file or file.startswith("file:") else uri_of(Path(file))
    listed = Stores().of(uri).stat(uri)
    if listed is None:
        raise SettingsError(f"there is no file {file}")
    return listed


def _profile(ctx: typer.Context, uri: str, named: str | None, override: list[str]) -> Profile:
    from streaming.feeds import plans
    from streaming.profiles.profile import Profile

    if named:
        return Profile.load(named, dict(map(_setting, override)))
    if override:
        raise SettingsError("--override sets keys of a profile: name it with --profile")
    for plan in plans(options.settings(ctx)):
        if plan.reads(uri):
            return plan.profile
    raise SettingsError(
        f"{uri} lies under no feed's source; name the layout with --profile (`tradewind profiles list`)"
    )


def _tried(listed: Listed, profile: Profile, rows: int) -> Iterator[Trial]:
    from streaming.archives import landing
    from streaming.feed_settings import Feed
    from streaming.passage.parsing import SplitCounts
    from streaming.trial import Trial, tried
    from triggers.errors import SetAside
    from triggers.stores import Stores

    ceiling = Feed.model_fields["max_rejects"].default
    try:
        for one in landing(listed, Stores()):
            yield tried(one, profile, Stores().of(one.uri), rows, ceiling)
    except SetAside as error:  # an archive that cannot be taken apart
        yield Trial(listed.uri, SplitCounts(), str(error))


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise SettingsError(f"{text!r} is not KEY=VALUE")
    return key, value


def _setting(text: str) -> tuple[str, Any]:
    """The value is TOML, such as 100, true or ["a"]; what is none is a text."""
    key, value = _pair(text)
    try:
        return key, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key, value


def _fields(trial: Trial, profile: Profile) -> dict[str, Any]:
    told = {"uri": trial.uri, "profile": profile.name, "version": profile.version, "problem": trial.problem}
    return (
        told
        | asdict(trial.counts)
        | {"rows": trial.trades, "rejects": trial.rejects, "reject_reasons": dict(trial.reasons)}
    )


def _tell(trial: Trial, profile: Profile) -> None:
    counts = trial.counts
    typer.echo(f"{trial.uri}\nprofile {profile.name} {profile.version}")
    typer.echo(
        f"{counts.lines:,} lines, {counts.records:,} records: {counts.trades:,} trades "
        f"({counts.corrections:,} corrections, {counts.cancels:,} cancels), {counts.rejected:,} rejected, "
        f"{counts.ignored:,} ignored"
    )
    for reason, count in counts.ignored_by.items():
        typer.echo(f"  {count:,} ignored: {reason}")
    for reason, count in trial.reasons.most_common():
        typer.echo(f"  {count:,} rejected: {reason}")
    if profile.quotes_only:
        typer.echo(f"no trades in this layout: {profile.quotes_only}")
    if trial.trades:
        typer.echo("\nthe first trades as they would land")
        shown.listing(trial.trades, _columns(trial.trades), as_json=False, empty="")
    _tell_rejects(trial)


def _columns(trades: list[dict[str, Any]]) -> list[str]:
    rest = [name for trade in trades for name in trade if name not in _COLUMNS]
    return [name for name in _COLUMNS if any(name in trade for trade in trades)] + list(dict.fromkeys(rest))


def _tell_rejects(trial: Trial) -> None:
    if trial.rejects:
        typer.echo("\nthe first rejects")
        shown.listing(trial.rejects, ("line", "column_name", "reason", "raw"), as_json=False, empty="")
    if trial.problem:
        typer.echo(f"\nthe file would be set aside: {trial.problem}")
