"""Actions handed to Airflow: what is asked of it over HTTP, and what a refusal leaves."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.airflow import Handing
from api.airflow_watch import AirflowWatch
from api.app import create_app
from api.shared import Shared
from sinks import database
from streaming.settings import Settings
from streaming.tables import Airflow as AirflowTable
from tests.api.conftest import new_token

FEED = {"source": "in/", "profile": "tardis-trades"}


class Airflow(ThreadingHTTPServer):
    """Answers one address of Airflow's API, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[tuple[str, str | None, Any]] = []
        self.status = 200
        self.states: dict[str, str] = {}  # of DAG runs, by the end of their address


class Answer(BaseHTTPRequestHandler):
    server: Airflow

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers["Authorization"], body))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/login")
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"a word")

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Authorization"], None))
        state = self.server.states.get(self.path.rpartition("/")[2])
        body = json.dumps({"state": state}).encode()
        self.send_response(200 if state else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not news."""


@pytest.fixture(scope="module")
def airflow() -> Iterator[Airflow]:
    with Airflow() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def client(dsn: str, airflow: Airflow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder: Path = tmp_path_factory.mktemp("airflow")
    (folder / "token").write_text("a secret\n")
    told = {"url": f"http://127.0.0.1:{airflow.server_port}/", "token_file": str(folder / "token")}
    settings = {"database": {"url": dsn}, "state": {"dir": str(folder)}, "feeds": {"spot": FEED}}
    app = create_app(Settings.model_validate(settings | {"api": {"airflow": told}}), dsn)
    made = app.test_client()
    made.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {new_token(dsn, 'airflow', 'operator')}"
    yield made
    app.extensions["tradewind"].pool.close()


@pytest.fixture
def run_of(client: FlaskClient, dsn: str) -> Callable[[], tuple[Any, ...]]:
    """Asks for a sweep; its run's number, state, reason and who starts it."""

    def asked() -> tuple[Any, ...]:
        run_id = client.post("/api/v1/feeds/spot/sweep", json={}).get_json()["run_id"]
        connection = database.connect(dsn)
        with database.transaction(connection) as cursor:
            cursor.execute("SELECT run_id, state, reason, host FROM tradewind.runs WHERE run_id = %s", (run_id,))
            row: tuple[Any, ...] = cursor.fetchone()
        connection.close()
        return row

    return asked


def test_an_action_becomes_a_dag_run_with_its_words(airflow: Airflow, run_of: Callable[[], tuple[Any, ...]]) -> None:
    run_id, *rest = run_of()
    assert rest == ["queued", None, "airflow"]
    assert airflow.asked[-1] == (
        "/api/v2/dags/tradewind_command/dagRuns",
        "Bearer a secret",
        {
            "dag_run_id": f"tradewind-{run_id}",
            "logical_date": None,
            "conf": {"run_id": run_id, "command": ["sweep", "--", "spot"]},
        },
    )


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("queued", ("queued", None)),
        ("running", ("queued", None)),
        ("failed", ("failed", "failed before it began")),
        ("success", ("failed", "ended without it")),
        (None, ("failed", "Airflow has no DAG run")),
    ],
)
def test_a_run_that_nobody_will_begin_is_told_by_airflow(
    airflow: Airflow,
    client: FlaskClient,
    run_of: Callable[[], tuple[Any, ...]],
    dsn: str,
    state: str | None,
    expected: tuple[str, str | None],
) -> None:
    run_id, *_ = run_of()
    airflow.states = {f"tradewind-{run_id}": state} if state else {}
    shared: Shared = client.application.extensions["tradewind"]
    assert isinstance(shared.starter, Handing)
    watch = AirflowWatch(shared.starter)
    watch.look()
    assert airflow.asked[-1][0].endswith("/dagRuns"), "a run that is young is not asked for"
    _age(dsn, run_id, "1 minute")
    watch.look()
    assert airflow.asked[-1][0] == f"/api/v2/dags/tradewind_command/dagRuns/tradewind-{run_id}"
    found = client.get(f"/api/v1/runs/{run_id}").get_json()
    assert found["state"] == expected[0]
    assert (expected[1] or "") in (found["reason"] or "")
    client.post(f"/api/v1/runs/{run_id}/cancel", json={})


def test_airflow_is_asked_by_the_way_of_any_request_and_not_at_each(
    airflow: Airflow, client: FlaskClient, run_of: Callable[[], tuple[Any, ...]], dsn: str
) -> None:
    run_id, *_ = run_of()
    airflow.states = {}
    _age(dsn, run_id, "1 minute")
    hooks: list[Any] = list(client.application.before_request_funcs[None])
    (watch,) = [it for hook in hooks if isinstance(it := getattr(hook, "__self__", None), AirflowWatch)]
    watch.next = 0.0
    client.get("/healthz")
    deadline = time.monotonic() + 60
    while client.get(f"/api/v1/runs/{run_id}").get_json()["state"] == "queued":
        assert time.monotonic() < deadline
        time.sleep(0.05)  # between two looks
    asked = len(airflow.asked)
    client.get("/healthz")
    assert len(airflow.asked) == asked


def test_a_run_that_airflow_does_not_tell_of_is_lost_after_a_day(
    client: FlaskClient, run_of: Callable[[], tuple[Any, ...]], dsn: str
) -> None:
    run_id, *_ = run_of()
    _age(dsn, run_id, "23 hours")
    assert client.get(f"/api/v1/runs/{run_id}").get_json()["state"] == "queued"
    _age(dsn, run_id, "25 hours")
    assert client.get(f"/api/v1/runs/{run_id}").get_json()["state"] == "lost"


def test_an_airflow_that_is_away_or_talks_nonsense_ends_nothing(
    airflow: Airflow, client: FlaskClient, run_of: Callable[[], tuple[Any, ...]], dsn: str, tmp_path: Path
) -> None:
    run_id, *_ = run_of()
    _age(dsn, run_id, "1 minute")
    shared: Shared = client.application.extensions["tradewind"]
    (tmp_path / "token").write_text("x")
    for url in ("http://127.0.0.1:1", f"http://127.0.0.1:{airflow.server_port}/nonsense"):
        airflow.states = {f"tradewind-{run_id}": "nonsense"}
        config = AirflowTable.model_construct(url=url, token_file=tmp_path / "token", dag="d")
        watch = AirflowWatch(Handing(config, shared.pool))
        watch.glance()
        with watch.looking:  # until it has looked
            assert client.get(f"/api/v1/runs/{run_id}").get_json()["state"] == "queued"


def _age(dsn: str, run_id: int, age: str) -> None:
    connection = database.connect(dsn)
    with database.transaction(connection) as cursor:
        cursor.execute(
            "UPDATE tradewind.runs SET started_at = now() - %s::interval WHERE run_id = %s AND state = 'queued'",
            (age, run_id),
        )
        cursor.execute("UPDATE tradewind.runs SET state = 'stopped' WHERE run_id < %s AND state = 'queued'", (run_id,))
    connection.close()


def test_a_refusal_leaves_a_failed_run_that_tells_it(airflow: Airflow, run_of: Callable[[], tuple[Any, ...]]) -> None:
    airflow.status = 403
    assert run_of()[1:3] == ("failed", "Airflow refused it with 403: a word")


def test_a_redirect_is_a_refusal_and_the_token_does_not_go_along(
    airflow: Airflow, run_of: Callable[[], tuple[Any, ...]]
) -> None:
    airflow.status = 302
    assert run_of()[1:3] == ("failed", "Airflow refused it with 302: a word")
    assert airflow.asked[-1][0].endswith("/dagRuns")
