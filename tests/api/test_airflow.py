"""Actions handed to Airflow: what is asked of it over HTTP, and what a refusal leaves."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from sinks import database
from streaming.settings import Settings
from tests.api.conftest import new_token

FEED = {"source": "in/", "profile": "tardis-trades"}


class Airflow(ThreadingHTTPServer):
    """Answers one address of Airflow's API, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[tuple[str, str | None, Any]] = []
        self.status = 200


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


def test_a_refusal_leaves_a_failed_run_that_tells_it(airflow: Airflow, run_of: Callable[[], tuple[Any, ...]]) -> None:
    airflow.status = 403
    assert run_of()[1:3] == ("failed", "Airflow refused it with 403: a word")


def test_a_redirect_is_a_refusal_and_the_token_does_not_go_along(
    airflow: Airflow, run_of: Callable[[], tuple[Any, ...]]
) -> None:
    airflow.status = 302
    assert run_of()[1:3] == ("failed", "Airflow refused it with 302: a word")
    assert airflow.asked[-1][0].endswith("/dagRuns")
