"""What every command starts from: the configuration it was given, read when first asked for."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from streaming.settings import Settings


@dataclass
class App:
    """The context of one call of the program."""

    config: Path | None = None
    verbose: bool = False

    @cached_property
    def settings(self) -> "Settings":
        """Raises SettingsError with every fault of the file."""
        from streaming.settings import load

        return load(self.config)


def app_of(context: typer.Context) -> App:
    return context.ensure_object(App)
