"""The reference names every command, and no command that does not exist."""

import re
from pathlib import Path

import typer.main

from cli_tool.run import program

REFERENCE = (Path(__file__).parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")


def _commands() -> set[str]:
    root = typer.main.get_command(program)
    found = set()
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", None)
        found |= {f"{name} {sub}" for sub in below} if below else {name}
    return found


def test_the_reference_names_every_command_and_no_other() -> None:
    assert set(re.findall(r"^\| `tradewind ([a-z ]+)` \|", REFERENCE, re.MULTILINE)) == _commands()
