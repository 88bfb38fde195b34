"""The Livy API of a Synapse pool: https://learn.microsoft.com/rest/api/synapse/data-plane/spark-batch

The client validates only where it is asked to. Here each body is read into the client's own type, validated, and
written again: what it does not know is missing then. It runs nothing: a test tells how a batch is.
"""

from dataclasses import dataclass, field
from typing import Any

from azure.core.credentials import AccessToken
from azure.synapse.spark.models import SparkBatchJobOptions

from tests.clouds.rest_server import Answer, Asked, RestServer

POOL, TOKEN = "trades", "a-token-of-the-test"
SIZES = {4: "28g", 8: "56g", 16: "112g", 32: "224g", 64: "400g"}


class Credential:
    """An identity of the test."""

    def __init__(self, token: str = TOKEN) -> None:
        self._token = token

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        assert scopes == ("https://dev.azuresynapse.net/.default",)
        return AccessToken(self._token, 2**31)


@dataclass
class SynapseServer(RestServer):
    """`batches` by their numbers, as the API tells them in detail."""

    batches: dict[int, dict[str, Any]] = field(default_factory=dict)

    def becomes(self, number: int, state: str, result: str = "Uncertain", **more: Any) -> None:
        """What the pool would tell of a batch."""
        with self.lock:
            self.batches[number] |= {"state": state, "result": result, **more}

    def answered(self, asked: Asked) -> tuple[int, Any]:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            raise self._fault(401, "Token Authentication failed")
        match asked.parts:
            case ["livyApi", "versions", "2019-11-01-preview", "sparkPools", pool, "batches", *rest] if pool == POOL:
                return self._batch(asked, rest)
        raise self._fault(404, f"Spark pool of {asked.path} is not found")

    def error(self, status: int, code: str, message: str) -> Any:
        return {"error": {"code": code, "message": message}}

    def _fault(self, status: int, message: str) -> Answer:
        return Answer(status, self.error(status, "Fault", message))

    def _batch(self, asked: Asked, rest: list[str]) -> tuple[int, Any]:
        match asked.method, rest:
            case "POST", []:
                return 200, self._create(asked.body)
            case "GET", []:
                start, size = int(asked.query["from"]), min(int(asked.query["size"]), 20)
                found = list(self.batches.values())
                return 200, {"from": start, "total": len(found), "sessions": found[start : start + size]}
            case "GET", [number]:
                return 200, self._found(int(number))
            case "DELETE", [number]:
                if self._found(int(number))["state"] not in ("success", "error", "dead", "killed"):
                    self.batches[int(number)] |= {"state": "killed", "result": "Cancelled"}
                return 200, None
        raise self._fault(405, asked.method)

    def _found(self, number: int) -> dict[str, Any]:
        if number not in self.batches:
            raise self._fault(404, f"Batch {number} is not found")
        return self.batches[number]

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        self._check(body)
        number = len(self.batches)
        common = {"workspaceName": "trades", "sparkPoolName": POOL, "jobType": "SparkBatch", "result": "Uncertain"}
        told = {"id": number, "name": body["name"], "tags": body.get("tags"), "state": "not_started", "log": []}
        self.batches[number] = {**common, **told, "appInfo": None, "errorInfo": []}
        return self.batches[number]

    def _check(self, body: dict[str, Any]) -> None:
        options = SparkBatchJobOptions.deserialize(body)
        if (faults := options.validate()) or options.serialize() != body:
            raise self._fault(400, f"Invalid: {faults or body}")
        for part in ("driver", "executor"):
            if SIZES.get(body[f"{part}Cores"]) != body[f"{part}Memory"]:
                raise self._fault(400, f"no node has {body[f'{part}Cores']} cores and {body[f'{part}Memory']}")
        if not body["file"].startswith("abfss://") or not all(one.startswith("abfss://") for one in body["archives"]):
            raise self._fault(400, "the files of a batch are in storage")
        if not all(isinstance(value, str) for value in body["conf"].values()):
            raise self._fault(400, "a setting of Spark is a text")
