"""The commands by name, each imported only when it is called: help and a wrong word are answered at once."""

from importlib import import_module
from typing import NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group


class Place(NamedTuple):
    """Where a command is, and the line that help shows for it: the first of its docstring."""

    module: str
    attribute: str
    help: str


COMMANDS = {
    "demo": Place(
        "demo", "demo", "Watch it work: four vendors' files, good and bad, arrive in an embedded PostgreSQL."
    ),
    "init": Place("init", "init", "Write a commented tradewind.toml."),
    "profiles": Place("profiles", "app", "The layouts that come along, and how a file would be read by one."),
    "suggest": Place(
        "suggest",
        "suggest",
        "Tell a file's layout, or propose a profile for it; only the first megabyte is read and nothing is loaded.",
    ),
    "check": Place(
        "check",
        "check",
        "Check the configuration, the database and the source, and show how the first files would land.",
    ),
    "stream": Place("ingest", "stream", "Load files as they arrive, until Ctrl-C or SIGTERM."),
    "listen": Place(
        "listen",
        "listen",
        "Journal what queues and folders tell of new files, for a stream to load, until Ctrl-C or SIGTERM.",
    ),
    "backfill": Place("ingest", "backfill", "Load what the store shows and the ledger does not know, then end."),
    "sweep": Place(
        "ingest",
        "sweep",
        "Compare the store's listing with the ledger and journal what is missing, for the stream to load.",
    ),
    "pause": Place(
        "pausing",
        "pause",
        "Let a feed load nothing until `tradewind resume`; what arrives meanwhile is registered and owed.",
    ),
    "resume": Place("pausing", "resume", "Let a paused feed load again, what arrived meanwhile first."),
    "runs": Place("runs", "app", "Streams, backfills, sweeps and commands: what ran, what runs."),
    "files": Place("files", "app", "What the ledger knows of every file: state, books, rejects."),
    "letters": Place("letters", "app", "Messages of queues that nobody could read, kept with their bodies."),
    "completeness": Place(
        "completeness",
        "completeness",
        "Show each day of a feed: its files by what became of them, their books, and the days without files.",
    ),
    "audit": Place(
        "audit", "audit", "Recount what the books claim against the tables, and tell each file that does not balance."
    ),
    "explain": Place("explain", "explain", "Show what becomes of one line, rule by rule."),
    "package": Place(
        "package",
        "package",
        "Pack what a cluster needs: Tradewind, wheels for its Python and machines, the configuration without secrets.",
    ),
    "submit": Place(
        "submit", "submit", "Send a command to a Spark service: what it needs is packed, brought there and started."
    ),
    "jobs": Place("jobs", "app", "What was submitted: how it is, its log, its end."),
    "serve": Place("serve", "serve", "Answer the API and show what landed, live, until Ctrl-C or SIGTERM."),
    "token": Place("token", "app", "Tokens for the API: made, listed, revoked."),
    "checkpoints": Place(
        "checkpointing",
        "app",
        "Spark's positions. The ledger is the truth: without them nothing is lost or doubled.",
    ),
    "db": Place("database", "app", "The database: schema, rights, retention."),
    "doctor": Place(
        "doctor",
        "doctor",
        "Look at Python, Java, Spark, database, schema, sources, queues and state; exit code 1 if anything is wrong.",
    ),
}


class Commands(TyperGroup):
    """Lists the commands without importing them."""

    def list_commands(self, _context: object) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: object, name: str) -> TyperCommand | None:
        return TyperCommand(name, help=COMMANDS[name].help) if name in COMMANDS else None

    def resolve_command(self, context: typer.Context, arguments: list[str]) -> tuple[str | None, object, list[str]]:  # type: ignore[override]
        name, command, rest = super().resolve_command(context, arguments)
        return name, loaded(name) if name in COMMANDS else command, rest


def loaded(name: str) -> object:
    """The real command, with its module imported."""
    place = COMMANDS[name]
    target = getattr(import_module(f"cli_tool.{place.module}"), place.attribute)
    if isinstance(target, typer.Typer):
        group = get_group(target)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False)
    alone.command(name)(target)
    return get_command(alone)
