"""A standalone Spark cluster on this machine: a master and workers, each a Java, and a Python without packages."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pyspark

from streaming import java
from tests import quick_java

SPARK = Path(pyspark.__file__).parent
PATIENCE = 240.0  # seconds until a Java on a busy machine has started
_OURS = ("PYTHONPATH", "VIRTUAL_ENV", "PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON")


class SparkCluster:
    """Started and ended as a context; `master` is its address. All that it writes lies in `folder`."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self.folder, self._count = folder, workers
        self.home = spark_home(folder)
        self.environ = environment(folder)
        self._stack = ExitStack()

    def __enter__(self) -> SparkCluster:
        master = self._start("master", "org.apache.spark.deploy.master.Master", "--port", "0", "--webui-port", "0")
        self.master = _said(master, r"Starting Spark master at (spark://\S+)")
        self.page = _said(master, r"Bound MasterWebUI to .*(http://\S+)")
        for n in range(self._count):
            self._start(
                f"worker-{n}", "org.apache.spark.deploy.worker.Worker", "--cores", "1", "--memory", "1g",
                "--webui-port", "0", "--work-dir", str(self.folder / f"work-{n}"), self.master,
            )  # fmt: skip
        _until(lambda: len(self.state()["workers"]) == self._count)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def state(self) -> dict[str, Any]:
        """What the master's page tells: workers, activeapps, completedapps."""
        with urlopen(f"{self.page}/json/", timeout=30) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    def _start(self, name: str, role: str, *words: str) -> Path:
        said = self.folder / f"{name}.log"
        command = [str(self.home / "bin" / "spark-class"), role, "--host", "127.0.0.1", *words]
        with said.open("ab") as log:
            process = subprocess.Popen(command, env=self.environ, stdout=log, stderr=log, cwd=self.folder)
        self._stack.callback(process.wait, 60)
        self._stack.callback(process.terminate)
        return said


def spark_home(folder: Path) -> Path:
    """A Spark whose own folder for work is not that of the installed one."""
    home = folder / "spark"
    if not home.exists():
        home.mkdir()
        for one in ("bin", "jars", "python", "sbin"):
            (home / one).symlink_to(SPARK / one)
    return home


def environment(folder: Path) -> dict[str, str]:
    """That of a cluster's machine: a Java and a Spark, and nothing of this Python."""
    found = java.home_for_spark(java.find(int(pyspark.__version__.split(".")[0])), folder)
    kept = {name: value for name, value in os.environ.items() if name not in _OURS}
    here = {"JAVA_HOME": str(found), "SPARK_HOME": str(spark_home(folder)), "SPARK_LOCAL_IP": "127.0.0.1"}
    here["TMPDIR"] = str(folder)  # where drivers unpack their environment, for the next one too
    quick = f"{os.environ.get(quick_java.SUBMIT, '')} -Dspark.master.rest.enabled=false"  # at a port of its own choice
    return {**kept, **here, "SPARK_DAEMON_JAVA_OPTS": quick, "SPARK_DAEMON_MEMORY": "256m"}


def bare_python(folder: Path) -> Path:
    """A Python that has its own library and nothing else."""
    python = folder / "bare" / "bin" / "python"
    if not python.exists():
        base = sys._base_executable  # type: ignore[attr-defined]  # that of which this environment was made
        subprocess.run([base, "-m", "venv", "--without-pip", folder / "bare"], check=True)
    return python


def _said(log: Path, pattern: str) -> str:
    found: list[str] = []

    def look() -> bool:
        if match := re.search(pattern, log.read_text(errors="replace")):
            found.append(next(filter(None, match.groups())))
        return bool(found)

    _until(look, lambda: log.read_text(errors="replace")[-2000:])
    return found[0]


def _until(true: Any, tell: Any = lambda: "") -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"it did not come to this in time: {tell()}"
        time.sleep(0.1)  # between two looks
