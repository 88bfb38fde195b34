"""A real writer in a process of its own, time that stands still, and arrivals."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import pytest

_WRITER = """
import sys
stream = open(sys.argv[1], "ab", buffering=0)
print("open", flush=True)
for line in sys.stdin:
    stream.write(line.encode())
    print("written", flush=True)
stream.close()
print("closed", flush=True)
sys.stdin.close()
"""


class Writer:
    """Another process that holds a file open; every call returns when it was done."""

    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._said("open")

    def write(self, line: str) -> None:
        _pipe(self._process.stdin).write(line + "\n")
        _pipe(self._process.stdin).flush()
        self._said("written")

    def close(self) -> None:
        if self._process.poll() is None and not _pipe(self._process.stdin).closed:
            _pipe(self._process.stdin).close()
            self._said("closed")
            self._process.wait(timeout=30)
            _pipe(self._process.stdout).close()

    def _said(self, word: str) -> None:
        assert _pipe(self._process.stdout).readline().strip() == word


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


@pytest.fixture
def writer() -> Iterator[Callable[[Path], Writer]]:
    """Starts a process that has the file open for writing."""
    started: list[Writer] = []

    def start(path: Path) -> Writer:
        started.append(Writer(path))
        return started[-1]

    yield start
    for one in started:
        one.close()


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()
