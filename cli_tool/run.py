"""The program: `tradewind …`, or `python cli_tool/run.py …`."""

import sys
from pathlib import Path
from typing import Annotated

if not __package__:
    # Run by path, Python looks into this folder first, where the commands' names would hide other modules.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

if sys.excepthook is sys.__excepthook__:
    from cli_tool.interrupted import hook

    sys.excepthook = hook

import typer

from cli_tool import outcome, rooms
from cli_tool.app import App
from cli_tool.commands import Commands

program = typer.Typer(
    cls=Commands,
    name="tradewind",
    help="Trade files under a prefix arrive in PostgreSQL, once in effect, with books that balance.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tradewind {_version()}")
        raise typer.Exit


@program.callback()
def _start(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="The configuration; else TRADEWIND_CONFIG, else ./tradewind.toml.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more, and show tracebacks.")] = False,
    _shown: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop."),
    ] = False,
) -> None:
    from cli_tool import logs

    logs.configure(verbose)
    context.obj = App(config, verbose)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code; see cli_tool.outcome."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        rooms.check()
        program(args=_globals_first(given), prog_name="tradewind")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else outcome.DONE
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last place where it can be told
        outcome.tell(error, verbose="--verbose" in given or "-v" in given)
        return outcome.code_of(error)
    return outcome.DONE


def _globals_first(arguments: list[str]) -> list[str]:
    """Lets --config and --verbose stand anywhere: no command has options of these names."""
    first: list[str] = []
    rest: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        if argument == "--":
            rest += [argument, *remaining]
        elif argument == "--config":
            first += [argument, *[value for value in [next(remaining, None)] if value is not None]]
        elif argument.startswith("--config=") or argument in ("--verbose", "-v"):
            first.append(argument)
        else:
            rest.append(argument)
    return first + rest


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("tradewind")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main())
