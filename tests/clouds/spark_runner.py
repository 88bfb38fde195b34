"""What a Spark service does with a Python job, done by this machine's Spark: fetch, unpack, run, tell the exit code."""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.clouds.spark_cluster import environment, spark_home

MASTER = "local-cluster[2,1,1024]"
PATIENCE = 400.0  # seconds: several Javas on a busy machine
#: Settings of a service's own master, which is another one here.
_ELSEWHERE = ("spark.yarn.", "spark.submit.", "spark.emr-serverless.", "spark.archives", "spark.executor.instances")
_HERE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false"}


class SparkRunner:
    """`fetch` reads a uri of the service's store; `role` is the environment that the job's identity is found in."""

    def __init__(self, machines: Path, folder: Path, fetch: Callable[[str], bytes], role: Mapping[str, str]) -> None:
        self._home, self._folder, self._fetch = spark_home(machines), folder, fetch
        self._environ = {**environment(machines), **role}
        self._log = folder / "driver.log"

    def run(self, entry: str, archive: str, arguments: Sequence[str], conf: Mapping[str, str]) -> int:
        """To its end. `archive` is `uri#folder`: unpacked beside the driver, and by Spark for executors."""
        uri, _, name = archive.partition("#")
        program, packed = self._fetched(entry, "entry.py"), self._fetched(uri, "environment.tar.gz")
        with tarfile.open(packed) as tar:
            tar.extractall(self._folder / name, filter="data")
        kept = {key: value for key, value in conf.items() if not key.startswith(_ELSEWHERE)}
        words = [f"{key}={value}" for key, value in {**kept, **_HERE, "spark.archives": f"{packed}#{name}"}.items()]
        return self._submitted([word for each in words for word in ("--conf", each)], program, arguments)

    def _fetched(self, uri: str, name: str) -> Path:
        path = self._folder / name
        path.write_bytes(self._fetch(uri))
        return path

    def _submitted(self, conf: Sequence[str], program: Path, arguments: Sequence[str]) -> int:
        command = [str(self._home / "bin" / "spark-submit"), "--master", MASTER, *conf, str(program), *arguments]
        with self._log.open("wb") as log:
            done = subprocess.run(
                command, env=self._environ, cwd=self._folder, stdout=log, stderr=log, timeout=PATIENCE, check=False
            )
        return done.returncode

    @property
    def said(self) -> str:
        """The end of the driver's log."""
        return self._log.read_text(errors="replace")[-6000:]
