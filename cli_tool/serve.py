"""`tradewind serve`: the API and, where it is built, the dashboard."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from cli_tool import options, run
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
) -> None:
    """Answer the API and show what landed, live, until Ctrl-C or SIGTERM.

    Example: tradewind token create me --role viewer && tradewind serve
    """
    from api.app import create_app
    from api.serve import check_address
    from api.serve import serve as answer

    settings = _at(options.settings(ctx), host, port)
    check_address(settings)
    app = create_app(settings, opening.ready(settings), _program(app_of(ctx).config))
    answer(settings, app, lambda address: log.info("Serving", address=address, docs=f"{address}/api/docs"))


def _program(config: Path | None) -> list[str]:
    """How actions call this program: with this Python and this configuration."""
    told = ["--config", str(config.absolute())] if config else []
    return [sys.executable, run.__file__, *told]


def _at(settings: Settings, host: str | None, port: int | None) -> Settings:
    told = {name: value for name, value in {"host": host, "port": port}.items() if value is not None}
    return settings.model_copy(update={"api": settings.api.model_copy(update=told)})
