"""A Spark master of one's own. Its driver runs here: Spark takes no Python driver into a standalone cluster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from cloud_jobs import spark_submit
from cloud_jobs.client_mode import ClientTarget
from cloud_jobs.drivers import Drivers
from cloud_jobs.job import JobRequest
from cloud_jobs.job_settings import JobSettings, LocalFolder


class StandaloneSettings(JobSettings):
    """`master` is spark://HOST:PORT; `work` is the folder of the drivers that run here, with their logs."""

    takes: ClassVar[tuple[str, ...]] = ("file:",)

    kind: Literal["standalone"]
    master: str = Field(pattern=r"^(spark://\S+|local-cluster\[\d+, *\d+, *\d+\])$")
    work: LocalFolder = Field(Path("state/jobs"), validate_default=True)
    spark_submit: str | None = None
    interpreter: str = "python3"

    @property
    def inherits(self) -> bool:
        """The driver runs here."""
        return True

    def target(self) -> ClientTarget:
        return ClientTarget(Drivers(self.work), self.spark_submit, self.words)

    def words(self, job: JobRequest) -> Sequence[str]:
        """The command for a request. No more cores are taken than the executors have."""
        program, python = self.spark_submit or "spark-submit", self.interpreter
        cores = job.size.executors * job.size.executor_cores
        conf = {"spark.cores.max": str(cores), "spark.pyspark.python": python, "spark.pyspark.driver.python": python}
        return spark_submit.words(program, self.master, "client", job, conf, job.package.environment)
