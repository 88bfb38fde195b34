"""Runs as processes of their own: `tradewind … --json`, told by the environment which run they are."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any, ClassVar

import structlog

from api.pool import Pool
from sinks import asked_runs
from sinks.runs import RunId

log = structlog.get_logger()

QUEUED = "TRADEWIND_RUN_ID"  # as cli_tool.wiring reads it
LAST_LINES, ANSWERS = 20, 1000  # of what a process said, what is kept at most


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
        said, errors = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - closed by _end
        try:
            child = subprocess.Popen(
                [*self.program, *_as_json(words)],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=errors,
                env={**os.environ, QUEUED: str(run_id)},
                start_new_session=True,
            )
        except OSError as error:
            self._end(run_id, said, errors, f"could not be started: {error}")
            return
        threading.Thread(
            target=self._await, args=(run_id, child, said, errors), name=f"run {run_id}", daemon=True
        ).start()

    def _await(self, run_id: RunId, child: subprocess.Popen[bytes], said: IO[bytes], errors: IO[bytes]) -> None:
        code = child.wait()
        log.info("A run ended", run=run_id, code=code)
        self._end(run_id, said, errors, f"its process ended with {code}" if code >= 0 else f"killed by signal {-code}")

    def _end(self, run_id: RunId, said: IO[bytes], errors: IO[bytes], reason: str) -> None:
        with said, errors, self.pool.cursor() as cursor:
            asked_runs.ended(cursor, run_id, _answers(said), "\n".join(_lines(errors)[-LAST_LINES:]) or None, reason)


def _as_json(words: Sequence[str]) -> list[str]:
    """With --json among the options: after `--` it would be taken for a name."""
    end = list(words).index("--") if "--" in words else len(words)
    return [*words[:end], "--json", *words[end:]]


def _answers(said: IO[bytes]) -> list[Any]:
    """The JSON objects of its output, one a line, the last ones where there are very many."""
    return [json.loads(line) for line in _lines(said)[-ANSWERS:] if line.startswith("{")]


def _lines(file: IO[bytes]) -> list[str]:
    file.seek(0)
    return file.read().decode("utf-8", "replace").replace("\x00", "").splitlines()
