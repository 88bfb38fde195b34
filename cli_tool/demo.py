"""`tradewind demo`: the main job on files made for it, in a folder of its own."""

from __future__ import annotations

import fcntl
import json
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from cli_tool.app import app_of

if TYPE_CHECKING:
    from cli_tool.demo_sender import Sender
    from streaming.job import Job
    from streaming.settings import Settings

MARK = "# Written by `tradewind demo`, which empties this folder when it starts."
_HEAD = f"""{MARK}

[database]
url = "embedded"

[state]
dir = "state"

[stream]
sweep_every = "10s"
health_port = false
"""
# The files are small: three bad lines are more than the usual 1 % of them.
_FEED = """
[feeds.{feed}]
source = "{incoming}/{feed}"
profile = "{feed}"
max_rejects = "5%"
"""
PATIENCE = 60.0  # seconds for what is owed after the last file
_NUMBERS = (
    "size", "lines", "framing_lines", "records", "inserted", "updated", "unchanged", "duplicate", "stale", "pending",
    "rejected", "ignored", "withdrawn", "attempts",
)  # fmt: skip


class DemoRefused(Exception):
    """The folder, or the file for the books, cannot be used."""


def demo(
    context: typer.Context,
    duration: Annotated[float | None, typer.Option(min=1, help="End after so many seconds; else by Ctrl-C.")] = None,
    books: Annotated[Path | None, typer.Option(help="Write the final books here, as JSON.")] = None,
    folder: Annotated[Path, typer.Option(help="Where it works; emptied at the start.")] = Path("demo-run"),
    incoming: Annotated[str, typer.Option(hidden=True, help="Where files are put; else a folder.")] = "incoming",
    events: Annotated[str | None, typer.Option(hidden=True, help="Each feed's `events`, as TOML.")] = None,
    tables: Annotated[str, typer.Option(hidden=True, help="More settings, as TOML.")] = "",
) -> None:
    """Watch it work: four vendors' files, good and bad, arrive in an embedded PostgreSQL.

    Ctrl-C ends it at once. Example: tradewind demo --duration 30 --books books.json
    """
    folder = folder.expanduser().absolute()
    if books is not None:
        _try(books)
    with suppress(KeyboardInterrupt), _sigterm_as_ctrl_c(), _alone(folder):
        _prepare(folder, _configuration(incoming, events, tables))
        _run(context, folder, duration, books)


def _run(context: typer.Context, folder: Path, duration: float | None, books: Path | None) -> None:
    from cli_tool import logs
    from streaming.settings import load

    console = Console()
    with (folder / "demo.log").open("w", encoding="utf-8") as log:
        logs.configure(app_of(context).verbose, log)
        try:
            settings = load(folder / "tradewind.toml", environ={})
            _say(console, f"Starting Spark and PostgreSQL in {folder} (log: demo.log)")
            with _page(settings, folder, log.fileno(), console) as link:
                _stream(settings, folder, duration, console, link)
            _tell(settings, console, books)
            program = Path(sys.prefix, "bin", "tradewind")  # not on the PATH of somebody who has just begun
            _say(console, f"\nLook further: {program} --config {folder / 'tradewind.toml'} files list")
        finally:
            logs.configure(app_of(context).verbose)


@contextmanager
def _page(settings: Settings, folder: Path, log: int, console: Console) -> Iterator[str | None]:
    """The link into the dashboard, told; None where there is none, which is told too."""
    from cli_tool import linking
    from cli_tool.demo_page import NoPage, page

    with ExitStack() as stack:
        link = None
        try:
            link = stack.enter_context(page(settings, folder, log))
            _say(console, f"Open {link}\n{linking.ONCE}")
        except NoPage as none:
            _say(console, str(none))
        yield link


def _stream(settings: Settings, folder: Path, duration: float | None, console: Console, link: str | None) -> None:
    from cli_tool import wiring
    from cli_tool.demo_files import drops
    from cli_tool.demo_screen import Screen
    from cli_tool.demo_sender import Bucket, Sender
    from streaming.feeds import plans

    chosen = plans(settings)
    with wiring.job(settings, "stream", chosen) as job:
        if job.stop.is_set():
            return
        bucket = Bucket({plan.name: plan.source.prefix for plan in chosen}, settings.access)
        sender = Sender(drops(), folder / "incoming", folder / "sent.jsonl", duration, job.stop, bucket)
        with Screen(console, job.dsn, link):
            job.stream(chosen, _on_beat(job, sender))
        if sender.is_alive():
            sender.join()


def _on_beat(job: Job, sender: Sender) -> Callable[[], None]:
    """Starts the sender when the stream is up; after its last file stops the job once all is settled."""

    def beat() -> None:
        if sender.ident is None:
            sender.start()
        sender.check()
        if sender.ended_at is not None and (_settled(job, sender) or _seconds_since(sender) > PATIENCE):
            job.stop.set()

    return beat


def _settled(job: Job, sender: Sender) -> bool:
    from sinks import database
    from sinks.queries import query

    connection = database.connect(job.dsn, "tradewind demo")
    try:
        with database.transaction(connection) as cursor:
            cursor.execute(query("demo", "settled"), {"moment": sender.ended_at})
            settled = bool(cursor.fetchone()[0])
    finally:
        connection.close()
    if not settled:
        job.sweep_now()
    return settled


def _seconds_since(sender: Sender) -> float:
    return time.time() - sender.ended_at.timestamp() if sender.ended_at else 0.0


def _tell(settings: Settings, console: Console, books: Path | None) -> None:
    from cli_tool import wiring
    from cli_tool.demo_screen import tell_books, tell_trades
    from sinks import ledger

    with wiring.connected(settings) as connection:
        tell_books(console, _rows(connection, "books"))
        tell_trades(console, _rows(connection, "trades"))
        if books is not None:
            _write_books(books, ledger.rows(connection, "files", feed=None, state=None, uri=None, limit=1_000_000))
            _say(console, f"\nThe books of every file: {books}")


def _say(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True, highlight=False, markup=False)


def _rows(connection: Any, block: str) -> list[dict[str, Any]]:
    from psycopg2.extras import RealDictCursor

    from sinks.queries import query

    with connection, connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(query("demo", block))
        return [dict(row) for row in cursor.fetchall()]


def _write_books(path: Path, files: list[dict[str, Any]]) -> None:
    """One object a version; what was never counted is 0, times are ISO 8601 in UTC."""
    from cli_tool.shown import plain

    entries = [{key: 0 if value is None and key in _NUMBERS else value for key, value in row.items()} for row in files]
    fresh = _fresh(path)
    text = json.dumps({"files": entries}, default=plain, ensure_ascii=False, indent=1)
    fresh.write_text(text + "\n", encoding="utf-8")
    fresh.replace(path)


def _fresh(path: Path) -> Path:
    return path.with_name(f".{path.name}.tmp")


def _try(books: Path) -> None:
    """Raises DemoRefused now where the books could not be written at the end."""
    try:
        _fresh(books).touch()
        _fresh(books).unlink()
    except (OSError, ValueError) as error:
        raise DemoRefused(f"{books} cannot be written: {error}; name another file with --books.") from error
    if books.is_dir():
        raise DemoRefused(f"{books} is a folder; name a file with --books.")


def _prepare(folder: Path, configuration: str) -> None:
    """An empty folder with its configuration. Raises DemoRefused for one that holds somebody's own files."""
    from cli_tool.demo_files import FEEDS

    for entry in folder.iterdir():
        if entry.name != ".lock":
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    (folder / "outbox").mkdir()
    for feed in FEEDS:
        (folder / "incoming" / feed).mkdir(parents=True)
    (folder / "tradewind.toml").write_text(configuration, encoding="utf-8")


def _configuration(incoming: str, events: str | None, tables: str) -> str:
    from cli_tool.demo_files import FEEDS

    told = f"events = {events}\n" if events else ""
    return f"{_HEAD}{tables}" + "".join(_FEED.format(feed=feed, incoming=incoming) + told for feed in FEEDS)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The folder made and held, and the server of an earlier demo that was killed gone from it."""
    from sinks import embedded, keeper

    _refuse_others(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoRefused(f"A demo runs in {folder}; end it, or choose another --folder.") from None
        keeper.stop(embedded.pgdata_of(folder / "state"))
        yield


def _refuse_others(folder: Path) -> None:
    configuration = folder / "tradewind.toml"
    own = configuration.is_file() and configuration.read_text(encoding="utf-8").startswith(MARK)
    if folder.exists() and not own and (not folder.is_dir() or any(e.name != ".lock" for e in folder.iterdir())):
        raise DemoRefused(f"{folder} was not made by the demo, which would empty it; choose another --folder.")


@contextmanager
def _sigterm_as_ctrl_c() -> Iterator[None]:
    """Until the job takes both signals, SIGTERM ends the preparations as Ctrl-C does."""

    def asked(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, asked)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
