"""`python -m cloud_jobs.driving FOLDER LOCK`: runs one driver until it has ended, and a stream's again when it fails.

The folder tells what to run and is told what came of it; LOCK is a file descriptor that holds the job's name for as
long as it runs. See cloud_jobs.drivers.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

USAGE = 2  # mending nothing, it would only fail again
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds before a stream is started again, doubled each time
#: What belongs to the Python that submits, and would reach into the job's.
FOREIGN = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV", "PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON")


def main(folder: Path, lock: int) -> int:
    asked = json.loads((folder / "asked.json").read_text())
    stop = threading.Event()
    running = Running(stop)

    def end(_number: int, _frame: object) -> None:
        stop.set()
        running.terminate()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    code = _run(asked, stop, running)
    os.close(lock)  # who hears of the end may start the next one
    _tell(folder, {"code": code, "cancelled": stop.is_set()})
    return code


class Running:
    """The process that is under way, if one is."""

    process: subprocess.Popen[bytes] | None = None

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def run(self, command: list[str], environ: dict[str, str]) -> int:
        self.process = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, start_new_session=True)
        if self._stop.is_set():  # asked for while it was starting, when there was nobody yet to tell
            self.terminate()
        return self.process.wait()

    def terminate(self) -> None:
        """Of the whole group, a shell, a Java and a Python; the last gives back what it had in hand."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)


def _run(asked: dict[str, Any], stop: threading.Event, running: Running) -> int:
    environ = {name: value for name, value in os.environ.items() if name not in FOREIGN} | asked["environ"]
    wait = FIRST_WAIT
    while True:
        code = running.run(asked["command"], environ)
        if not asked["forever"] or code in (0, USAGE) or stop.wait(wait):
            return code
        wait = min(2 * wait, LONGEST_WAIT)


def _tell(folder: Path, outcome: dict[str, Any]) -> None:
    fresh = folder / "ended.new"
    fresh.write_text(json.dumps(outcome))
    fresh.replace(folder / "ended.json")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
