"""YARN by a server of this machine that speaks its resource manager's documented REST, and a spark-submit."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cloud_jobs.errors import Refused, Unreachable
from cloud_jobs.job import JobId, JobRequest, Package
from cloud_jobs.yarn import YarnSettings

APP = "application_1700000000000_0007"
JOB = JobRequest(
    "tradewind-x", ("backfill", "spot"), Package("/p/job.py", "/p/environment.tar.gz", "3.11", "x86_64", "4.3")
)
STREAM = JobRequest("tradewind-x", ("stream", "spot"), JOB.package, long_running=True)


class ResourceManager(ThreadingHTTPServer):
    """Its applications, by id: state, finalStatus, diagnostics, applicationTags."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.apps: dict[str, dict[str, Any]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: ResourceManager

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        match url.path.removeprefix("/ws/v1/cluster/").split("/"):
            case ["apps", name] if name in self.server.apps:
                self._tell(200, {"app": {"id": name, **self.server.apps[name]}})
            case ["apps"]:
                asked = {key: set(values[0].split(",")) for key, values in parse_qs(url.query).items()}
                found = [{"id": name, **app} for name, app in self.server.apps.items() if _fits(app, asked)]
                self._tell(200, {"apps": {"app": found} if found else None})
            case _:
                self._tell(404, {"RemoteException": {"exception": "NotFoundException"}})

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["Content-Type"] == "application/json"
        name = self.path.split("/")[-2]
        self.server.apps[name] |= {"state": body["state"], "finalStatus": "KILLED"}
        self._tell(202, body)

    def _tell(self, code: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing: the tests ask."""


def _fits(app: dict[str, Any], asked: dict[str, set[str]]) -> bool:
    return app["state"] in asked["states"] and asked["applicationTags"] <= set(app["applicationTags"].split(","))


@pytest.fixture
def manager() -> Iterator[ResourceManager]:
    with ResourceManager() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(manager: ResourceManager, tmp_path: Path) -> YarnSettings:
    program = tmp_path / "spark-submit"
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/words\n'
        f'case "$*" in *broken*) echo "Exception: no queue broken" >&2; exit 1 ;; esac\n'
        f'echo "INFO Client: Submitted application {APP}" >&2\n'
    )
    program.chmod(0o755)
    return YarnSettings(
        kind="yarn", packages="/p", resource_manager=manager.url, spark_submit=str(program), queue="trades"
    )


def running(**told: str) -> dict[str, Any]:
    return {"state": "RUNNING", "finalStatus": "UNDEFINED", "diagnostics": "", "applicationTags": "tradewind-x", **told}


def test_the_application_is_the_job(settings: YarnSettings, tmp_path: Path) -> None:
    assert settings.target().submit(JOB) == APP
    words = (tmp_path / "words").read_text().splitlines()
    assert words == [str(word) for word in settings.target().request(JOB)["command"][1:]]
    assert {"spark.yarn.queue=trades", "spark.yarn.tags=tradewind-x", "spark.yarn.maxAppAttempts=1"} <= set(words)
    assert words[-4:] == ["--environment=environment", "--", "backfill", "spot"]


def test_a_stream_is_started_again_by_yarn_and_once_at_a_time(settings: YarnSettings, manager: ResourceManager) -> None:
    assert "spark.yarn.maxAppAttempts=4" in settings.target().request(STREAM)["command"]
    settings.target().submit(STREAM)
    manager.apps[APP] = running()
    with pytest.raises(Refused, match=f"runs already as {APP}"):
        settings.target().submit(STREAM)
    settings.target().submit(JOB)  # a backfill may beside it
    manager.apps[APP] = running(applicationTags="tradewind-y")
    settings.target().submit(STREAM)


@pytest.mark.parametrize(
    ("told", "state", "code"),
    [
        ({"state": "ACCEPTED"}, "pending", None),
        ({}, "running", None),
        ({"state": "FINISHED", "finalStatus": "SUCCEEDED"}, "succeeded", 0),
        (
            {"state": "FINISHED", "finalStatus": "FAILED", "diagnostics": "User application exited with status 3"},
            "failed",
            3,
        ),
        ({"state": "FAILED", "finalStatus": "FAILED", "diagnostics": "AM exited, exitCode: 13"}, "failed", 13),
        ({"state": "KILLED", "finalStatus": "KILLED"}, "cancelled", None),
    ],
    ids=["waiting", "running", "done", "quarantined", "no driver", "killed"],
)  # fmt: skip
def test_its_states_are_ours(
    settings: YarnSettings, manager: ResourceManager, told: dict[str, str], state: str, code: int | None
) -> None:
    manager.apps[APP] = running(**told)
    found = settings.target().status(JobId(APP))
    assert (found.state, found.exit_code) == (state, code)
    assert found.logs == f"{manager.url}/cluster/app/{APP}"


def test_a_state_that_nobody_knows_is_no_guess(settings: YarnSettings, manager: ResourceManager) -> None:
    manager.apps[APP] = running(state="HOVERING")
    with pytest.raises(Refused, match="HOVERING"):
        settings.target().status(JobId(APP))


def test_ending_what_has_ended_is_no_error(settings: YarnSettings, manager: ResourceManager) -> None:
    manager.apps[APP] = running()
    for _ in range(2):
        settings.target().cancel(JobId(APP))
    assert manager.apps[APP]["state"] == "KILLED"


def test_faults_are_told_by_who_has_them(settings: YarnSettings, manager: ResourceManager) -> None:
    with pytest.raises(Refused, match="404"):
        settings.target().status(JobId("application_1_0001"))
    broken = settings.model_copy(update={"queue": "broken"})
    with pytest.raises(Refused, match="Exception: no queue broken"):
        broken.target().submit(JOB)
    away = settings.model_copy(update={"resource_manager": "http://127.0.0.1:1"})
    with pytest.raises(Unreachable, match="does not answer"):
        away.target().status(JobId(APP))
