"""A cloud's servers as a process of their own, so that their Python and ours do not wait for each other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cloud import Told


@dataclass(frozen=True, slots=True)
class StandIn:
    """The servers, spoken to by lines."""

    process: subprocess.Popen[str]
    told: Told

    def counts(self) -> dict[str, int]:
        """Requests to the bucket by operation since the last call."""
        counted: dict[str, int] = self._ask("counts")
        return counted

    def fill(self, folder: Path) -> None:
        """Put all files of a folder into the bucket, below `in/`."""
        self._ask(f"fill {folder}")

    def worked(self) -> float:
        """Seconds of processor time that it and the programs it started have used."""
        return _worked(self.process.pid, _processes())

    def _ask(self, what: str) -> Any:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@contextmanager
def running(module: str, *, tells: bool) -> Iterator[StandIn]:
    """A cloud's servers with one bucket, which tells a queue or nobody; they end with the block."""
    command = [sys.executable, "-m", "benchmarks.serve", module, *(["tells"] if tells else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        try:
            yield StandIn(process, json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()  # is its sign to end
            process.wait(30)


def _processes() -> dict[int, list[str]]:
    """What Linux tells of each process after its name: state, parent, …, and the times it was at work."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            found[int(path.parent.name)] = path.read_text().rpartition(")")[2].split()
    return found


def _worked(process: int, processes: dict[int, list[str]]) -> float:
    own = (int(processes[process][11]) + int(processes[process][12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(_worked(child, processes) for child, told in processes.items() if int(told[1]) == process)
