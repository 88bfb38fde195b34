"""The program as its own process: killed, stopped, doubled, and without a database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.acceptance.desk import Desk, row, table
from tests.acceptance.dying import POINTS

ROOT = Path(__file__).parents[2]
SOON = ("before the commit",)  # the other points take part in the slow tests
PATIENCE = 200.0  # seconds; a Java start on a busy machine takes some
TRADES = """SELECT trade_id, symbol, venue, trade_date, event_time, event_nanos, side, price, quantity, currency,
    account, status, version, attributes::text FROM tradewind.trades ORDER BY 1, 2, 3, 4"""
BOOKED = """SELECT uri, state, lines, records, inserted, updated, unchanged, duplicate, stale, rejected
    FROM tradewind.files ORDER BY uri"""


@dataclass(frozen=True)
class Program:
    """A process of the program and the file of what it says."""

    process: subprocess.Popen[bytes]
    said: Path


def command(
    desk: Desk,
    *arguments: str,
    module: tuple[str, ...] = ("cli_tool.run",),
    feed: str = "x",
    state: Path | None = None,
    batch: str = "",
    writers: int = 4,
    group: bool = False,
) -> Program:
    """Start the program on the desk's feed; all that it says goes to a file, which no orphan can keep open."""
    config = desk.state / "tradewind.toml"
    config.write_text(
        f'[database]\nmax_writers = {writers}\n[state]\ndir = "{state or desk.state}"\n'
        f'[spark]\nmaster = "local[2]"\n[batch]\n{batch}\n'
        f'[feeds.{feed}]\nsource = "{desk.folder}"\nprofile = "demo-exchange"\nmax_rejects = "50%"\n'
    )
    with tempfile.NamedTemporaryFile(dir=desk.state, prefix="said-", delete=False) as said:
        process = subprocess.Popen(
            [sys.executable, "-m", *module, *arguments, "--config", str(config)],
            cwd=ROOT, stdout=said, stderr=subprocess.STDOUT,
            env={**os.environ, "TRADEWIND_DATABASE_URL": desk.dsn}, start_new_session=group,
        )  # fmt: skip
    return Program(process, Path(said.name))


def ended(program: Program) -> tuple[int, str]:
    """Its exit code and all it said."""
    return program.process.wait(PATIENCE), program.said.read_text()


def until(true: Callable[[], object], program: Program, patience: float = PATIENCE) -> None:
    """Wait for a condition, not for a time; a process that ends before it holds has failed."""
    deadline = time.monotonic() + patience
    while not true():
        assert program.process.poll() is None, f"ended too soon: {ended(program)}"
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)  # between two looks


@contextmanager
def running(desk: Desk, *arguments: str) -> Iterator[Program]:
    """A stream that is up: it has loaded the first file."""
    desk.drop("first.csv", table(row("first")))
    program = command(desk, "stream", *arguments)
    try:
        until(lambda: desk.count() > 0, program)
        yield program
    finally:
        program.process.kill()
        program.process.wait()


def fill(desk: Desk, files: int = 20) -> None:
    """Files with new, repeated, changed and bad lines."""
    for n in range(files):
        rows = [row(f"{n}-{k}", price=k + 1) for k in range(20)] + [
            row("shared", price=n + 1),
            row(f"bad-{n}", price="?"),
        ]
        desk.drop(f"trades-2026-01-{n % 9 + 1:02}-{n:03}.csv", table(*rows))


@pytest.mark.parametrize(
    "point", [point if point in SOON else pytest.param(point, marks=pytest.mark.slow) for point in POINTS]
)
def test_killed_in_a_batch_and_started_again_all_is_as_after_one_clean_load(desk: Desk, point: str) -> None:
    fill(desk)
    code, said = ended(command(desk, "backfill", "x", module=("tests.acceptance.dying", point)))
    assert code == -signal.SIGKILL, said
    assert bool(desk.owed()) == (point != "after the commit")
    # Another process goes on: what it finds is in the tables and on the disk.
    desk.settings["max_rejects"] = "50%"
    desk.backfill()
    after_the_crash = desk.ask(TRADES), desk.ask(BOOKED)
    assert len(after_the_crash[0]) == 20 * 20 + 1
    assert clean_load(desk) == after_the_crash


def clean_load(desk: Desk) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """The same files into emptied tables, in one go."""
    desk.run("TRUNCATE tradewind.trades, tradewind.trade_revisions, tradewind.rejects, tradewind.files CASCADE")
    desk.backfill()
    return desk.ask(TRADES), desk.ask(BOOKED)


def test_without_a_database_it_ends_with_1_and_says_what_to_look_at(desk: Desk) -> None:
    desk.dsn = "postgresql://nobody@127.0.0.1:1/none"
    code, said = ended(command(desk, "stream"))
    assert code == 1, said
    assert "PostgreSQL cannot be reached" in said
    assert "Traceback" not in said


def test_a_stream_asked_to_stop_is_gone_within_20_seconds_and_ends_with_0(desk: Desk) -> None:
    with running(desk) as stream:
        asked = time.monotonic()
        stream.process.terminate()
        code, said = ended(stream)
    assert code == 0, said
    assert time.monotonic() - asked < 20
    assert desk.ask("SELECT state FROM tradewind.runs") == [("done",)]
    assert desk.owed() == []


@pytest.mark.parametrize(
    ("words", "code"), [(["stream"], 0), pytest.param(["backfill", "x"], 130, marks=pytest.mark.slow)]
)
def test_a_signal_to_the_whole_group_while_spark_starts_ends_it_quietly(
    desk: Desk, words: list[str], code: int
) -> None:
    fill(desk)
    program = command(desk, *words, group=True)
    try:
        until(lambda: any(map(_is_spark, psutil.Process(program.process.pid).children())), program)
    finally:
        os.killpg(program.process.pid, signal.SIGTERM)
    given, said = ended(program)
    assert given == code, said
    assert "Traceback" not in said
    assert desk.ask("SELECT state FROM tradewind.runs") == [("stopped",)]
    assert desk.ask("SELECT count(*)::int FROM tradewind.files WHERE state = 'loading'") == [(0,)]


def _is_spark(process: psutil.Process) -> bool:
    try:
        return "java" in process.name() and "pyspark-shell" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow(25)
def test_a_second_stream_of_a_feed_says_so_and_a_backfill_beside_it_loads_each_file_once(desk: Desk) -> None:
    with running(desk) as stream:
        second = command(desk, "stream")
        fill(desk, 30)
        beside = command(desk, "backfill", "x")
        code, said = ended(second)
        assert code == 1, said
        assert "another stream of this feed is running" in said
        code, said = ended(beside)
        assert code == 0, said
        until(lambda: not desk.owed() and desk.count() == 30 * 20 + 2, stream)
        stream.process.terminate()
        assert ended(stream)[0] == 0
    assert {tuple(states) for states in desk.states().values()} == {("loaded",)}
    assert desk.ask("SELECT max(registrations) FROM tradewind.files") == [(1,)]
    booked = "SELECT sum(inserted)::int, sum(unchanged)::int FROM tradewind.files"
    assert desk.ask(booked) == [(30 * 20 + 2, 0)]
