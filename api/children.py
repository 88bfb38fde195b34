"""Runs as processes of their own: `tradewind … --json`, told by the environment which run they are."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, Any, ClassVar

import stamina
import structlog

from api.pool import Busy, Pool
from sinks import asked_runs, errors
from sinks.runs import RunId

log = structlog.get_logger()

QUEUED = "TRADEWIND_RUN_ID"  # as cli_tool.wiring reads it
LAST_LINES, ANSWERS = 20, 1000  # of what a process said, what is kept at most
PASSES = (Busy, errors.Retry, errors.Stop, errors.TookTooLong)  # what is waited for, should PostgreSQL be away


@dataclass(frozen=True, slots=True)
class Children:
    """Starts processes of the program; `program` is how it is called, with its configuration."""

    program: Sequence[str]
    pool: Pool
    host: ClassVar[str | None] = None  # this machine

    def start(self, run_id: RunId, words: Sequence[str]) -> None:
        """Start the process of a queued run; it outlives this one, and its run tells how it goes.

        A process that cannot be started, or that dies, leaves its run `failed` with its last lines.
        """
        # Files, not pipes: the child goes on when we end, and a pipe without a reader would end it.
        said, cried = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - closed by _end
        try:
            child = subprocess.Popen(
                [*self.program, *_as_json(words)],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=cried,
                env={**os.environ, QUEUED: str(run_id)},
                start_new_session=True,
            )
        except OSError as error:
            self._aside(self._end, run_id, said, cried, f"could not be started: {error}")
        else:
            self._aside(self._await, run_id, child, said, cried)

    def _aside(self, work: Callable[..., None], run_id: RunId, *told: object) -> None:
        """In a thread of its own: nobody who asked has to wait for it."""
        threading.Thread(target=work, args=(run_id, *told), name=f"run {run_id}", daemon=True).start()

    def _await(self, run_id: RunId, child: subprocess.Popen[bytes], said: IO[bytes], cried: IO[bytes]) -> None:
        code = child.wait()
        log.info("A run ended", run=run_id, code=code)
        self._end(run_id, said, cried, f"its process ended with {code}" if code >= 0 else f"killed by signal {-code}")

    def _end(self, run_id: RunId, said: IO[bytes], cried: IO[bytes], reason: str) -> None:
        with said, cried:
            self._note(run_id, _answers(said), "\n".join(_lines(cried)[-LAST_LINES:]) or None, reason)

    @stamina.retry(on=PASSES, attempts=None, timeout=600, wait_max=10)
    def _note(self, run_id: RunId, answers: Sequence[object], last_lines: str | None, reason: str) -> None:
        """A server that is away is waited for, up to ten minutes: nobody else knows what the process said."""
        with self.pool.cursor() as cursor:
            asked_runs.ended(cursor, run_id, answers, last_lines, reason)


def _as_json(words: Sequence[str]) -> list[str]:
    """With --json among the options: after `--` it would be taken for a name."""
    end = list(words).index("--") if "--" in words else len(words)
    return [*words[:end], "--json", *words[end:]]


def _answers(said: IO[bytes]) -> list[Any]:
    """The JSON objects of its output, one a line, the last ones where there are very many."""
    return [answer for line in _lines(said)[-ANSWERS:] if isinstance(answer := _parsed(line), dict)]


def _parsed(line: str) -> Any:
    """None for what a library printed between the answers, and for one that was cut off."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _lines(file: IO[bytes]) -> list[str]:
    # Names may hold what Unicode counts as ends of lines too; the command line ends its own with this one alone.
    file.seek(0)
    return file.read().decode("utf-8", "replace").replace("\x00", "").removesuffix("\n").split("\n")
