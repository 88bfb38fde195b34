"""What the commands share: the configuration of this call, and the switch for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli_tool.app import app_of

if TYPE_CHECKING:
    from streaming.settings import Settings

LARGEST = 2**63 - 1  # of PostgreSQL's numbers

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line; field names are those of the tables.")]
Limit = Annotated[int, typer.Option(min=1, max=LARGEST, help="At most so many.")]


def settings(ctx: typer.Context) -> Settings:
    """The settings of this call. Raises SettingsError."""
    return app_of(ctx).settings
