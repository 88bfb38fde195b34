"""A Spark master of one's own. Its driver runs here: Spark takes no Python driver into a standalone cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from cloud_jobs import spark_submit
from cloud_jobs.drivers import Drivers
from cloud_jobs.job import JobId, JobRequest, Status
from cloud_jobs.job_settings import JobSettings, LocalFolder


class StandaloneSettings(JobSettings):
    """`master` is spark://HOST:PORT; `work` is the folder of the drivers that run here, with their logs."""

    inherits: ClassVar[bool] = True
    takes: ClassVar[tuple[str, ...]] = ("file:",)

    kind: Literal["standalone"]
    master: str = Field(pattern=r"^(spark://\S+|local-cluster\[\d+, *\d+, *\d+\])$")
    work: LocalFolder = Field(Path("state/jobs"), validate_default=True)
    spark_submit: str | None = None
    python_program: str = "python3"

    def target(self) -> StandaloneTarget:
        return StandaloneTarget(self, Drivers(self.work))


@dataclass(frozen=True, slots=True)
class StandaloneTarget:
    """Starts `spark-submit` in client mode and looks after its process."""

    settings: StandaloneSettings
    drivers: Drivers

    def request(self, job: JobRequest) -> Mapping[str, Any]:
        """The command and what of the environment it changes."""
        own, python = self.settings, self.settings.python_program
        program = own.spark_submit or "spark-submit"
        cores = job.size.executors * job.size.executor_cores
        conf = {"spark.cores.max": str(cores), "spark.pyspark.python": python, "spark.pyspark.driver.python": python}
        return {
            "command": list(spark_submit.words(program, own.master, "client", job, conf, job.package.environment)),
            "restarts": job.long_running,
        }

    def submit(self, job: JobRequest) -> JobId:
        request = self.request(job)
        program = spark_submit.program(self.settings.spark_submit)
        command, environ = [program, *request["command"][1:]], spark_submit.environ(program)
        return self.drivers.start(job.name, command, environ, forever=job.long_running)

    def status(self, job_id: JobId) -> Status:
        return self.drivers.status(job_id)

    def cancel(self, job_id: JobId) -> None:
        self.drivers.cancel(job_id)
