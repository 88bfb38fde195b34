"""The reference names every command, and no command that does not exist."""

import re
from collections.abc import Iterator
from pathlib import Path

from cli_tool.commands import COMMANDS, loaded

REFERENCE = (Path(__file__).parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")


def _commands() -> Iterator[str]:
    for name in COMMANDS:
        below = getattr(loaded(name), "commands", {})
        yield from (f"{name} {command}" for command in below) if below else [name]


def test_the_reference_names_every_command_and_no_other() -> None:
    named = re.findall(r"^\| `tradewind ([a-z ]+)` \|", REFERENCE, re.MULTILINE)
    assert sorted(named) == sorted(_commands())
