"""A SparkApplication of the Kubeflow Spark operator, version 2.3 or later: it starts the driver, and starts it again.

https://www.kubeflow.org/docs/components/spark-operator/reference/api-docs/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

import stamina
from pydantic import Field

from cloud_jobs import kubernetes_api, kubernetes_pods
from cloud_jobs.errors import Refused
from cloud_jobs.job import ENDED, JobId, JobRequest, JobState, Status
from cloud_jobs.kubernetes_api import TIMEOUT, TOKEN, ClusterSettings, translated
from cloud_jobs.states import state_of
from cloud_jobs.tokens import digest, with_token

if TYPE_CHECKING:
    from kubernetes.client import CustomObjectsApi

GROUP, VERSION, PLURAL = "sparkoperator.k8s.io", "v1beta2", "sparkapplications"

#: `status.applicationState.state`, as api/v1beta2/sparkapplication_types.go of the operator has them.
State = Literal[
    "",  # nobody has looked at it yet
    "SUBMITTED",
    "RUNNING",
    "COMPLETED",
    "FAILED",
    "SUBMISSION_FAILED",  # it is submitted again, or becomes FAILED
    "PENDING_RERUN",
    "INVALIDATING",  # its specification was changed: what ran is taken away first
    "SUCCEEDING",
    "FAILING",  # becomes PENDING_RERUN or FAILED
    "SUSPENDING",
    "SUSPENDED",
    "RESUMING",
    "UNKNOWN",  # the driver's node does not answer; the operator looks on
]
STATES: Mapping[str, JobState] = {
    "": "pending",
    "SUBMITTED": "pending",
    "RUNNING": "running",
    "COMPLETED": "succeeded",
    "FAILED": "failed",
    "SUBMISSION_FAILED": "pending",
    "PENDING_RERUN": "pending",
    "INVALIDATING": "pending",
    "SUCCEEDING": "running",
    "FAILING": "running",
    "SUSPENDING": "running",
    "SUSPENDED": "cancelled",
    "RESUMING": "pending",
    "UNKNOWN": "running",
}


class KubernetesSettings(ClusterSettings):
    """`keep`: for how many seconds an application that has ended stays to be looked at.

    `restart_after`: the seconds before a stream is started again, once more after each try.
    """

    kind: Literal["kubernetes"] = "kubernetes"
    keep: int = Field(7 * 24 * 3600, ge=60)
    restart_after: int = Field(10, ge=1, le=3600)

    def target(self) -> KubernetesTarget:
        return KubernetesTarget(self)


@dataclass(frozen=True)
class KubernetesTarget:
    """SparkApplications of one namespace, through the cluster's API.

    A job's id is NAME/UID: a stream's name is the same each time, and what it was before is another job.
    """

    settings: KubernetesSettings

    def request(self, job: JobRequest) -> Mapping[str, Any]:
        """The SparkApplication. Raises MissingClient."""
        from cloud_jobs.spark_application import rendered

        return rendered(self.settings, job)

    def submit(self, job: JobRequest) -> JobId:
        job = with_token(job)
        body = self.request(job)
        with translated(f"creating the SparkApplication {job.name}"):
            return _id(self._submitted(job, body))

    def status(self, job_id: JobId) -> Status:
        with translated(f"looking at the SparkApplication {job_id}"):
            return self._status(self._found(job_id))

    def cancel(self, job_id: JobId) -> None:
        """Suspends it: its pods go, itself stays to be looked at. Raises Refused by an operator that cannot."""
        with translated(f"suspending the SparkApplication {job_id}"):
            name = self._found(job_id)["metadata"]["name"]
            now: Any = self._api.patch_namespaced_custom_object(
                name=name, body={"spec": {"suspend": True}}, **self._place
            )
        if not now["spec"].get("suspend"):
            raise Refused(f"this Spark operator suspends nothing (2.3 does): kubectl delete sparkapplication {name}")

    def _submitted(self, job: JobRequest, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The name is the guard: no cluster has two of one name. One that has ended makes way."""
        for attempt in stamina.retry_context(
            on=_InTheWay, attempts=None, timeout=60, wait_initial=0.1, wait_max=2, wait_jitter=0.1
        ):
            with attempt:
                return self._created(body) or self._met(job, body["metadata"]["name"])
        raise AssertionError("unreachable")

    def _created(self, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """None where one of this name is there."""
        from kubernetes.client.exceptions import ApiException

        try:
            made: Any = self._api.create_namespaced_custom_object(body=dict(body), **self._place)
        except ApiException as failed:
            if failed.status != HTTPStatus.CONFLICT:
                raise
            return None
        return dict(made)

    def _met(self, job: JobRequest, name: str) -> Mapping[str, Any]:
        """This very wish's. Raises Refused where another is under way, _InTheWay once one that has ended goes.

        Whoever else submits may be quicker with each of these calls: then it is looked at again.
        """
        from kubernetes.client.exceptions import ApiException

        gone = {HTTPStatus.NOT_FOUND}
        try:
            there: Any = self._api.get_namespaced_custom_object(name=name, **self._place)
            if there["metadata"].get("labels", {}).get(TOKEN) == digest(job.token):
                return dict(there)
            gone |= {HTTPStatus.CONFLICT}  # of the deletion: another of this name is there
            self._remove_ended(there)
        except ApiException as failed:
            if failed.status not in gone:
                raise
        raise _InTheWay(f"{name} has ended, and is still on its way out; submit again")

    def _remove_ended(self, there: Mapping[str, Any]) -> None:
        """That one and no other of its name. Raises Refused where it has not ended."""
        name, state = there["metadata"]["name"], self._status(there).state
        if state not in ENDED:
            raise Refused(f"{name} is {state}, and runs once at a time; cancel that one first")
        only: Any = {"preconditions": {"uid": there["metadata"]["uid"]}}
        self._api.delete_namespaced_custom_object(name=name, body=only, **self._place)

    def _found(self, job_id: JobId) -> Mapping[str, Any]:
        name, _, uid = job_id.partition("/")
        found: Any = self._api.get_namespaced_custom_object(name=name, **self._place)
        if found["metadata"]["uid"] != uid:
            raise Refused(f"{job_id} is gone; of this name there is {_id(found)} now")
        return dict(found)

    def _status(self, found: Mapping[str, Any]) -> Status:
        own, told = self.settings, found.get("status", {})
        application = told.get("applicationState", {})
        word = application.get("state", "")
        state = state_of(word, STATES, "the Spark operator")
        driver = told.get("driverInfo", {}).get("podName") or f"{found['metadata']['name']}-driver"
        api = self._api.api_client
        pod = kubernetes_pods.found(api, own.namespace, driver) if state in ENDED else None
        logs = kubernetes_pods.log_address(own, api, driver)
        reason = application.get("errorMessage") or None
        return Status(_id(found), state, word or "NEW", reason, logs, kubernetes_pods.exit_code(pod))

    @cached_property
    def _api(self) -> CustomObjectsApi:
        api = kubernetes_api.client(self.settings)
        from kubernetes.client import CustomObjectsApi

        return CustomObjectsApi(api)

    @property
    def _place(self) -> dict[str, Any]:
        where = {"group": GROUP, "version": VERSION, "namespace": self.settings.namespace, "plural": PLURAL}
        return {**where, "_request_timeout": TIMEOUT}


def _id(found: Mapping[str, Any]) -> JobId:
    return JobId(f"{found['metadata']['name']}/{found['metadata']['uid']}")


class _InTheWay(Refused):
    """What was deleted is there for a little longer."""
