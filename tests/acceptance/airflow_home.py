"""An Airflow of its own environment with a home of its own, whose DAGs are ours."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sinks import database

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / ".venv-airflow" / "bin" / "airflow"


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        return int(free.getsockname()[1])


@dataclass(frozen=True)
class AirflowHome:
    """`folder` holds logs, the database at `dsn` the metadata; `environ` is for the DAGs, `port` for Airflow's API."""

    folder: Path
    dsn: str
    environ: Mapping[str, str]
    port: int = field(default_factory=free_port)

    @property
    def environment(self) -> dict[str, str]:
        settings = {
            "CORE__DAGS_FOLDER": ROOT / "airflow" / "dags",
            "CORE__LOAD_EXAMPLES": False,
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__PARALLELISM": 2,
            "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": True,
            "CORE__DAGS_ARE_PAUSED_AT_CREATION": False,  # of one that is paused no queue is watched
            "CORE__EXECUTION_API_SERVER_URL": f"{self.address}/execution/",
            "API__HOST": "127.0.0.1",
            "API__PORT": self.port,
            "API__WORKERS": 1,
            "API_AUTH__JWT_SECRET": "of-these-tests-and-long-enough-for-the-algorithm",
            "DATABASE__SQL_ALCHEMY_CONN": unquote(self.dsn).replace("://", "+psycopg2://"),
            "DAG_PROCESSOR__REFRESH_INTERVAL": 3600,
            "SCHEDULER__ENABLE_HEALTH_CHECK": False,
            "USAGE_DATA_COLLECTION__ENABLED": False,
            "LOGGING__BASE_LOG_FOLDER": self.folder / "logs",
        }
        named = {f"AIRFLOW__{name}": str(value) for name, value in settings.items()}
        return {
            **{name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")},
            "AIRFLOW_HOME": str(self.folder),
            "HOME": str(self.folder),
            "PATH": f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}",
            **named,
            **self.environ,
        }

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *words: str, code: int = 0, patience: float = 240, **more: str) -> str:
        """One of Airflow's commands; what it said, of both kinds. Fails where it is not installed."""
        assert PROGRAM.exists(), "Airflow is not installed: make setup-airflow"
        done = subprocess.run(
            [PROGRAM, *words],
            env={**self.environment, **more},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=patience,
        )
        assert done.returncode == code, done.stdout[-5000:]
        return done.stdout

    def rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Of Airflow's metadata."""
        with closing(database.connect(self.dsn, "test")) as connection, database.transaction(connection) as cursor:
            cursor.execute(question, values or None)
            return list(cursor.fetchall()) if cursor.description else []

    def states(self, dag: str, kind: str) -> list[str]:
        """Those of a DAG's runs of a kind: backfill, scheduled, asset_triggered, manual."""
        question = "SELECT state FROM dag_run WHERE dag_id = %s AND run_type = %s"
        return [str(state) for (state,) in self.rows(question, dag, kind)]

    def token(self) -> str:
        """For Airflow's API, which is up; of an administrator."""
        return str(self._asked("GET", "/auth/token", None)["access_token"])

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Airflow's API, version 2; `path` is below `dags/`."""
        return self._asked(method, f"/api/v2/dags/{path}", body, {"Authorization": f"Bearer {self.token()}"})

    def pause(self, dag: str, *, paused: bool = True) -> None:
        self.ask("PATCH", dag, {"is_paused": paused})

    @contextmanager
    def unpaused(self, *dags: str) -> Iterator[None]:
        """These work during the block, at whose end none of their runs is left; no day but those asked for is due."""
        self.rows("UPDATE dag SET next_dagrun_create_after = NULL")
        for dag in dags:
            self.pause(dag, paused=False)
        try:
            yield
            wait_for(lambda: not self.rows("SELECT 1 FROM dag_run WHERE state IN ('queued', 'running')"))
        finally:
            for dag in dags:
                self.pause(dag)

    def triggered(self, dag: str, conf: object) -> str:
        """The state that a new run ends with."""
        run = self.ask("POST", f"{dag}/dagRuns", {"logical_date": None, "conf": conf})["dag_run_id"]
        wait_for(lambda: self.state(dag, run) in ("success", "failed"))
        return self.state(dag, run)

    def state(self, dag: str, run: str) -> str:
        return str(self.ask("GET", f"{dag}/dagRuns/{run}")["state"])

    @contextmanager
    def working(self, *servers: str) -> Iterator[None]:
        """These of Airflow's servers, and its API, until the end of the block."""
        with ExitStack() as stack:
            stack.enter_context(self._started("api-server"))
            for server in servers:  # none for logs: it would answer other machines
                stack.enter_context(self._started(server, "--skip-serve-logs"))
            wait_for(self._is_up)
            yield

    def _is_up(self) -> bool:
        with suppress(OSError):
            return bool(self.token())
        return False

    def _asked(self, method: str, path: str, body: object, headers: Mapping[str, str] | None = None) -> Any:
        told = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(f"{self.address}{path}", told, sent, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    @contextmanager
    def _started(self, server: str, *options: str) -> Iterator[None]:
        with (self.folder / f"{server}.log").open("ab") as said:
            process = subprocess.Popen(
                [PROGRAM, server, *options],
                env=self.environment,
                cwd=self.folder,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
            try:
                yield
            finally:
                _end(process)


def wait_for(true: Callable[[], bool], patience: float = 400) -> None:
    """Until it is so: another program's doing, of which nothing tells us."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, "it did not come to this in time"
        time.sleep(0.2)


def tradewind(folder: Path) -> Path:
    """The program of this environment with this repository's code, and what `current` tells its environment, if any."""
    program, told = folder / "tradewind", folder / "current"
    program.write_text(
        f'#!/bin/sh\n[ ! -e {told} ] || . {told}\nPYTHONPATH={ROOT} exec {sys.executable} -m cli_tool.run "$@"\n'
    )
    program.chmod(0o755)
    return program


def answers(said: str) -> list[dict[str, Any]]:
    """The JSON lines that a task's program wrote into what Airflow's command said."""
    found = [line[line.index("{") : line.rindex("}") + 1] for line in said.splitlines() if '{"' in line]
    return [json.loads(text) for text in found]


@contextmanager
def metadata(address: str) -> Iterator[str]:
    """A database for one Airflow, at a server's address."""
    name = f"airflow_{uuid.uuid4().hex[:12]}"
    database.execute_alone(address, f"CREATE DATABASE {name} TEMPLATE template0")
    yield address.replace("/tradewind?", f"/{name}?")
    database.execute_alone(address, f"DROP DATABASE {name} WITH (FORCE)")


def current(folder: Path, **environ: str) -> None:
    """What the program's environment has from now on."""
    told = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environ.items())
    (folder / "current").write_text(told)


def _end(server: subprocess.Popen[bytes]) -> None:
    """With all that is left of its group."""
    server.terminate()
    with suppress(subprocess.TimeoutExpired):
        server.wait(5)  # nothing of theirs is kept
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
