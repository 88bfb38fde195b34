"""The part of a Databricks workspace's Jobs API 2.2 that a job needs: https://docs.databricks.com/api/workspace/jobs

The client checks nothing that it sends. So each body is read into the client's own types and written again: what they
do not know, or know with other values, is missing then, and refused. What the documents require is required. It runs
nothing: a test tells how a run is.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from databricks.sdk.service import jobs

from tests.clouds.rest_server import Answer, Asked, RestServer

TOKEN = "dapi-of-the-test"
NAMES = {
    400: "INVALID_PARAMETER_VALUE",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
}
_RUN = {
    "run_name": str, "tasks": list, "environments": list, "run_as": dict, "idempotency_token": str,
}  # fmt: skip


@dataclass
class DatabricksServer(RestServer):
    """`jobs` and `runs` by their numbers, as the API tells them.

    `quicker`: another one makes the next job too, just before.
    """

    jobs: dict[int, dict[str, Any]] = field(default_factory=dict)
    runs: dict[int, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    quicker: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._numbers = itertools.count(101)

    def becomes(self, run: int, state: str, code: str | None = None, message: str = "") -> None:
        """What the service would tell of a run."""
        details = {"termination_details": {"code": code, "message": message, "type": "SUCCESS"}} if code else {}
        with self.lock:
            self.runs[run]["status"] = {"state": state, **details}

    def starts(self, job: int) -> int:
        """A run of a job, by its trigger."""
        with self.lock:
            return self._run(job_id=job)

    def answered(self, asked: Asked) -> tuple[int, Any]:
        if asked.path.startswith("/.well-known/"):
            raise Answer(404, self.error(404, "NOT_FOUND", "no such page"))
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            raise self._fault(401, "Credential was not sent or was of an unsupported type for this API.")
        if asked.path.startswith("/api/2.0/fs/"):
            return self._volume(asked)
        body, query = asked.body or {}, asked.query
        match asked.method, asked.path.removeprefix("/api/2.2/jobs/"):
            case "POST", "create":
                return 200, self._create(body)
            case "POST", "delete":
                self._job(body["job_id"])
                del self.jobs[body["job_id"]]
                return 200, {}
            case "POST", "reset":
                _exactly(body, {"job_id", "new_settings"})
                self._job(body["job_id"])["settings"] = self._checked(body["new_settings"])
                return 200, {}
            case "POST", "update":
                return 200, self._update(body)
            case "GET", "get":
                return 200, self._job(int(query["job_id"]))
            case "GET", "list":
                found = [one for one in self.jobs.values() if one["settings"]["name"].lower() == query["name"].lower()]
                return 200, {"jobs": found, "has_more": False}
            case "POST", "runs/submit":
                return 200, {"run_id": self._submit(body)}
            case "GET", "runs/get":
                return 200, self._of_runs(int(query["run_id"]))
            case "GET", "runs/list":
                newest = [one for one in reversed(self.runs.values()) if one.get("job_id") == int(query["job_id"])]
                return 200, {"runs": newest[: int(query["limit"])], "has_more": False}
            case "POST", "runs/cancel":
                self._end(self._of_runs(body["run_id"]))
                return 200, {}
            case "POST", "runs/cancel-all":
                for one in self.runs.values():
                    if one.get("job_id") == body["job_id"]:
                        self._end(one)
                return 200, {}
        raise self._fault(404, f"{asked.method} {asked.path}")

    def _volume(self, asked: Asked) -> tuple[int, Any]:
        """The Files API: https://docs.databricks.com/api/workspace/files"""
        kind, _, path = asked.path.removeprefix("/api/2.0/fs/").partition("/")
        below = f"/{path}".rstrip("/") + "/"
        match asked.method, kind:
            case "PUT", "directories":
                return 204, None
            case "GET", "directories":
                names = [name for name in self.files if name.startswith(below)]
                if not names:
                    raise self._fault(404, f"The directory being accessed is not found: /{path}")
                told = [{"path": n, "name": n[len(below) :], "file_size": len(self.files[n])} for n in names]
                return 200, {"contents": [{**one, "is_directory": False} for one in told]}
            case "PUT", "files":
                self.files[f"/{path}"] = asked.body
                return 204, None
            case "GET", "files" if f"/{path}" in self.files:
                return 200, self.files[f"/{path}"]
        raise self._fault(404, f"{asked.method} {asked.path}")

    def error(self, status: int, code: str, message: str) -> Any:
        return {"error_code": code, "message": message}

    def _fault(self, status: int, message: str) -> Answer:
        return Answer(status, self.error(status, NAMES[status], message))

    def _job(self, number: int) -> dict[str, Any]:
        if number not in self.jobs:
            raise self._fault(400, f"Job {number} does not exist.")
        return self.jobs[number]

    def _of_runs(self, number: int) -> dict[str, Any]:
        if number not in self.runs:
            raise self._fault(400, f"Run {number} does not exist.")
        return self.runs[number]

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.quicker:
            self.quicker = False
            self._create(body)
        number = next(self._numbers)
        self.jobs[number] = {"job_id": number, "settings": self._checked(body)}
        return {"job_id": number}

    def _update(self, body: dict[str, Any]) -> dict[str, Any]:
        """Top-level fields are replaced whole."""
        _exactly(body, {"job_id", "new_settings"})
        job = self._job(body["job_id"])
        job["settings"] = self._checked({**job["settings"], **body["new_settings"]})
        return {}

    def _submit(self, body: dict[str, Any]) -> int:
        token = body.get("idempotency_token")
        if token in self.tokens:
            return self.tokens[token]
        self._known(set(body) <= set(_RUN) and all(isinstance(value, _RUN[name]) for name, value in body.items()), body)
        self._known(len(token or "") <= 64, body)
        self._check(body, jobs.SubmitTask)
        run = self._run(run_name=body["run_name"])
        if token:
            self.tokens[token] = run
        return run

    def _run(self, **told: Any) -> int:
        number = next(self._numbers)
        page = f"{self.address}/jobs/runs/{number}"
        self.runs[number] = {"run_id": number, "run_page_url": page, "status": {"state": "PENDING"}, **told}
        return number

    def _end(self, run: dict[str, Any]) -> None:
        if run["status"]["state"] != "TERMINATED":
            self.becomes_unlocked(run, "USER_CANCELED")

    def becomes_unlocked(self, run: dict[str, Any], code: str) -> None:
        details = {"code": code, "message": "Run cancelled.", "type": "SUCCESS"}
        run["status"] = {"state": "TERMINATED", "termination_details": details}

    def _checked(self, body: dict[str, Any]) -> dict[str, Any]:
        """The settings of a job that stays."""
        self._known(jobs.JobSettings.from_dict(body).as_dict() == body, body)
        self._known(bool(body.get("name")), "a job has a name")
        starts = [name for name in ("continuous", "trigger", "schedule") if name in body]
        self._known(len(starts) == 1, f"one of continuous, trigger and schedule: {starts}")
        self._known(
            "continuous" not in body or body["max_concurrent_runs"] == 1, "a continuous job runs once at a time"
        )
        serverless = any("environment_key" in task for task in body["tasks"])
        self._known(not ("continuous" in body and serverless), "no continuous job of such a task on serverless compute")
        self._check(body, jobs.Task)
        return body

    def _check(self, body: Mapping[str, Any], kind: Any) -> None:
        self._known(len(body["tasks"]) >= 1, "a task is required")
        keys = {one["environment_key"] for one in body.get("environments", [])}
        for task in body["tasks"]:
            self._known(kind.from_dict(task).as_dict() == task, task)
            self._known(bool(task.get("task_key")) and "spark_python_task" in task, task)
            self._known(bool(task["spark_python_task"]["python_file"]), task)
            self._known(("new_cluster" in task) != (task.get("environment_key") in keys), task)
            for library in task.get("libraries", []):
                self._known(len(library) == 1, library)
            if "new_cluster" in task:
                self._check_cluster(task["new_cluster"])

    def _check_cluster(self, cluster: Mapping[str, Any]) -> None:
        self._known(bool(cluster.get("spark_version")), "spark_version is required")
        machines = {"node_type_id", "instance_pool_id", "policy_id"} & set(cluster)
        self._known(bool(machines) and cluster.get("num_workers", 0) >= 1, cluster)
        for name, value in cluster.get("spark_env_vars", {}).items():
            self._known(name.isidentifier() and isinstance(value, str), name)

    def _known(self, true: bool, told: object) -> None:
        if not true:
            raise self._fault(400, f"Invalid: {told}")


def _exactly(body: dict[str, Any], names: set[str]) -> None:
    assert set(body) == names, body
