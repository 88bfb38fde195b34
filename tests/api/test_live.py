"""The live view's protocol: who gets in, what is told to whom, in which order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from apiflask import APIFlask
from engineio.exceptions import SocketIsClosedError
from flask_socketio import SocketIOTestClient

from api.app import create_app
from api.live import Live, live
from sinks import database
from sinks.queries import query
from sinks.tokens import Role
from streaming.settings import Settings
from tests.api.conftest import new_token
from tests.api.landing import add_feeds, figures, land, totals

PATIENCE = 20.0  # seconds


@pytest.fixture(scope="module")
def feeds(dsn: str) -> tuple[str, str, str]:
    names = ("spot", "swap", "option")
    add_feeds(dsn, *names)
    return names


@pytest.fixture(scope="module")
def live_app(settings: Settings, dsn: str) -> Iterator[APIFlask]:
    made = create_app(settings, dsn)
    yield made
    live(made).end()
    live(made).hub.close()
    made.extensions["tradewind"].pool.close()


@pytest.fixture
def view(live_app: APIFlask) -> Live:
    return live(live_app)


@pytest.fixture
def connect(
    live_app: APIFlask, view: Live, feeds: tuple[str, ...], token_of: Callable[[Role], str]
) -> Iterator[Callable[..., Client]]:
    made: list[Client] = []

    def client(token: str | None = None, **how: Any) -> Client:
        made.append(Client(live_app, view, {"token": token or token_of("viewer")}, **how))
        return made[-1]

    yield client
    for one in made:
        one.close()


@pytest.fixture
def connection(dsn: str) -> Iterator[Any]:
    opened = database.connect(dsn)
    yield opened
    opened.close()


class Client:
    """flask-socketio's own, with patience: messages come from another thread."""

    def __init__(self, app: APIFlask, view: Live, auth: Any, **how: Any) -> None:
        self.socket: SocketIOTestClient = view.sockets.test_client(app, auth=auth, **how)
        self.messages: list[dict[str, Any]] = []

    def next(self, name: str) -> dict[str, Any]:
        """The next message of this name; others before it are kept in `messages`."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for received in self.socket.get_received() if self.socket.is_connected() else []:
                self.messages.append({"name": received["name"], **received["args"][0]})
            for at, message in enumerate(self.messages):
                if message["name"] == name:
                    del self.messages[: at + 1]
                    return message
            time.sleep(0.005)  # between two looks
        raise AssertionError(f"no {name!r} came: {self.messages}")

    def until(self, feed: str, expected: tuple[int, ...]) -> list[dict[str, Any]]:
        """All `feeds` messages until one tells these figures of a feed."""
        told = []
        while True:
            told.append(self.next("feeds"))
            if any(row["feed"] == feed and figures(row) == expected for row in told[-1]["feeds"]):
                return told

    def close(self) -> None:
        if self.socket.is_connected():
            self.socket.disconnect()


def test_at_connect_comes_a_snapshot_of_all_feeds(connect: Callable[..., Client], dsn: str) -> None:
    snapshot = connect().next("snapshot")
    assert {row["feed"]: figures(row) for row in snapshot["feeds"]} == totals(dsn)
    assert len(snapshot["epoch"]) == 16
    assert snapshot["subscribed"] is None


def test_seconds_that_pass_by_themselves_are_not_told(connect: Callable[..., Client], connection: Any) -> None:
    land(connection, "spot")
    row = next(row for row in connect().next("snapshot")["feeds"] if row["feed"] == "spot")
    assert "freshness_seconds" not in row
    assert row["newest_file"].endswith("+00:00")


def test_a_batch_is_told_with_absolute_totals_and_the_next_number(
    connect: Callable[..., Client], connection: Any, dsn: str
) -> None:
    client = connect()
    snapshot = client.next("snapshot")
    batch_id = land(connection, "spot", files=3, rows=4)
    told = client.next("feeds")
    assert (told["epoch"], told["seq"]) == (snapshot["epoch"], snapshot["seq"] + 1)
    assert [(row["feed"], figures(row)) for row in told["feeds"]] == [("spot", totals(dsn)["spot"])]
    assert told["batches"] == [
        {"feed": "spot", "batch_id": batch_id, "files": 3, "inserted": 9, "updated": 3, "unchanged": 0}
    ]
    assert told["left_out"] == 0


def test_of_many_merges_at_once_the_latest_are_named_and_the_others_counted(
    connect: Callable[..., Client], connection: Any, dsn: str
) -> None:
    client = connect()
    client.next("snapshot")
    for _ in range(70):
        last = land(connection, "spot")
    told = client.until("spot", totals(dsn)["spot"])
    assert sum(len(message["batches"]) + message["left_out"] for message in told) == 70
    assert max(len(message["batches"]) for message in told) == 20
    assert told[-1]["batches"][-1]["batch_id"] == last
    assert [message["seq"] for message in told] == list(range(told[0]["seq"], told[0]["seq"] + len(told)))


def test_a_subscription_begins_with_a_snapshot_and_hears_of_its_feeds_alone(
    connect: Callable[..., Client], connection: Any, dsn: str
) -> None:
    client, other = connect(), connect()
    client.next("snapshot")
    other.next("snapshot")
    assert client.socket.emit("subscribe", {"feeds": ["swap"]}, callback=True) == {"subscribed": ["swap"]}
    snapshot = client.next("snapshot")
    assert ([row["feed"] for row in snapshot["feeds"]], snapshot["subscribed"]) == (["swap"], ["swap"])
    land(connection, "option")
    other.until("option", totals(dsn)["option"])
    land(connection, "swap")
    told = client.next("feeds")
    assert ([row["feed"] for row in told["feeds"]], told["seq"]) == (["swap"], snapshot["seq"] + 1)
    assert {merge["feed"] for merge in told["batches"]} == {"swap"}


def test_who_unsubscribes_hears_of_all_feeds_again(connect: Callable[..., Client], connection: Any, dsn: str) -> None:
    client = connect()
    client.socket.emit("subscribe", {"feeds": ["swap"]}, callback=True)
    assert client.socket.emit("unsubscribe", callback=True) == {"subscribed": None}
    while client.next("snapshot")["subscribed"] is not None:
        pass
    land(connection, "option")
    client.until("option", totals(dsn)["option"])


@pytest.mark.parametrize(
    "said",
    [(), ("swap",), ({},), ({"feeds": []},), ({"feeds": "swap"},), ({"feeds": ["swap", 1]},), ({"feeds": ["sw\0ap"]},),
     ({"feeds": ["\ud800"]},),
     ({"feeds": ["swap"], "more": 1},), ({"feeds": ["swap"]}, 1), ({"feeds": ["no such feed"]},),
     ({"feeds": ["swap"] * 101},)],
    ids=["nothing", "a text", "no feeds", "an empty list", "no list", "a number", "a nought", "half a sign",
         "a field more",
         "an argument more", "an unknown feed", "too many"],
)  # fmt: skip
def test_a_subscription_that_is_unclear_is_refused_with_the_cure_and_changes_nothing(
    connect: Callable[..., Client], said: tuple[Any, ...]
) -> None:
    client = connect()
    client.next("snapshot")
    answer = client.socket.emit("subscribe", *said, callback=True)
    assert answer["error"]["status"] == 422
    assert answer["error"]["cure"]
    client.socket.emit("snapshot")
    assert client.next("snapshot")["subscribed"] is None


def test_a_socket_that_closes_while_it_is_told_keeps_nothing_from_the_others(
    connect: Callable[..., Client], connection: Any, dsn: str, view: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing, *others = [connect() for _ in range(3)]
    epochs = {client.next("snapshot")["epoch"] for client in others}
    send = view.sockets.server._send_eio_packet

    def closed(eio_sid: str, packet: Any) -> None:
        if eio_sid == closing.socket.eio_sid:
            raise SocketIsClosedError
        send(eio_sid, packet)

    monkeypatch.setattr(view.sockets.server, "_send_eio_packet", closed)
    land(connection, "spot")
    for client in others:
        assert {message["epoch"] for message in client.until("spot", totals(dsn)["spot"])} == epochs


def test_a_snapshot_comes_again_to_whoever_asks(connect: Callable[..., Client]) -> None:
    client = connect()
    first = client.next("snapshot")
    client.socket.emit("snapshot")
    assert client.next("snapshot")["epoch"] == first["epoch"]


def test_a_feed_that_is_paused_is_told(connect: Callable[..., Client], dsn: str) -> None:
    client = connect()
    client.next("snapshot")
    database.execute_alone(dsn, "UPDATE tradewind.feeds SET paused = true WHERE feed = 'option'")
    assert [(row["feed"], row["paused"]) for row in client.next("feeds")["feeds"]] == [("option", True)]
    database.execute_alone(dsn, "UPDATE tradewind.feeds SET paused = false WHERE feed = 'option'")


def test_a_notification_of_somebody_else_harms_nothing(
    connect: Callable[..., Client], connection: Any, dsn: str
) -> None:
    client = connect()
    client.next("snapshot")
    for payload in ("", "[]", "no json", '{"feed": []}', '{"feed": "spot"}'):
        database.execute_alone(dsn, f"NOTIFY tradewind, '{payload}'")
    database.execute_alone(dsn, "NOTIFY tradewind_feeds, 'no such feed'")
    land(connection, "spot")
    client.until("spot", totals(dsn)["spot"])


@pytest.mark.parametrize("auth", [None, {}, {"token": "tradewind_wrong"}, {"token": 1}, {"token": None}, "text", [1]])
def test_without_a_valid_token_nobody_is_let_in(live_app: APIFlask, view: Live, auth: Any) -> None:
    assert not view.sockets.test_client(live_app, auth=auth).is_connected()


def test_the_token_may_come_in_the_header(live_app: APIFlask, view: Live, token_of: Callable[[Role], str]) -> None:
    client = view.sockets.test_client(live_app, headers={"Authorization": f"Bearer {token_of('viewer')}"})
    assert client.is_connected()
    client.disconnect()


@pytest.mark.parametrize("ended", ["revoked", "expired", "of another role"])
def test_a_socket_ends_with_its_token_and_the_others_stay(
    connect: Callable[..., Client], view: Live, dsn: str, ended: str
) -> None:
    client, other = connect(new_token(dsn, ended, "viewer")), connect()
    client.next("snapshot")
    connection = database.connect(dsn)
    with database.transaction(connection) as cursor:
        if ended == "revoked":
            cursor.execute(query("api/access", "revoke_token"), {"name": ended})
        elif ended == "expired":
            cursor.execute("UPDATE tradewind.tokens SET expires_at = now() WHERE name = %s", (ended,))
        else:
            cursor.execute("UPDATE tradewind.tokens SET role = 'operator' WHERE name = %s", (ended,))
    connection.close()
    view.watch.ask()
    assert (client.socket.is_connected(), other.socket.is_connected()) == (False, True)


def test_a_socket_ends_with_the_session_that_it_came_by(
    live_app: APIFlask, view: Live, token_of: Callable[[Role], str]
) -> None:
    browser = live_app.test_client()
    assert browser.post("/api/v1/session", json={"token": token_of("viewer")}).status_code == 200
    client = view.sockets.test_client(live_app, flask_test_client=browser)
    view.watch.ask()
    assert client.is_connected()
    assert browser.delete("/api/v1/session", headers={"Origin": "http://localhost"}).status_code == 204
    view.watch.ask()
    assert not client.is_connected()


def test_when_the_connection_to_the_database_is_cut_all_get_a_snapshot_of_another_epoch(
    connect: Callable[..., Client], connection: Any, dsn: str
) -> None:
    client = connect()
    before = client.next("snapshot")
    database.execute_alone(
        dsn, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tradewind live'"
    )
    beat = client.next("beat")
    assert (beat["live"], beat["epoch"], beat["seq"]) == (False, before["epoch"], before["seq"])
    after = client.next("snapshot")
    assert after["epoch"] != before["epoch"]
    assert {row["feed"]: figures(row) for row in after["feeds"]} == totals(dsn)
    land(connection, "spot")
    told = client.until("spot", totals(dsn)["spot"])
    assert (told[0]["epoch"], told[0]["seq"]) == (after["epoch"], after["seq"] + 1)


def test_who_hears_nothing_for_a_while_gets_a_beat_with_the_number_it_has(connect: Callable[..., Client]) -> None:
    client = connect()
    snapshot = client.next("snapshot")
    beat = client.next("beat")
    assert (beat["epoch"], beat["seq"], beat["live"]) == (snapshot["epoch"], snapshot["seq"], True)
