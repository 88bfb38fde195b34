"""Drivers that run on this machine: each a folder with what was asked, its log, and what came of it.

A process of its own looks after each driver (cloud_jobs.driving), so that `submit` may end before it does.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cloud_jobs.errors import Refused
from cloud_jobs.job import JobId, JobState, Status

_TOLD = 64_000  # characters of the log's end in which a failure's reason is looked for
_FRAMES = ("\tat ", "\t... ")  # of a stack of Java's
_THROWN = re.compile(r'Exception in thread "[^"]*" (.+)')
#: Why Spark stopped below us, the master above all; what failed afterwards is only what came of it.
_KILLED = re.compile(r"Application has been killed\. Reason: (.+)")


@dataclass(frozen=True, slots=True)
class Drivers:
    """Those of a folder; a job's id is the name of its own folder in there."""

    folder: Path

    def start(self, name: str, command: Sequence[str], environ: Mapping[str, str], *, forever: bool) -> JobId:
        """Start one, in our environment with `environ`. Raises Refused where one that runs forever has this name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{name}.lock").open("w") as lock:
            if forever:
                _take(lock.fileno(), name)
            own = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))
            asked = {"command": list(command), "environ": dict(environ), "forever": forever}
            (own / "asked.json").write_text(json.dumps(asked))
            (own / "pid").write_text(str(_look_after(own, lock.fileno())))
        return JobId(own.name)

    def status(self, job_id: JobId) -> Status:
        own, log = self._own(job_id), self._own(job_id) / "driver.log"
        alive = _alive(own)  # before what it told: it may end in between
        if (told := own / "ended.json").exists():
            outcome = json.loads(told.read_text())
            state, word = _state(outcome["code"], outcome["cancelled"]), f"exit {outcome['code']}"
            reason = _last_words(log) if state == "failed" else None
            return Status(job_id, state, word, reason, str(log), outcome["code"])
        if alive:
            return Status(job_id, "running", "process", None, str(log))
        return Status(job_id, "failed", "gone", "its process is gone without a word", str(log))

    def cancel(self, job_id: JobId) -> None:
        own = self._own(job_id)
        if _alive(own):
            with suppress(ProcessLookupError):
                os.kill(_pid(own), signal.SIGTERM)

    def _own(self, job_id: JobId) -> Path:
        own = self.folder / job_id
        if own.parent != self.folder or not (own / "asked.json").exists():
            raise Refused(f"no driver {job_id!r} was started here; those of {self.folder} are the ones that were")
        return own


def _take(lock: int, name: str) -> None:
    """The lock is the process's that looks after the driver, which inherits it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refused(f"{name} runs already, and runs once at a time; cancel that one first") from None


def _look_after(own: Path, name: int) -> int:
    """Starts the process that does; it holds the folder's lock for as long as it lives."""
    with (own / "driver.log").open("ab") as log, (own / "alive").open("w") as alive:
        fcntl.flock(alive.fileno(), fcntl.LOCK_EX)
        command = [sys.executable, "-m", "cloud_jobs.driving", str(own), str(name)]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            pass_fds=(name, alive.fileno()),
        )  # fmt: skip
    process.returncode = 0  # it outlives us; nobody waits for it
    return process.pid


def _state(code: int, cancelled: bool) -> JobState:
    if code == 0:
        return "succeeded"
    return "cancelled" if cancelled else "failed"


def _alive(own: Path) -> bool:
    """Whether somebody holds the folder's lock: a pid might be another's by now."""
    with (own / "alive").open("a") as alive:
        try:
            fcntl.flock(alive.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _pid(own: Path) -> int:
    return int((own / "pid").read_text())


def _last_words(log: Path) -> str:
    """The last line that says what went wrong: why Spark was ended, else Tradewind's own, if it came that far."""
    text = log.read_text(errors="replace")[-_TOLD:]
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(_FRAMES)]
    killed = [f"Spark was ended: {reason.strip()}" for reason in _KILLED.findall(text)]
    own = [line.removeprefix("tradewind: ") for line in lines if line.startswith("tradewind: ")]
    return (killed or own or _THROWN.findall(text) or lines or ["it said nothing"])[-1]
