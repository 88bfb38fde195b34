"""What of a cluster's API server a job needs: pods, config maps, services, and the Spark operator's SparkApplications.

What is sent is held to the published schemas: kubernetes-validate's, strictly, for what is Kubernetes' own; for a
SparkApplication the types of kubeflow-spark-api and the values that its definition allows. Names are unique, as a
cluster keeps them. It runs nothing: a test tells how a pod or an application is.
"""

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from kubeflow_spark_api.models.spark_v1beta2_spark_application import SparkV1beta2SparkApplication
from pydantic import ValidationError

from tests.clouds.rest_server import Answer, Asked, RestServer

SCHEMAS = "1.34"
TOKEN = "a-token-of-the-test"
KINDS = {
    "pods": "Pod", "configmaps": "ConfigMap", "services": "Service", "networkpolicies": "NetworkPolicy",
    "sparkapplications": "SparkApplication",
}  # fmt: skip
REASONS = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "AlreadyExists", 422: "Invalid",
    429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable",
}  # fmt: skip
Key = tuple[str, str, str]  # namespace, plural, name


@dataclass
class KubernetesServer(RestServer):
    """`operator` False: the definition of SparkApplication is not installed. `suspends` False: an older operator."""

    operator: bool = True
    suspends: bool = True
    objects: dict[Key, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._uids = itertools.count(1)

    def kubeconfig(self, folder: Path, token: str = TOKEN) -> Path:
        """A file that leads here."""
        path = folder / "kubeconfig"
        cluster, user = {"server": self.address}, {"token": token}
        context = {"cluster": "test", "user": "test", "namespace": "default"}
        path.write_text(
            yaml.safe_dump(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [{"name": "test", "cluster": cluster}],
                    "users": [{"name": "test", "user": user}],
                    "contexts": [{"name": "test", "context": context}],
                    "current-context": "test",
                }
            )
        )
        return path

    def becomes(self, plural: str, name: str, status: dict[str, Any], namespace: str = "default") -> None:
        """What the operator or a kubelet would tell of it."""
        with self.lock:
            self.objects[namespace, plural, name]["status"] = status

    def answered(self, asked: Asked) -> tuple[int, Any]:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            raise self._fault(401, "Unauthorized")
        namespace, plural, name = self._place(asked)
        match asked.method, name:
            case "POST", None:
                return 201, self._create(namespace, plural, asked.body)
            case "GET", None:
                return 200, self._list(namespace, plural)
            case "GET", str():
                return 200, self._found(namespace, plural, name)
            case "PATCH", str() if "apply-patch" in asked.headers["content-type"]:
                return self._apply(namespace, plural, name, asked.body)
            case "PATCH", str():
                return 200, self._patch(namespace, plural, name, asked)
            case "DELETE", str():
                return 200, self._delete(namespace, plural, name, asked.body or {})
            case _:
                raise self._fault(405, f"{asked.method} {asked.path}")

    def error(self, status: int, code: str, message: str) -> Any:
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": code,
            "code": status,
        }

    def _fault(self, status: int, message: str) -> Answer:
        return Answer(status, self.error(status, REASONS.get(status, "Unknown"), message))

    def _place(self, asked: Asked) -> tuple[str, str, str | None]:
        match asked.parts:
            case ["api", "v1", "namespaces", namespace, ("pods" | "configmaps" | "services") as plural, *rest]:
                return namespace, plural, rest[0] if rest else None
            case ["apis", "networking.k8s.io", "v1", "namespaces", namespace, "networkpolicies", *rest]:
                return namespace, "networkpolicies", rest[0] if rest else None
            case ["apis", "sparkoperator.k8s.io", "v1beta2", "namespaces", namespace, "sparkapplications", *rest]:
                if self.operator:
                    return namespace, "sparkapplications", rest[0] if rest else None
            case _:
                pass
        raise Answer(404, self.error(404, "NotFound", "the server could not find the requested resource"))

    def _found(self, namespace: str, plural: str, name: str) -> dict[str, Any]:
        try:
            return self.objects[namespace, plural, name]
        except KeyError:
            raise self._fault(404, f'{plural} "{name}" not found') from None

    def _list(self, namespace: str, plural: str) -> dict[str, Any]:
        items = [one for (where, what, _), one in self.objects.items() if (where, what) == (namespace, plural)]
        return {
            "kind": f"{KINDS[plural]}List",
            "apiVersion": "v1",
            "metadata": {"resourceVersion": "1"},
            "items": items,
        }

    def _create(self, namespace: str, plural: str, body: dict[str, Any]) -> dict[str, Any]:
        self._check(plural, body)
        name = body["metadata"]["name"]
        if (namespace, plural, name) in self.objects:
            raise self._fault(409, f'{plural} "{name}" already exists')
        body["metadata"] |= {"namespace": namespace, "uid": f"uid-{next(self._uids)}", "resourceVersion": "1"}
        if plural == "pods":
            body["status"] = {"phase": "Pending"}
        self.objects[namespace, plural, name] = body
        return body

    def _apply(self, namespace: str, plural: str, name: str, body: dict[str, Any]) -> tuple[int, Any]:
        known = self.objects.pop((namespace, plural, name), None)
        return 200 if known else 201, self._create(namespace, plural, body)

    def _patch(self, namespace: str, plural: str, name: str, asked: Asked) -> dict[str, Any]:
        assert asked.headers["content-type"].startswith(
            ("application/merge-patch", "application/strategic-merge-patch")
        )
        found = self._found(namespace, plural, name)
        patched = {part: {**found.get(part, {}), **wish} for part, wish in asked.body.items()}
        if "labels" in asked.body.get("metadata", {}):
            patched["metadata"]["labels"] = {**found["metadata"].get("labels", {}), **asked.body["metadata"]["labels"]}
        if not self.suspends:
            patched.get("spec", {}).pop("suspend", None)
        found |= patched
        if patched.get("spec", {}).get("suspend"):
            self._suspend(found)
        if plural == "pods" and "activeDeadlineSeconds" in found["spec"]:
            self._expire(found)
        self._check(plural, {part: value for part, value in found.items() if part != "status"})
        return found

    def _suspend(self, found: dict[str, Any]) -> None:
        """The operator's part: what has ended stays as it is."""
        now = found.get("status", {}).get("applicationState", {}).get("state", "")
        if now not in ("COMPLETED", "FAILED"):
            found["status"] = {"applicationState": {"state": "SUSPENDED"}, "driverInfo": {}}

    def _expire(self, found: dict[str, Any]) -> None:
        """The kubelet's part: a pod without a node has no time that could end."""
        if found["status"]["phase"] == "Running":
            told = {"phase": "Failed", "reason": "DeadlineExceeded", "message": "Pod was active on the node too long"}
            found["status"] = {**found["status"], **told}

    def _delete(self, namespace: str, plural: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        found = self._found(namespace, plural, name)
        if (only := body.get("preconditions", {}).get("uid")) not in (None, found["metadata"]["uid"]):
            raise self._fault(409, f"the UID in the precondition ({only}) does not match")
        del self.objects[namespace, plural, name]
        return found

    def _check(self, plural: str, body: dict[str, Any]) -> None:
        """Unknown fields, missing ones, wrong types: all are refused."""
        try:
            if plural == "sparkapplications":
                check_application(body)
            else:
                kubernetes_validate.validate(body, SCHEMAS, strict=True)
        except (kubernetes_validate.ValidationError, ValidationError, AssertionError, KeyError) as fault:
            raise self._fault(422, f"{KINDS[plural]} is invalid: {fault}") from fault


def check_application(body: dict[str, Any]) -> None:
    """Raises where a SparkApplication is not of the published types, says more than they know, or a value they bar."""
    typed = SparkV1beta2SparkApplication.from_dict(body)
    assert typed is not None
    assert typed.to_dict() == body, "holds what the types do not know"
    spec = body["spec"]
    assert (body["apiVersion"], body["kind"]) == ("sparkoperator.k8s.io/v1beta2", "SparkApplication")
    assert spec["type"] in ("Java", "Python", "Scala", "R")
    assert spec["mode"] in ("cluster", "client")
    assert spec.get("pythonVersion", "3") in ("2", "3")
    assert spec["restartPolicy"]["type"] in ("Never", "Always", "OnFailure")
    assert all(isinstance(value, str) for value in spec["sparkConf"].values())
    for part in (spec["driver"], spec["executor"]):
        assert part["cores"] >= 1
    assert spec["executor"]["instances"] >= 1
