"""The driver's pod: how it ended, what holds it up, and where its log is."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from cloud_jobs.kubernetes_api import TIMEOUT, ClusterSettings

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

#: As the API tells it, in JSON.
Pod = Mapping[str, Any]

CONTAINER = "spark-kubernetes-driver"  # as Spark names it
CANCELLED = "tradewind/cancelled"  # our label


def found(api: ApiClient, namespace: str, name: str) -> Pod | None:
    """The pod, if there is one. Raises ApiException."""
    from kubernetes.client import CoreV1Api
    from kubernetes.client.exceptions import ApiException

    try:
        pod = CoreV1Api(api).read_namespaced_pod(name, namespace, _request_timeout=TIMEOUT)
    except ApiException as failed:
        if failed.status != HTTPStatus.NOT_FOUND:
            raise
        return None
    told: Pod = api.sanitize_for_serialization(pod)
    return told


def exit_code(pod: Pod | None) -> int | None:
    """The command's own; None while it runs, and where the pod is gone."""
    for one in _status(pod).get("containerStatuses", []) if pod else []:
        if one["name"] == CONTAINER and "terminated" in one["state"]:
            return int(one["state"]["terminated"]["exitCode"])
    return None


def log_address(settings: ClusterSettings, api: ApiClient, pod: str) -> str:
    """Of the log viewer that the settings name; else what `kubectl logs` asks for."""
    if settings.logs:
        return settings.logs.format(namespace=settings.namespace, pod=pod)
    return f"{api.configuration.host}/api/v1/namespaces/{settings.namespace}/pods/{pod}/log"


def phase(pod: Pod) -> str:
    return str(_status(pod).get("phase", "Unknown"))


def reason(pod: Pod) -> str | None:
    """What holds it up, or ended it, in the cluster's words."""
    status = _status(pod)
    states = [one["state"] for one in status.get("containerStatuses", [])]
    held = [state[word] for state in states for word in ("terminated", "waiting") if word in state]
    unscheduled = [one for one in status.get("conditions", []) if one["type"] == "PodScheduled"]
    told = (
        ": ".join(one[word] for word in ("reason", "message") if one.get(word)) for one in (status, *held, *unscheduled)
    )
    return next((words for words in told if words), None)


def was_cancelled(pod: Pod) -> bool:
    return CANCELLED in labels(pod)


def labels(pod: Pod) -> Mapping[str, str]:
    found: Mapping[str, str] = pod["metadata"].get("labels", {})
    return found


def end(api: ApiClient, pod: Pod) -> None:
    """Cuts the time that the pod may run, one of the few things that may change; nothing where it has ended.

    https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement
    """
    from kubernetes.client import CoreV1Api

    if phase(pod) in ("Succeeded", "Failed"):
        return
    name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
    cut = {"metadata": {"labels": {CANCELLED: "yes"}}, "spec": {"activeDeadlineSeconds": 1}}
    CoreV1Api(api).patch_namespaced_pod(name, namespace, cut, _request_timeout=TIMEOUT)


def _status(pod: Pod) -> Mapping[str, Any]:
    status: Mapping[str, Any] = pod.get("status", {})
    return status
