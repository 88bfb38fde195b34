"""`tradewind serve` as the process that it is."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Serving:
    """One server on a port of its own; it can be killed and started again there."""

    def __init__(self, folder: Path, dsn: str, tables: str = "", **api: int) -> None:
        self._folder, self._dsn, self._api = folder, dsn, api
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.configure(tables)
        self.process = self._started()

    def configure(self, tables: str = "") -> None:
        """Write its configuration, with more tables; it has read the one before."""
        (self._folder / "tradewind.toml").write_text(
            f'[state]\ndir = "{self._folder}/state"\n[api]\nport = {self.port}\n'
            + "".join(f"{name} = {value}\n" for name, value in self._api.items())
            + tables
        )

    def again(self) -> None:
        """Start it on the same port, once it is gone."""
        self.process = self._started()

    def kill(self) -> None:
        """As `kill -9` does it to the program: its workers find themselves without it."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> float:
        """Ask it to end; how many seconds it took."""
        asked = time.monotonic()
        self.process.terminate()
        self.process.wait(PATIENCE)
        return time.monotonic() - asked

    def said(self) -> str:
        return (self._folder / "said").read_text()

    def _started(self) -> subprocess.Popen[bytes]:
        with (self._folder / "said").open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "cli_tool.run", "serve", "--config", str(self._folder / "tradewind.toml")],
                cwd=ROOT, stdout=said, stderr=said, env={**os.environ, "TRADEWIND_DATABASE_URL": self._dsn},
            )  # fmt: skip
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)  # between two looks
        return process

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@contextmanager
def serving(folder: Path, dsn: str, tables: str = "", **api: int) -> Iterator[Serving]:
    """It ends with the block, asked or not."""
    folder.mkdir(exist_ok=True)
    server = Serving(folder, dsn, tables, **api)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()
