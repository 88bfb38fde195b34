"""A step of EMR on EC2: `spark-submit` in YARN's cluster mode, where the archive is unpacked for the driver too.

https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-commandrunner.html
https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-spark-submit-step.html
https://spark.apache.org/docs/latest/running-on-yarn.html#spark-properties (attempts, tags)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, Literal, get_args

from cloud_jobs import spark_submit
from cloud_jobs.job import JobRequest, JobState
from cloud_jobs.rendering import FOLDER
from cloud_jobs.states import state_of

#: https://docs.aws.amazon.com/emr/latest/APIReference/API_StepStatus.html
ServiceState = Literal["PENDING", "CANCEL_PENDING", "RUNNING", "COMPLETED", "CANCELLED", "FAILED", "INTERRUPTED"]
STATES: Mapping[str, JobState] = {
    "PENDING": "pending",
    "CANCEL_PENDING": "running",
    "RUNNING": "running",
    "COMPLETED": "succeeded",
    "CANCELLED": "cancelled",
    "FAILED": "failed",
    "INTERRUPTED": "failed",  # the cluster ended under it
}
UNDER_WAY: tuple[ServiceState, ...] = tuple(
    word for word in get_args(ServiceState) if STATES[word] in ("pending", "running")
)
ActionOnFailure = Literal["CONTINUE", "TERMINATE_CLUSTER"]
_TAGS = "spark.yarn.tags"
_OURS = re.compile(r"tradewind-[A-Za-z0-9-]+")
#: YARN's command line knows applications by their tags; none is no fault.
_KILL = (
    "yarn application -list -appTags {tag} -appStates NEW,NEW_SAVING,SUBMITTED,ACCEPTED,RUNNING 2>/dev/null"
    " | awk '/^application_/ {{print $1}}' | xargs -r -n 1 yarn application -kill"
)


def step(job: JobRequest, interpreter: str | None, restarts: int, on_failure: ActionOnFailure) -> dict[str, Any]:
    """As AddJobFlowSteps and RunJobFlow take it."""
    conf = _conf(job, interpreter, restarts)
    words = spark_submit.words("spark-submit", "yarn", "cluster", _tagged(job), conf, FOLDER)
    return _command(job.name, on_failure, *words)


def ending(name: str, tag: str) -> dict[str, Any]:
    """A step that ends the application: in cluster mode it outlives the step's process, which is what EMR ends."""
    return _command(f"end of {name}", "CONTINUE", "bash", "-c", _KILL.format(tag=tag))


def _command(name: str, on_failure: ActionOnFailure, *words: str) -> dict[str, Any]:
    jar = {"Jar": "command-runner.jar", "Args": list(words)}
    return {"Name": name, "ActionOnFailure": on_failure, "HadoopJarStep": jar}


def _conf(job: JobRequest, interpreter: str | None, restarts: int) -> Mapping[str, str]:
    attempts = restarts + 1 if job.long_running else 1
    return {
        "spark.dynamicAllocation.enabled": "false",  # on by default there: as many executors as the size says
        "spark.pyspark.python": interpreter or f"/usr/bin/python{job.package.python}",
        "spark.yarn.maxAppAttempts": str(attempts),
        **({"spark.yarn.am.attemptFailuresValidityInterval": "1h"} if job.long_running else {}),
    }


def _tagged(job: JobRequest) -> JobRequest:
    """With the tag by which it is found again, before those that the user gave."""
    given = job.conf.get(_TAGS)
    return replace(job, conf={**job.conf, _TAGS: ",".join(filter(None, (tag_of(job), given)))})


def tag_of(job: JobRequest) -> str:
    """The same for the same wish: there is no token in the API of steps."""
    digest = f"-{sha256(job.token.encode()).hexdigest()[:16]}" if job.token else ""
    return f"tradewind-{job.name.removeprefix('tradewind-')}{digest}"


def tag_in(told: Mapping[str, Any]) -> str | None:
    """Our tag of a step that ListSteps or DescribeStep tells of, None where it is not ours."""
    for word in told.get("Config", {}).get("Args", []):
        if word.startswith(f"{_TAGS}="):
            first = word.removeprefix(f"{_TAGS}=").partition(",")[0]
            return first if _OURS.fullmatch(first) else None
    return None


def state(told: Mapping[str, Any]) -> tuple[JobState, str]:
    """In the one vocabulary, and the service's own word."""
    word = str(told["Status"]["State"])
    return state_of(word, STATES, "EMR"), word


def reason(told: Mapping[str, Any]) -> str | None:
    """Why a step failed, as far as EMR found it in its log."""
    status = told["Status"]
    failure = status.get("FailureDetails") or {}
    found = ": ".join(str(failure[part]) for part in ("Reason", "Message") if failure.get(part))
    return found or (status.get("StateChangeReason") or {}).get("Message") or None
