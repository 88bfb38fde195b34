"""AWS's stand-in as a process of its own, so that its Python and ours do not wait for each other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Aws:
    """The server, spoken to by lines."""

    process: subprocess.Popen[str]
    made: dict[str, str]  # endpoint, region, bucket, queue, waiting

    def counts(self) -> dict[str, int]:
        """Requests to S3 by operation since the last call."""
        counted: dict[str, int] = self._ask("counts")
        return counted

    def fill(self, folder: Path) -> None:
        """Put all files of a folder into the bucket `waiting`, which tells nobody, below `in/`; past the wire."""
        self._ask(f"fill {folder}")

    def worked(self) -> float:
        """Seconds of processor time that it has used."""
        told = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    def _ask(self, what: str) -> Any:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@contextmanager
def running() -> Iterator[Aws]:
    """One bucket that tells one queue; it ends with the block."""
    command = [sys.executable, "-m", "benchmarks.aws"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        try:
            yield Aws(process, json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()  # is its sign to end
            process.wait(30)


def _serve() -> None:
    from tests.clouds.moto_server import MotoServer

    with MotoServer() as aws:
        bucket, queue = aws.bucket(), aws.queue()
        aws.notify(bucket, queue)
        waiting = aws.bucket()
        made = {"bucket": bucket, "queue": queue, "waiting": waiting}
        _say({"endpoint": aws.endpoint, "region": aws.region, **made})
        for line in sys.stdin:
            what, _, folder = line.strip().partition(" ")
            if what == "fill":
                for path in Path(folder).iterdir():
                    aws.fill(waiting, [f"in/{path.name}"], path.read_bytes())
            _say(aws.counts("s3"))
            aws.forget()


def _say(what: Any) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    _serve()
