"""An Airflow of its own environment with a home of its own, whose DAGs are ours."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / ".venv-airflow" / "bin" / "airflow"


@dataclass(frozen=True)
class AirflowHome:
    """`folder` holds the metadata and logs; `environ` is for the DAGs."""

    folder: Path
    environ: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        port = _free_port()
        settings = {
            "CORE__DAGS_FOLDER": ROOT / "airflow" / "dags",
            "CORE__LOAD_EXAMPLES": False,
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__PARALLELISM": 2,
            "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
            "API__HOST": "127.0.0.1",
            "API__PORT": port,
            "API__WORKERS": 1,
            "API_AUTH__JWT_SECRET": "of-these-tests-and-long-enough-for-the-algorithm",
            "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.database}",
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
    def database(self) -> Path:
        return self.folder / "airflow.db"

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
        with closing(sqlite3.connect(self.database, timeout=60)) as connection:
            return connection.execute(question, values).fetchall()

    def states(self, dag: str, kind: str) -> list[str]:
        """Those of a DAG's runs of a kind: backfill, scheduled, asset_triggered, manual."""
        return [str(row[0]) for row in self.rows("SELECT state FROM dag_run WHERE dag_id=? AND run_type=?", dag, kind)]

    @contextmanager
    def working(self, *servers: str, **more: str) -> Iterator[None]:
        """These of Airflow's servers and the API that tasks talk to, until the end of the block."""
        environ = {**self.environment, **more}
        with ExitStack() as stack:
            for server in ("api-server --apps execution", *servers):
                stack.enter_context(self._started(server, environ))
            yield

    @contextmanager
    def _started(self, server: str, environ: Mapping[str, str]) -> Iterator[None]:
        with (self.folder / f"{server.split()[0]}.log").open("ab") as said:
            process = subprocess.Popen(
                [PROGRAM, *server.split()],
                env=environ,
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
    """The program of this environment, with this repository's code."""
    program = folder / "tradewind"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m cli_tool.run "$@"\n')
    program.chmod(0o755)
    return program


def answers(said: str) -> list[dict[str, Any]]:
    """The JSON lines that a task's program wrote into what Airflow's command said."""
    found = [line[line.index("{") : line.rindex("}") + 1] for line in said.splitlines() if '{"' in line]
    return [json.loads(text) for text in found]


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        return int(free.getsockname()[1])


def _end(server: subprocess.Popen[bytes]) -> None:
    """With all that is left of its group."""
    server.terminate()
    with suppress(subprocess.TimeoutExpired):
        server.wait(20)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
