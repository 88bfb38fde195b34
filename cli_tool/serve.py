"""`tradewind serve`: the API and, where it is built, the dashboard."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import structlog
import typer

from cli_tool import linking, options, run
from cli_tool.app import app_of
from streaming import opening
from streaming.settings import Settings

log = structlog.get_logger()


def serve(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option(help="The address to serve on; else api.host.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port, 0 for a free one; else api.port.")
    ] = None,
    link: Annotated[
        bool, typer.Option("--link", help="Print a link that signs one browser in, once, as an operator.")
    ] = False,
    child: Annotated[bool, typer.Option("--child", hidden=True)] = False,
) -> None:
    """Answer the API and show what landed, live, until Ctrl-C or SIGTERM.

    Example: tradewind serve --link
    """
    from api.app import create_app
    from api.serve import check_address
    from api.serve import serve as answer

    settings = _at(options.settings(ctx), host, port)
    check_address(settings)
    dsn = opening.ready(settings)
    named = _named(app_of(ctx).config)
    app = create_app(settings, dsn, [sys.executable, run.__file__, *named], named)

    def started(address: str) -> None:
        log.info("Serving", address=address, docs=f"{address}/api/docs")
        if link:
            typer.echo(f"Open {linking.own(dsn, linking.base(settings, address))}\n{linking.ONCE}")
        if child:
            _answer_to_the_parent(address)

    answer(settings, app, started)


def _answer_to_the_parent(address: str) -> None:
    """Tell the address on stdout, and end when stdin does: with the parent, however that ends."""
    typer.echo(address)
    threading.Thread(target=_end_with_stdin, args=(os.getpid(),), name="parent", daemon=True).start()


def _end_with_stdin(own: int) -> None:
    # Not by `sys.stdin`, whose lock the workers would inherit as it is, and never get.
    while os.read(0, 1024):
        pass
    os.kill(own, signal.SIGTERM)


def _named(config: Path | None) -> list[str]:
    """This configuration, for the commands that actions start and that people copy, wherever they paste them."""
    told = config or os.environ.get("TRADEWIND_CONFIG")
    return ["--config", str(Path(told).absolute())] if told else []


def _at(settings: Settings, host: str | None, port: int | None) -> Settings:
    told = {name: value for name, value in {"host": host, "port": port}.items() if value is not None}
    return settings.model_copy(update={"api": settings.api.model_copy(update=told)})
