"""A Hadoop cluster of one's own: spark-submit brings the driver into it, its resource manager tells how it is."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from pydantic import Field

from cloud_jobs import exit_codes, spark_submit
from cloud_jobs.client_mode import ClientTarget
from cloud_jobs.drivers import Drivers
from cloud_jobs.driving import FOREIGN
from cloud_jobs.errors import Refused, Unreachable
from cloud_jobs.job import JobId, JobRequest, JobState, Status, Target
from cloud_jobs.job_settings import JobSettings, LocalFolder
from cloud_jobs.rendering import FOLDER
from cloud_jobs.states import end, state_of

_APPLICATION = re.compile(r"application_\d+_\d+")
_UNDER_WAY = "NEW,NEW_SAVING,SUBMITTED,ACCEPTED,RUNNING"
_PATIENCE = 30  # seconds for an answer of the resource manager
#: The resource manager's states, and how a finished application came out.
_STATES: Mapping[str, JobState] = {
    "NEW": "pending",
    "NEW_SAVING": "pending",
    "SUBMITTED": "pending",
    "ACCEPTED": "pending",
    "RUNNING": "running",
    "FAILED": "failed",
    "KILLED": "cancelled",
}
_OUTCOMES: Mapping[str, JobState] = {"SUCCEEDED": "succeeded", "KILLED": "cancelled"}


class YarnSettings(JobSettings):
    """`resource_manager` is its web address; HADOOP_CONF_DIR tells spark-submit of the cluster.

    With `deploy_mode = "client"` the driver runs here, with the environment of `tradewind submit`.
    """

    takes: ClassVar[tuple[str, ...]] = ("file:",)

    kind: Literal["yarn"]
    resource_manager: str = Field(pattern=r"^https?://[^\s/?#]+$")
    deploy_mode: Literal["cluster", "client"] = "cluster"
    queue: str | None = None
    work: LocalFolder = Field(Path("state/jobs"), validate_default=True)
    spark_submit: str | None = None
    interpreter: str = "python3"

    @property
    def inherits(self) -> bool:
        return self.deploy_mode == "client"

    def target(self) -> Target:
        if self.deploy_mode == "client":
            return ClientTarget(Drivers(self.work), self.spark_submit, self.words)
        return YarnTarget(self)

    def words(self, job: JobRequest) -> Sequence[str]:
        """The command for a request."""
        environment = job.package.environment if self.deploy_mode == "client" else FOLDER
        program = self.spark_submit or "spark-submit"
        return spark_submit.words(program, "yarn", self.deploy_mode, job, self._conf(job), environment)

    def _conf(self, job: JobRequest) -> dict[str, str]:
        python = self.interpreter
        conf = {
            "spark.pyspark.python": python,
            "spark.pyspark.driver.python": python,
            "spark.yarn.submit.waitAppCompletion": "false",
            "spark.yarn.tags": job.name,
            "spark.yarn.maxAppAttempts": "1",
        }
        if self.queue:
            conf["spark.yarn.queue"] = self.queue
        if job.long_running:  # started again by YARN itself, four times within an hour
            conf |= {"spark.yarn.maxAppAttempts": "4", "spark.yarn.am.attemptFailuresValidityInterval": "1h"}
        return conf


@dataclass(frozen=True, slots=True)
class YarnTarget:
    """Cluster mode: the application is YARN's as soon as spark-submit has ended."""

    settings: YarnSettings

    def request(self, job: JobRequest) -> Mapping[str, Any]:
        """The command."""
        return {"command": list(self.settings.words(job)), "restarts": job.long_running}

    def submit(self, job: JobRequest) -> JobId:
        if job.long_running and (running := self._running(job.name)):
            raise Refused(f"{job.name} runs already as {running}, and runs once at a time; cancel that one first")
        program = spark_submit.program(self.settings.spark_submit)
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        environ = {**kept, **spark_submit.environ(program)}
        done = subprocess.run(
            [program, *self.settings.words(job)[1:]], capture_output=True, text=True, env=environ, check=False
        )
        found = _APPLICATION.findall(done.stderr)
        if done.returncode or not found:
            raise Refused(f"spark-submit ended with {done.returncode}: {_last(done.stderr)}")
        return JobId(found[-1])

    def status(self, job_id: JobId) -> Status:
        app = self._asked(f"apps/{job_id}")["app"]
        state, outcome = app["state"], app.get("finalStatus", "UNDEFINED")
        reason = " ".join((app.get("diagnostics") or "").split()) or None
        if state == "FINISHED":
            return self._status(job_id, _OUTCOMES.get(outcome, "failed"), outcome, reason)
        return self._status(job_id, state_of(state, _STATES, "YARN"), state, reason)

    def cancel(self, job_id: JobId) -> None:
        end(lambda: self._asked(f"apps/{job_id}/state", {"state": "KILLED"}), lambda: self.status(job_id))

    def _status(self, job_id: JobId, state: JobState, word: str, reason: str | None) -> Status:
        failed = state == "failed"
        code = 0 if state == "succeeded" else exit_codes.in_words(reason) if failed else None
        page = f"{self.settings.resource_manager}/cluster/app/{job_id}"
        return Status(job_id, state, word, reason if failed else None, page, code)

    def _running(self, name: str) -> str | None:
        found = (self._asked(f"apps?states={_UNDER_WAY}&applicationTags={name}").get("apps") or {}).get("app", [])
        return next((str(app["id"]) for app in found), None)

    def _asked(self, what: str, change: Mapping[str, str] | None = None) -> dict[str, Any]:
        request = Request(f"{self.settings.resource_manager}/ws/v1/cluster/{what}", method="PUT" if change else "GET")
        request.add_header("Accept", "application/json")
        if change:
            request.add_header("Content-Type", "application/json")
        try:
            with urlopen(request, json.dumps(change).encode() if change else None, _PATIENCE) as answer:
                return dict(json.load(answer))
        except HTTPError as error:
            raise Refused(f"the resource manager answered {error.code} to {what}: {error.reason}") from error
        except (URLError, TimeoutError, ConnectionError) as error:
            raise Unreachable(f"{self.settings.resource_manager} does not answer: {error}") from error


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    wrong = [line for line in lines if "Exception" in line or "Error" in line]
    return (wrong or lines or ["it said nothing"])[-1]
