"""`tradewind listen`, as a process of its own, over a folder; and letters on their way into the database."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli_tool.run import main
from sinks import letters
from streaming.journaling import LetterBox
from tests.integration.loading import Desk
from triggers.journal import Journal
from triggers.listener import Listener, Watched
from triggers.notifications.local import parse
from triggers.queues.held import Held
from triggers.queues.port import Message
from triggers.sources import Source
from triggers.stores.local import LocalStore, uri_of

DEADLINE = 60.0


class Listening:
    """One process; what it tells comes line by line."""

    def __init__(self, config: Path) -> None:
        command = [sys.executable, "-m", "cli_tool.run", "--config", str(config), "listen", "--json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.told: list[dict[str, Any]] = []
        self.log: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self._tell)),
            threading.Thread(target=self._read, args=(self.process.stderr, self.log.append)),
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(lines: Any, take: Callable[[str], None]) -> None:
        with lines:
            for line in lines:
                take(line)

    def _tell(self, line: str) -> None:
        self.told.append(json.loads(line))

    def wait_for(self, holds: Callable[[], bool]) -> None:
        end, tick = time.monotonic() + DEADLINE, threading.Event()
        while not holds():
            assert self.process.poll() is None, "".join(self.log)
            assert time.monotonic() < end, "".join(self.log)
            tick.wait(0.02)

    def end(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(DEADLINE)
        for reader in self._readers:
            reader.join(DEADLINE)
        return code


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    path = tmp_path / "tradewind.toml"
    path.write_text(
        '[database]\nurl = "postgresql://nobody@127.0.0.1:1/none"\n'
        '[feeds.spot]\nsource = "in/*.csv"\nprofile = "demo-exchange"\n'
        '[feeds.swept]\nsource = "in"\nprofile = "demo-exchange"\ndiscovery = "sweep"\n'
    )
    return path


@pytest.fixture
def listening(config: Path) -> Iterator[Callable[[], Listening]]:
    started: list[Listening] = []

    def start() -> Listening:
        started.append(Listening(config))
        one = started[-1]
        one.wait_for(lambda: any("Listening" in line for line in one.log))
        return one

    yield start
    for one in started:
        one.end()


def journaled(folder: Path) -> list[str]:
    files = (folder / "state/journal/spot/live").glob("[!.]*.json")
    lines = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    return sorted(line["uri"].rpartition("/")[2] for line in lines)


def test_files_are_journaled_without_spark_or_database_and_a_stop_is_clean(
    listening: Callable[[], Listening], tmp_path: Path
) -> None:
    one = listening()
    (tmp_path / "in" / "a.csv").write_text("x")
    (tmp_path / "in" / "a.txt").write_text("x")
    one.wait_for(lambda: bool(one.told) and one.told[-1]["journaled"] == 1 and "by_name" in one.told[-1]["ignored"])
    assert journaled(tmp_path) == ["a.csv"]
    assert one.end() == 0
    assert one.told[-1]["feeds"] == {"spot": {"journaled": 1, "waiting": 0}}
    assert any("back in its queue" in line for line in one.log)


def test_several_at_once_journal_what_the_ledger_takes_once(listening: Callable[[], Listening], tmp_path: Path) -> None:
    both = [listening(), listening()]
    (tmp_path / "in" / "a.csv").write_text("x")
    for one in both:
        one.wait_for(lambda one=one: bool(one.told) and one.told[-1]["journaled"] == 1)  # type: ignore[misc]
    assert [one.end() for one in both] == [0, 0]
    assert journaled(tmp_path) == ["a.csv", "a.csv"]


@pytest.mark.parametrize(("names", "why"), [(["swept"], "discovery"), (["nobody"], "there is no feed")])
def test_a_feed_without_events_is_refused(
    config: Path, names: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", str(config), "listen", *names]) == 2
    assert why in capsys.readouterr().err


class Garbage(Held):
    """A queue in memory."""

    def receive(self, wait: timedelta, limit: int = 10_000) -> list[Message]:
        return self.take(limit) if wait >= timedelta() else []

    def acknowledge(self, messages: Any) -> list[Message]:
        return self.drop(messages)

    def extend(self, messages: Any, by: timedelta) -> list[Message]:
        return self.keep(messages, by)

    def release(self, messages: Any, delay: timedelta = timedelta()) -> None:
        self.keep(messages, delay)

    def close(self) -> None:
        pass


def test_a_listener_keeps_what_it_cannot_read_in_the_database_once(desk: Desk, tmp_path: Path) -> None:
    now = [datetime(2026, 1, 2, tzinfo=UTC)]
    address = [f"postgresql:///away?host={tmp_path}"]
    queue = Garbage(lambda: now[0], timedelta(seconds=60))
    watched = Watched("spot", Source(uri_of(tmp_path) + "/"), LocalStore(), Journal(tmp_path / "journal"))
    place = f"queue of {os.getpid()}"

    def listener() -> Listener:
        return Listener(place, [watched], queue, parse, LetterBox(lambda: address[0]), clock=lambda: now[0])

    queue.put(b"\xff")
    first = listener()
    first.turn()
    assert (first.counts.letters, first.counts.errors) == (0, 1)
    address[0] = desk.dsn
    now[0] += timedelta(seconds=61)
    again = listener()  # the first was killed: its message comes again
    again.turn()
    first.turn()
    kept = letters.listed(desk.connection, place)
    assert [(row["message_id"], row["deliveries"], row["reason"]) for row in kept] == [("1", 2, "not JSON")]
    assert letters.shown(desk.connection, [kept[0]["letter_id"]])[0]["body"] == b"\xff"
    letters.drop(desk.connection, [kept[0]["letter_id"]])
    now[0] += timedelta(seconds=61)
    again.turn()
    assert letters.listed(desk.connection, place) == []
