"""`tradewind init`: a commented configuration to start from."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli_tool.app import app_of

TEMPLATE = Path(__file__).with_name("template.toml")
_FEED = """[feeds.{name}]
source = {source}
profile = {profile}
# discovery = "events"               # or "listing", "sweep"; by default events for folders, else sweep
# complete = "auto"                  # when a file is whole: auto, rename, settle:10s, marker:.done, checksum
# max_rejects = "1%"                 # more than that, and the whole file is set aside
# on_overwrite = "merge"             # or "replace": trades absent from the new version are withdrawn
"""


class InitRefused(Exception):
    """The file exists already."""


def init(
    context: typer.Context,
    source: Annotated[str, typer.Option(help="Where the files land: a folder or a bucket path.")] = "",
    profile: Annotated[str, typer.Option(help="The layout that reads them: a name, or a .toml file.")] = "",
    feed: Annotated[str, typer.Option(help="The feed's name.")] = "trades",
) -> None:
    """Write a commented tradewind.toml."""
    from streaming.errors import SettingsError
    from streaming.settings import DEFAULT_FILE

    if bool(source) != bool(profile):
        raise SettingsError(_missing_half(source))
    path = app_of(context).config or Path(DEFAULT_FILE)
    _write(path, _filled(feed, source, profile))
    _check(path)
    typer.echo(f"Wrote {path}. Next: `tradewind check` shows what would land, and changes nothing.")


def _filled(feed: str, source: str, profile: str) -> str:
    table = _FEED.format(
        name=json.dumps(feed, ensure_ascii=False) if not (feed.isascii() and feed.isidentifier()) else feed,
        source=json.dumps(source or "/data/trades", ensure_ascii=False),
        profile=json.dumps(profile or "binance-spot-trades", ensure_ascii=False),
    )
    if not source:
        table = "".join(f"# {line.removeprefix('# ')}\n" for line in table.splitlines())
    return TEMPLATE.read_text(encoding="utf-8").replace("@FEED@", table)


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InitRefused(f"{path} exists already and is left as it is; --config names another file.") from None
    except OSError as error:
        raise InitRefused(f"{path} cannot be written: {error.strerror}.") from error


def _check(path: Path) -> None:
    """A file that would be refused later is not left behind."""
    from streaming.feeds import plans
    from streaming.settings import load

    try:
        settings = load(path, environ={})
        if settings.feeds:
            plans(settings)
    except BaseException:
        path.unlink()
        raise


def _missing_half(source: str) -> str:
    from streaming.profiles import catalogue

    layouts = ", ".join(catalogue.names())
    if source:
        return f"--source needs a --profile that reads its files: {layouts}, or the path of a .toml file"
    return "--profile needs a --source: the folder or bucket path where the files land"
