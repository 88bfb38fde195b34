"""The live view of real servers: several of one database, bursts, refusals, deaths."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest
import socketio
import websocket

from sinks import database, embedded, keeper, migrate
from tests.api.conftest import new_token
from tests.api.landing import add_feeds, land, totals
from tests.api.serving import ROOT, Serving, serving
from tests.api.watching import Watcher

FEEDS = ("spot", "swap")


@pytest.fixture(scope="module")
def token(dsn: str) -> str:
    add_feeds(dsn, *FEEDS)
    return new_token(dsn, "watcher", "viewer")


@pytest.fixture(scope="module")
def served(dsn: str, token: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("server"), dsn) as one:
        yield one


@pytest.fixture
def connection(dsn: str) -> Iterator[Any]:
    opened = database.connect(dsn)
    yield opened
    opened.close()


@pytest.fixture
def watch(token: str) -> Iterator[Callable[..., Watcher]]:
    with ExitStack() as stack:

        def to(address: str, **how: Any) -> Watcher:
            watcher = Watcher(address, how.pop("token", token), **how)
            stack.callback(watcher.close)
            return watcher

        yield to


def get(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_two_servers_of_one_database_show_the_same_totals(
    served: Serving, watch: Callable[..., Watcher], connection: Any, dsn: str, tmp_path: Path
) -> None:
    with serving(tmp_path / "other", dsn) as other:
        watchers = [watch(served.address), watch(other.address)]
        for n in range(30):
            land(connection, FEEDS[n % 2], files=2)
        expected = totals(dsn)
        for watcher in watchers:
            watcher.until(lambda watcher=watcher: watcher.totals() == expected)
        assert watchers[0].epoch != watchers[1].epoch
        for watcher in watchers:
            watcher.close()


def test_a_burst_of_batches_reaches_a_client_as_ten_messages_a_second_with_exact_totals(
    served: Serving, watch: Callable[..., Watcher], dsn: str
) -> None:
    watcher = watch(served.address)
    watcher.until(lambda: watcher.snapshots)
    batches = burst(dsn, seconds=3, writers=4)
    expected = totals(dsn)
    watcher.until(lambda: watcher.totals() == expected)
    assert batches > 300, "this was no burst"
    assert most_in_a_second([at for at, _ in watcher.told]) <= 10
    watcher.until(lambda: merges(watcher) == batches)
    assert watcher.gaps == 0


def merges(watcher: Watcher) -> int:
    """Of how many it was told, by name or by number."""
    return sum(len(message["batches"]) + message["left_out"] for _, message in watcher.told)


def test_the_client_of_the_documentation_follows_what_lands(
    served: Serving, connection: Any, dsn: str, token: str
) -> None:
    (code,) = re.findall(r"```python\n(import socketio.*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL)
    # It ends as soon as it has seen a file more than there are now; of the rest not a sign is changed.
    seen = f"while rows.get('spot', {{}}).get('files') != {totals(dsn)['spot'][0] + 1}: client.sleep(0.02)"
    code = code.replace("https://tradewind.example", served.address).replace(
        "client.wait()", f"print('here', flush=True)\n{seen}\nclient.disconnect()"
    )
    program = [sys.executable, "-c", f"token = {token!r}\n{code}"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout and client.stdout.readline() == "here\n"
        land(connection, "spot")
        assert client.wait(30) == 0


def burst(dsn: str, seconds: float, writers: int) -> int:
    """As many small batches as several connections can commit; how many it were."""
    counts = [0] * writers
    until = time.monotonic() + seconds

    def write(number: int) -> None:
        connection = database.connect(dsn)
        while time.monotonic() < until:
            land(connection, FEEDS[number % len(FEEDS)])
            counts[number] += 1
        connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def most_in_a_second(times: list[float]) -> int:
    return max(sum(at <= other < at + 1 for other in times) for at in times)


def test_a_thousand_notifications_at_once_are_few_messages_that_name_the_latest(
    served: Serving, watch: Callable[..., Watcher], connection: Any, dsn: str
) -> None:
    watcher = watch(served.address)
    watcher.until(lambda: watcher.snapshots)
    with connection:  # the inner transactions of psycopg2 are this one
        notify_many(connection, 1000)
    expected = totals(dsn)
    watcher.until(lambda: watcher.told and watcher.totals() == expected)
    watcher.until(lambda: merges(watcher) == 1000)
    assert len(watcher.told) <= 3, "what does not come at once comes with the next"
    assert all(len(message["batches"]) == 20 for _, message in watcher.told)


def notify_many(connection: Any, batches: int) -> None:
    told = '{"feed": "spot", "files": 0, "inserted": 0, "updated": 0, "unchanged": 0, "batch_id": %s}'
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_notify('tradewind', format('{told}', n)) FROM generate_series(1, {batches}) n")


def test_past_max_sockets_a_client_is_refused_with_a_message_and_http_still_answers(
    watch: Callable[..., Watcher], dsn: str, token: str, tmp_path: Path
) -> None:
    with serving(tmp_path / "small", dsn, max_sockets=3, threads=2) as small:
        watchers = [watch(small.address) for _ in range(3)]
        refused = Refused(small.address, token)
        assert "All places for live connections are taken" in refused.reason["message"]
        assert refused.reason["data"]["cure"]
        assert [get(f"{small.address}/readyz") for _ in range(5)] == [200] * 5
        assert all(watcher.connected for watcher in watchers)
        watchers.pop().close()
        eventually(lambda: not Refused(small.address, token).reason)
        for watcher in watchers:
            watcher.close()


def test_connections_that_never_say_who_they_are_hold_no_thread_that_requests_need(
    dsn: str, token: str, tmp_path: Path
) -> None:
    with serving(tmp_path / "silent", dsn, max_sockets=2, threads=2) as small, ExitStack() as stack:
        codes: list[int] = []
        way = small.address.replace("http", "ws")
        for _ in range(12):
            try:
                silent = websocket.create_connection(f"{way}/socket.io/?EIO=4&transport=websocket")
                stack.callback(silent.shutdown)
            except websocket.WebSocketBadStatusException as error:
                codes.append(error.status_code)
        assert codes == [503] * 6
        assert [get(f"{small.address}/readyz") for _ in range(5)] == [200] * 5
        # … and they are cut off, so that others may come.
        eventually(lambda: not Refused(small.address, token).reason, 20)


class Refused:
    """One try to connect, and the reason why it failed, if it did."""

    def __init__(self, address: str, token: str) -> None:
        self.reason: Any = None
        client = socketio.Client(reconnection=False)
        client.on("connect_error", self._say)
        try:
            client.connect(address, transports=["websocket"], auth={"token": token}, wait_timeout=10)
        except socketio.exceptions.ConnectionError as error:
            self.reason = self.reason or str(error)
        client.disconnect()
        client.eio.wait()

    def _say(self, reason: Any) -> None:
        self.reason = reason


def eventually(true: Callable[[], bool], patience: float = 10) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.1)  # between two looks


def test_without_a_token_the_reason_is_told(served: Serving) -> None:
    reason = Refused(served.address, "tradewind_wrong").reason
    assert (reason["message"], reason["data"]["status"]) == ("No valid token or session came with the connection.", 401)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_pages_of_other_origins_are_refused_whatever_they_bring(served: Serving, origin: str) -> None:
    assert opened(served, origin) == 400


def test_pages_of_its_own_origin_are_let_in(served: Serving) -> None:
    assert opened(served, served.address) == 101


@pytest.mark.parametrize(("from_a_page", "answer"), [(True, "40"), (False, "44")], ids=["our page", "no page"])
def test_a_session_lets_our_own_pages_in_and_nothing_else(
    served: Serving, token: str, from_a_page: bool, answer: str
) -> None:
    address = f"{served.address.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"
    way = websocket.create_connection(
        address, origin=served.address, suppress_origin=not from_a_page, cookie=signed_in(served, token)
    )
    way.recv()
    way.send("40")
    assert str(way.recv()).startswith(answer)
    way.close()


def signed_in(served: Serving, token: str) -> str:
    """The cookie of a new session."""
    asked = urllib.request.Request(
        f"{served.address}/api/v1/session", json.dumps({"token": token}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=10) as answered:
        cookie: str = answered.headers["Set-Cookie"]
    return cookie.partition(";")[0]


def opened(served: Serving, origin: str) -> int:
    """The status of a handshake from a page of this origin."""
    address = f"{served.address.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"
    try:
        way = websocket.create_connection(address, origin=origin)
    except websocket.WebSocketBadStatusException as error:
        return int(error.status_code)
    way.close()
    return 101


def test_polling_is_refused(served: Serving) -> None:
    assert get(f"{served.address}/socket.io/?EIO=4&transport=polling") == 400


def test_a_message_that_is_too_large_ends_the_connection(served: Serving, watch: Callable[..., Watcher]) -> None:
    watcher = watch(served.address, reconnection=False)
    watcher._client.emit("subscribe", {"feeds": ["x" * 20_000]})
    eventually(lambda: not watcher.connected)
    assert get(f"{served.address}/healthz") == 200


def test_asked_to_end_a_server_lets_its_sockets_go_at_once(
    watch: Callable[..., Watcher], dsn: str, tmp_path: Path
) -> None:
    with serving(tmp_path / "ending", dsn) as ending:
        watchers = [watch(ending.address, reconnection=False) for _ in range(5)]
        assert ending.stop() < 8
        eventually(lambda: not any(watcher.connected for watcher in watchers))


@pytest.mark.slow
@pytest.mark.parametrize("whom", ["the program", "its worker"])
def test_after_a_server_was_killed_under_50_sockets_all_have_the_right_totals_again(
    watch: Callable[..., Watcher], connection: Any, dsn: str, tmp_path: Path, whom: str
) -> None:
    with serving(tmp_path / "killed", dsn) as killed:
        watchers = [watch(killed.address) for _ in range(50)]
        for watcher in watchers:
            watcher.until(lambda watcher=watcher: watcher.snapshots)
        epoch = watchers[0].epoch
        land(connection, "spot")
        if whom == "the program":
            killed.kill()
        else:
            (worker,) = psutil.Process(killed.process.pid).children()
            worker.kill()
        land(connection, "spot", files=7)
        if whom == "the program":
            killed.again()
        land(connection, "swap", files=5)
        expected = totals(dsn)
        for watcher in watchers:
            watcher.until(lambda watcher=watcher: watcher.epoch != epoch and watcher.totals() == expected, 60)
        for watcher in watchers:
            watcher.close()


@pytest.mark.slow
def test_a_client_that_takes_nothing_is_cut_off_and_the_others_hear_all(
    watch: Callable[..., Watcher], postgres: str, tmp_path: Path
) -> None:
    migrate.migrate(postgres)
    add_feeds(postgres, *(f"feed-{n}" for n in range(300)))
    token = new_token(postgres, "watcher", "viewer")
    with serving(tmp_path / "slow", postgres) as served:
        watcher = watch(served.address, token=token)
        stuck = websocket.create_connection(
            f"{served.address.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket",
            sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)],
        )
        stuck.send(f"40{json.dumps({'token': token})}")
        connection = database.connect(postgres)

        def told() -> bool:
            with database.transaction(connection) as cursor:
                cursor.execute("UPDATE tradewind.feeds SET updated_at = now()")
            return "too slow" in served.said()

        eventually(told, 90)
        connection.close()
        with pytest.raises((websocket.WebSocketException, OSError)):
            while stuck.recv():
                pass
        assert (watcher.connected, watcher.gaps) == (True, 0)
        assert get(f"{served.address}/readyz") == 200
        watcher.close()


@pytest.mark.slow
def test_postgresql_restarted_below_it_all_clients_have_the_right_totals_again(
    watch: Callable[..., Watcher], cluster: Path, tmp_path: Path
) -> None:
    state = tmp_path / "server"
    state.mkdir()
    subprocess.run(["cp", "-a", cluster, state / cluster.name], check=True)  # with its owner, who is not root
    dsn = embedded.dsn(embedded.EMBEDDED, state)
    try:
        migrate.migrate(dsn)
        add_feeds(dsn, *FEEDS)
        token = new_token(dsn, "watcher", "viewer")
        with serving(tmp_path / "api", dsn) as served:
            watchers = [watch(served.address, token=token) for _ in range(5)]
            for watcher in watchers:
                watcher.until(lambda watcher=watcher: watcher.snapshots)
            keeper.stop(embedded.pgdata_of(state))
            for watcher in watchers:
                watcher.until(lambda watcher=watcher: watcher.beats and not watcher.beats[-1]["live"])
            assert get(f"{served.address}/readyz") == 503
            embedded.dsn(embedded.EMBEDDED, state)  # up again, at the same address
            connection = database.connect(dsn)
            land(connection, "spot", files=3)  # perhaps before the server has listened again
            expected = totals(dsn)
            for watcher in watchers:
                watcher.until(lambda watcher=watcher: watcher.totals() == expected)
            land(connection, "swap")
            expected = totals(dsn)
            for watcher in watchers:
                watcher.until(lambda watcher=watcher: watcher.totals() == expected)
                watcher.close()
            connection.close()
            assert get(f"{served.address}/readyz") == 200
    finally:
        embedded.leave(state)
