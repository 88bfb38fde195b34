"""Targets whose driver runs on this machine: spark-submit in client mode, looked after by a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloud_jobs import spark_submit
from cloud_jobs.drivers import Drivers
from cloud_jobs.job import JobId, JobRequest, Status


@dataclass(frozen=True, slots=True)
class ClientTarget:
    """`words` gives the command for a request; `given` is the spark-submit that the configuration names, if any."""

    drivers: Drivers
    given: str | None
    words: Callable[[JobRequest], Sequence[str]]

    def request(self, job: JobRequest) -> Mapping[str, Any]:
        """The command, and whether it is started again when it fails."""
        return {"command": list(self.words(job)), "restarts": job.long_running}

    def submit(self, job: JobRequest) -> JobId:
        program = spark_submit.program(self.given)
        command, environ = [program, *self.words(job)[1:]], spark_submit.environ(program)
        return self.drivers.start(job.name, command, environ, forever=job.long_running)

    def status(self, job_id: JobId) -> Status:
        return self.drivers.status(job_id)

    def cancel(self, job_id: JobId) -> None:
        self.drivers.cancel(job_id)
