"""Downloads whose readers are slow, over a real socket: they are few at a time, and the API answers beside them."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from email.message import Message

import pytest
from apiflask import APIFlask

from api.streams import PIECE, batches, paced
from sinks.tokens import Role
from tests.api.ledger import ask, feed, files, trades
from tests.api.serving import PATIENCE, Serving, serving

THREADS = 4
CSV = "/api/v1/trades.csv?dataset=large&from=2026-01-05"
HELD = (
    "SELECT count(*) AS held FROM pg_stat_activity WHERE xact_start IS NOT NULL "
    "AND datname = current_database() AND application_name = 'tradewind api'"
)


@pytest.fixture(scope="module")
def server_of_large(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    trades(dsn, feed(dsn, "large"), files(dsn, "large", 1, "loaded")[0], 10_000, note="x" * 2000)
    with serving(tmp_path_factory.mktemp("downloads"), dsn, threads=THREADS) as server:
        yield server


def reader(server: Serving, token: str) -> socket.socket:
    """Someone who has asked for the download, read its first bytes, and reads no more."""
    asking = socket.socket()
    asking.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    asking.settimeout(PATIENCE)
    asking.connect(("127.0.0.1", server.port))
    asking.sendall(f"GET {CSV} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    assert asking.recv(15) == b"HTTP/1.1 200 OK"
    return asking


def answer(server: Serving, token: str, path: str) -> tuple[int, Message, bytes]:
    request = urllib.request.Request(server.address + path, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as told:
            return told.status, told.headers, told.read(1000)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def wait_until(holds: Callable[[], bool], within: float) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)  # between two looks


def test_half_of_the_threads_download_at_once_and_the_rest_answers(
    server_of_large: Serving, token_of: Callable[[Role], str]
) -> None:
    token = token_of("viewer")
    with ExitStack() as slow:
        for _ in range(THREADS // 2):
            slow.enter_context(closing(reader(server_of_large, token)))
        status, headers, body = answer(server_of_large, token, CSV)
        assert (status, headers["Content-Type"], headers["Retry-After"]) == (429, "application/problem+json", "10")
        assert "at once" in json.loads(body)["detail"]
        assert json.loads(body)["cure"]
        assert [answer(server_of_large, token, "/api/v1/summary")[0] for _ in range(2 * THREADS)] == [200] * 8
    # They have left: their places are free again.
    wait_until(lambda: answer(server_of_large, token, CSV)[0] == 200, PATIENCE)


def test_a_transaction_that_waits_for_its_reader_has_an_end(app: APIFlask) -> None:
    with app.app_context(), batches("SELECT current_setting('idle_in_transaction_session_timeout')") as (_, lists):
        assert list(lists) == [[("5min",)]]


def test_a_reader_that_takes_next_to_nothing_is_cut_and_a_slow_one_is_not() -> None:
    def taken(bytes_a_second: float) -> int:
        """How much of 10 MB goes to such a reader, by a clock of its own."""
        now, handed = [0.0], 0
        with suppress(ConnectionResetError):
            for piece in paced(iter([b"x" * 1_000_000] * 10), lambda: now[0]):
                handed += len(piece)
                now[0] += len(piece) / bytes_a_second
        return handed

    assert taken(5_000) == taken(1e9) == 10_000_000
    assert taken(4_000) < 500_000
    assert taken(1 / 60) <= PIECE


@pytest.mark.slow(150)
def test_a_reader_of_a_few_bytes_a_second_is_cut(
    server_of_large: Serving, dsn: str, token_of: Callable[[Role], str]
) -> None:
    with closing(reader(server_of_large, token_of("viewer"))) as slow:
        assert ask(dsn, HELD) != [{"held": 0}]

        def gone() -> bool:
            slow.recv(100)  # ten times a second, so that no send waits for long
            return ask(dsn, HELD) == [{"held": 0}]

        wait_until(gone, 4 * PATIENCE)


@pytest.mark.slow
def test_a_reader_that_takes_nothing_is_cut(
    server_of_large: Serving, dsn: str, token_of: Callable[[Role], str]
) -> None:
    with closing(reader(server_of_large, token_of("viewer"))) as slow:
        assert ask(dsn, HELD) != [{"held": 0}]
        wait_until(lambda: ask(dsn, HELD) == [{"held": 0}], 3 * PATIENCE)
        rest = b"".join(iter(lambda: slow.recv(1 << 16), b""))
        assert not rest.endswith(b"0\r\n\r\n")  # which would say that this was all
