"""A configuration whose jobs run on a cluster of this machine, and the program that submits them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyspark

from tests import quick_java
from tests.acceptance.desk import Desk

ROOT = Path(__file__).parents[2]
SPARK = ".".join(pyspark.__version__.split(".")[:2])
PATIENCE = 400.0  # seconds: several Javas on a busy machine


@dataclass(frozen=True)
class JobDesk:
    """`environ` is the cluster's machine's; `python` has no packages."""

    desk: Desk
    master: str
    environ: Mapping[str, str]
    python: Path

    @property
    def config(self) -> Path:
        return self.desk.state / "tradewind.toml"

    @property
    def work(self) -> Path:
        """The drivers' folders."""
        return self.desk.state / "jobs"

    def configure(self, batch: str = "", **job: object) -> None:
        """The job `own`; what is given stands in its table."""
        shared = self.desk.state.parent / "shared"
        shared.mkdir(exist_ok=True)
        own = {"interpreter": str(self.python), "work": str(self.work), "spark": SPARK, **job}
        lines = "\n".join(f"{key} = {value!r}" for key, value in own.items())
        quick = os.environ.get(quick_java.SUBMIT, "").replace('"', "")
        self.config.write_text(
            f'[state]\ndir = "{self.desk.state}"\njournal = "{shared}/journal"\ncheckpoints = "{shared}/checkpoints"\n'
            f"[batch]\ndriver_files = 0\n{batch}\n"
            f'[feeds.x]\nsource = "{self.desk.folder}"\nprofile = "demo-exchange"\nmax_rejects = "50%"\n'
            f'[jobs.own]\nkind = "standalone"\nmaster = "{self.master}"\npackages = "the depot"\n{lines}\n'
            "[jobs.own.size]\ndriver_memory = 512\nexecutor_memory = 512\n"
            '[jobs.own.conf]\ndriver.host = "127.0.0.1"\ndriver.bindAddress = "127.0.0.1"\nui.enabled = false\n'
            f'executor.extraJavaOptions = "{quick}"\n'
        )

    def run(self, *words: str, code: int = 0) -> str:
        """The program to its end; what it said on stdout."""
        done = self.start(*words)
        said, told = done.communicate(timeout=PATIENCE)
        assert done.returncode == code, f"{said}\n{told}\n{self.logs()}"
        return said

    def start(self, *words: str) -> subprocess.Popen[str]:
        """The program, with what it says on pipes."""
        return subprocess.Popen(
            [sys.executable, "-m", "cli_tool.run", *words, "--config", str(self.config)]
            if "--" not in words
            else [sys.executable, "-m", "cli_tool.run", "--config", str(self.config), *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.desk.state,
            env={**self.environ, "PYTHONPATH": str(ROOT), "TRADEWIND_DATABASE_URL": self.desk.dsn},
        )  # fmt: skip

    def logs(self) -> str:
        """The ends of all drivers' logs."""
        return "\n".join(log.read_text(errors="replace")[-3000:] for log in self.work.glob("*/driver.log"))

    def take(self, package: Path) -> None:
        """An environment that was packed before, to be used again."""
        own = self.desk.state / "packages" / "own"
        shutil.copytree(package, own, ignore=shutil.ignore_patterns("environment.tar.gz"))
        os.link(package / "environment.tar.gz", own / "environment.tar.gz")  # replaced whole, never written into


def lines(text: str) -> list[Any]:
    """JSON lines."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
