"""How a run is, in its own words: https://docs.databricks.com/api/workspace/jobs/getrun"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from cloud_jobs.job import JobState
from cloud_jobs.states import state_of

if TYPE_CHECKING:
    from databricks.sdk.service.jobs import BaseRun, Run

#: `status.state`
Life = Literal[
    "BLOCKED",  # by a condition of its task
    "PENDING",  # its cluster starts
    "QUEUED",
    "RUNNING",
    "TERMINATING",  # the command has ended, the cluster goes
    "TERMINATED",  # `termination_details.code` says how
    "WAITING",  # for a try again
]
LIFE: Mapping[str, JobState] = {
    "BLOCKED": "pending",
    "PENDING": "pending",
    "QUEUED": "pending",
    "RUNNING": "running",
    "TERMINATING": "running",
    "WAITING": "pending",
}
#: `status.termination_details.code`
ENDS: Mapping[str, JobState] = {
    "SUCCESS": "succeeded",
    "SUCCESS_WITH_FAILURES": "succeeded",
    "USER_CANCELED": "cancelled",
    "CANCELED": "cancelled",  # by the platform: a limit of time
    "BREAKING_CHANGE": "failed",
    "BUDGET_POLICY_LIMIT_EXCEEDED": "failed",
    "CLOUD_FAILURE": "failed",
    "CLUSTER_ERROR": "failed",
    "CLUSTER_REQUEST_LIMIT_EXCEEDED": "failed",
    "DISABLED": "failed",
    "DRIVER_ERROR": "failed",
    "FEATURE_DISABLED": "failed",
    "INTERNAL_ERROR": "failed",
    "INVALID_CLUSTER_REQUEST": "failed",
    "INVALID_RUN_CONFIGURATION": "failed",
    "LIBRARY_INSTALLATION_ERROR": "failed",
    "MAX_CONCURRENT_RUNS_EXCEEDED": "failed",
    "MAX_JOB_QUEUE_SIZE_EXCEEDED": "failed",
    "MAX_SPARK_CONTEXTS_EXCEEDED": "failed",
    "REPOSITORY_CHECKOUT_FAILED": "failed",
    "RESOURCE_NOT_FOUND": "failed",
    "RUN_EXECUTION_ERROR": "failed",
    "SKIPPED": "failed",  # it never began
    "STORAGE_ACCESS_ERROR": "failed",
    "UNAUTHORIZED_ERROR": "failed",
    "WORKSPACE_RUN_LIMIT_EXCEEDED": "failed",
}


def word_of(run: Run | BaseRun) -> str:
    """The state, or once it has ended how. The client leaves a word out that it does not know."""
    told = run.status
    if told is None or told.state is None:
        return "a state unknown to databricks-sdk"
    if told.state.value != "TERMINATED":
        return told.state.value
    code = told.termination_details and told.termination_details.code
    return code.value if code else "TERMINATED by a code unknown to databricks-sdk"


def state(run: Run | BaseRun) -> JobState:
    """Raises Refused for a state that this version does not know."""
    return state_of(word_of(run), {**LIFE, **ENDS}, f"Databricks ({run.run_page_url})")


def reason(run: Run | BaseRun) -> str | None:
    details = run.status and run.status.termination_details
    return (details.message or None) if details else None
