"""`spark-submit` as it is called for any master, and where it is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from cloud_jobs.errors import MissingClient
from cloud_jobs.job import JobRequest
from cloud_jobs.rendering import arguments, spark_conf


def words(
    program: str, master: str, deploy_mode: str, job: JobRequest, conf: Mapping[str, str], environment: str
) -> Sequence[str]:
    """The whole command. `conf` comes before the request's own settings, which win."""
    settings = {**spark_conf(job), **conf, **job.conf}
    told = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    return (
        program, "--master", master, "--deploy-mode", deploy_mode, "--name", job.name, *told,
        job.package.entry, *arguments(job, environment),
    )  # fmt: skip


def program(given: str | None, environ: Mapping[str, str] = os.environ) -> str:
    """The one that is named, else SPARK_HOME's, else the PATH's, else pyspark's. Raises MissingClient."""
    home, pyspark = environ.get("SPARK_HOME"), find_spec("pyspark")
    places = [
        given,
        str(Path(home) / "bin" / "spark-submit") if home else None,
        shutil.which("spark-submit", path=environ.get("PATH")),
        str(Path(pyspark.origin).parent / "bin" / "spark-submit") if pyspark and pyspark.origin else None,
    ]
    found = next((place for place in places if place), None)
    if found is None or shutil.which(found) is None:
        raise MissingClient(
            f"{found or 'spark-submit'} is not there: set SPARK_HOME to the cluster's Spark, name it by "
            "`spark_submit`, or `pip install pyspark` of the cluster's version"
        )
    return found


def environ(program: str, given: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """SPARK_HOME, where it is not set: the scripts would ask some Python for it, which need not know of Spark."""
    home = Path(shutil.which(program) or program).resolve().parent.parent
    return {} if "SPARK_HOME" in given or not (home / "jars").is_dir() else {"SPARK_HOME": str(home)}
