"""The embedded PostgreSQL: who starts it, who shares it, and that it never outlives its users."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg2
import pytest

from sinks import embedded, keeper
from sinks.embedded import EmbeddedFailed

PATIENCE = 30
_USER = """
import sys
from pathlib import Path
from sinks import embedded
print(embedded.dsn("embedded", Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


class User:
    """A process that uses the server of a folder until its standard input ends."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _USER, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.dsn = self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.communicate(timeout=PATIENCE)

    def kill(self) -> None:
        self.process.kill()
        self.end()


@pytest.fixture
def user() -> Iterator[Callable[[Path], User]]:
    users: list[User] = []

    def start(folder: Path) -> User:
        users.append(User(folder))
        return users[-1]

    yield start
    for one in users:
        if one.process.poll() is None:
            one.end()


def answer(dsn: str, query: str = "SELECT 1") -> object:
    connection = psycopg2.connect(dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
    finally:
        connection.close()
    return row[0] if row else None


def socket_of(dsn: str) -> Path:
    return Path(parse_qs(urlsplit(dsn).query)["host"][0])


def server_of(folder: Path) -> psutil.Process:
    pid = keeper.running(embedded.pgdata_of(folder))
    assert pid is not None, "no server runs"
    return psutil.Process(pid)


def long(folder: Path) -> Path:
    """A folder below, too long for a socket."""
    return folder / ("long" * 30)


@contextmanager
def used(folder: Path, version: int = 18) -> Iterator[str]:
    try:
        yield embedded.dsn(embedded.EMBEDDED, folder, version)
    finally:
        embedded.leave(folder)


def test_an_address_of_ones_own_is_handed_back_and_nothing_is_started(tmp_path: Path) -> None:
    assert embedded.dsn("postgresql://me@db/trades", tmp_path) == "postgresql://me@db/trades"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("version", [16, 18])
def test_it_runs_in_both_versions_and_listens_on_no_network(tmp_path: Path, version: int) -> None:
    with used(tmp_path / "a b'\"$c", version) as dsn:
        assert str(answer(dsn, "SHOW server_version")).startswith(str(version))
        assert answer(dsn, "SHOW listen_addresses") == ""
        assert answer(dsn, "SELECT current_database()") == "tradewind"
        assert answer(dsn, "SHOW server_encoding") == "UTF8"


def test_a_path_too_long_for_a_socket_still_works(tmp_path: Path) -> None:
    with used(long(tmp_path)) as dsn:
        assert answer(dsn) == 1
        assert socket_of(dsn).is_dir()
    assert not socket_of(dsn).exists()


def test_a_keeper_that_stops_its_server_removes_the_sockets_folder(
    tmp_path: Path, user: Callable[[Path], User]
) -> None:
    only = user(long(tmp_path))
    guard = server_of(long(tmp_path)).parent()
    assert guard
    only.kill()
    guard.wait(PATIENCE)
    assert not socket_of(only.dsn).exists()


def test_a_start_that_fails_leaves_no_sockets_folder(tmp_path: Path) -> None:
    with used(long(tmp_path)) as dsn:
        pass
    with (embedded.pgdata_of(long(tmp_path)) / "postgresql.conf").open("a") as configuration:
        configuration.write("shared_buffers = lots\n")
    with pytest.raises(EmbeddedFailed):
        embedded.dsn(embedded.EMBEDDED, long(tmp_path))
    embedded.leave(long(tmp_path))
    assert not socket_of(dsn).exists()


def test_processes_share_it_and_the_last_one_stops_it(state: Path, user: Callable[[Path], User]) -> None:
    first, second = user(state), user(state)
    assert first.dsn == second.dsn
    first.end()
    assert answer(second.dsn) == 1
    second.end()
    assert keeper.running(embedded.pgdata_of(state)) is None


def test_processes_that_start_together_get_one_server(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _USER, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    answers = {process.communicate(timeout=PATIENCE)[0].strip() for process in processes}
    assert len(answers) == 1
    assert "tradewind" in answers.pop()
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    assert keeper.running(embedded.pgdata_of(tmp_path)) is None


def test_a_killed_user_leaves_the_server_to_the_others(state: Path, user: Callable[[Path], User]) -> None:
    killed, other = user(state), user(state)
    killed.kill()
    assert answer(other.dsn) == 1


def test_the_server_ends_after_its_only_user_was_killed(state: Path, user: Callable[[Path], User]) -> None:
    only = user(state)
    server = server_of(state)
    only.kill()
    server.wait(PATIENCE)
    with used(state) as dsn:
        assert answer(dsn) == 1


def test_a_start_right_after_a_kill_gets_a_server(state: Path, user: Callable[[Path], User]) -> None:
    for _ in range(3):
        one = user(state)
        assert answer(one.dsn) == 1
        one.kill()
    with used(state) as dsn:
        assert answer(dsn) == 1


def test_a_killed_server_is_started_again_with_what_was_committed(state: Path) -> None:
    with used(state) as dsn:
        connection = psycopg2.connect(dsn)
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept AS SELECT 42 AS n")
        connection.close()
        server = server_of(state)
        os.kill(server.pid, signal.SIGKILL)
        server.wait(PATIENCE)
        again = embedded.dsn(embedded.EMBEDDED, state)
        assert answer(again, "SELECT n FROM kept") == 42


def test_without_its_keeper_the_last_user_stops_it(state: Path, user: Callable[[Path], User]) -> None:
    one = user(state)
    server = server_of(state)
    guard = server.parent()
    assert guard is not None
    assert keeper.__file__ in guard.cmdline()
    guard.kill()
    guard.wait(PATIENCE)
    one.end()
    assert keeper.running(embedded.pgdata_of(state)) is None


def test_a_lock_file_with_another_programs_pid_does_not_stop_a_start(state: Path) -> None:
    with used(state):
        pid_file = embedded.pgdata_of(state) / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with used(state) as dsn:
        assert answer(dsn) == 1


def test_a_start_that_was_killed_half_way_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    starting = subprocess.Popen([sys.executable, "-c", _USER, str(tmp_path)], stdin=subprocess.PIPE)
    locks = keeper.lock_folder(embedded.pgdata_of(tmp_path))
    while not locks.exists():
        assert starting.poll() is None
    starting.kill()
    starting.communicate()
    with used(tmp_path) as dsn:
        assert answer(dsn) == 1


def test_data_of_another_version_are_refused_with_the_cure(tmp_path: Path) -> None:
    with used(tmp_path, 16):
        pass
    with pytest.raises(EmbeddedFailed, match=r"holds data of PostgreSQL 16.*postgres_version = 16"):
        embedded.dsn(embedded.EMBEDDED, tmp_path, 18)
    embedded.leave(tmp_path)


def test_a_server_that_cannot_start_says_why(state: Path) -> None:
    with used(state):
        pass
    with (embedded.pgdata_of(state) / "postgresql.conf").open("a") as configuration:
        configuration.write("shared_buffers = lots\n")
    with pytest.raises(EmbeddedFailed, match=r"(?s)ended at once.*shared_buffers"):
        embedded.dsn(embedded.EMBEDDED, state)
    embedded.leave(state)


def test_each_test_gets_an_empty_database(postgres: str) -> None:
    assert answer(postgres, "SELECT count(*) FROM pg_tables WHERE schemaname !~ '^(pg_|information)'") == 0
