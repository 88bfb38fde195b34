"""The public REST of Dataproc on this machine: jobs of clusters, batches and their operations. It is the protocol, not
the service: each request is read with the client's own types, and what they do not know, or what is required and not
there, is refused. After https://cloud.google.com/dataproc/docs/reference/rest.
"""

import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from google.cloud import dataproc_v1 as dataproc
from google.protobuf.json_format import ParseError  # type: ignore[import-untyped]

PROJECT, REGION, CLUSTER = "trades-project", "europe-west3", "trades"
ACTIVE = ("PENDING", "SETUP_DONE", "RUNNING", "CANCEL_PENDING", "CANCEL_STARTED", "ATTEMPT_FAILURE")
_JOBS = rf"/v1/projects/{PROJECT}/regions/{REGION}/jobs"
_PLACE = f"projects/{PROJECT}/locations/{REGION}"
_FILTER = re.compile(r"status\.state = ACTIVE AND labels\.([a-z-]+) = ([a-z0-9_-]+)")
PAGE = 2  # as many of a list at a time


class Fault(Exception):
    """An answer that is none: the status, as Google writes it, and the message."""

    def __init__(self, code: int, status: str, message: str) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: str

    def one(self, name: str) -> str:
        return self.query.get(name, [""])[0]


@dataclass
class DataprocServer:
    """`jobs` and `batches` by id, as the client's own types; nothing goes on in them by itself."""

    port: int = 0
    jobs: dict[str, Any] = field(default_factory=dict)
    batches: dict[str, Any] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)  # method and path
    refuses: Fault | None = None  # the answer to all
    loses: int = 0  # so many answers get lost, though what was asked for is done

    def __post_init__(self) -> None:
        self._known: dict[str, str] = {}  # an id by its request's
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> "DataprocServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Answer, on the same port as before."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    @contextmanager
    def down(self) -> Iterator[None]:
        """Nobody answers while it lasts."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def refusing(self, code: int, status: str) -> Iterator[None]:
        """Every answer is this while it lasts."""
        self.refuses = Fault(code, status, f"{status} by the test")
        try:
            yield
        finally:
            self.refuses = None

    def forget_requests(self) -> None:
        """As after some time: what was made stays, the requests' ids do not."""
        self._known.clear()

    def answer(self, asked: Asked) -> Any:
        """What is asked for, as JSON's objects. Raises Fault."""
        self.requests.append((asked.method, asked.path))
        if self.refuses is not None:
            raise self.refuses
        for method, path, do in self._routes():
            if asked.method == method and (found := re.fullmatch(path, asked.path)):
                return do(asked, *found.groups())
        raise Fault(404, "NOT_FOUND", f"{asked.method} {asked.path} is no method of this API")

    def _routes(self) -> tuple[tuple[str, str, Callable[..., Any]], ...]:
        return (
            ("POST", rf"{_JOBS}:submit", self._submit),
            ("GET", _JOBS, self._list_jobs),
            ("GET", rf"{_JOBS}/([^/:]+)", lambda _, job: _told(self._job(job))),
            ("POST", rf"{_JOBS}/([^/:]+):cancel", self._cancel_job),
            ("POST", rf"/v1/{_PLACE}/batches", self._create_batch),
            ("GET", rf"/v1/{_PLACE}/batches/([^/:]+)", lambda _, batch: _told(self._batch(batch))),
            ("POST", rf"/v1/projects/{PROJECT}/regions/{REGION}/operations/([^/:]+):cancel", self._cancel_batch),
        )

    def _submit(self, asked: Asked) -> Any:
        request = _read(dataproc.SubmitJobRequest, asked.body)
        job = request.job
        _required(job.placement.cluster_name, "job.placement.clusterName")
        _required(job.pyspark_job.main_python_file_uri, "job.pysparkJob.mainPythonFileUri")
        if job.placement.cluster_name != CLUSTER:
            raise Fault(404, "NOT_FOUND", f"Not found: Cluster {job.placement.cluster_name}")
        _limit(job.scheduling.max_failures_per_hour, 10, "maxFailuresPerHour")
        if known := self._known.get(request.request_id):
            return _told(self._job(known))
        job_id = job.reference.job_id or uuid.uuid4().hex
        if job_id in self.jobs:
            raise Fault(409, "ALREADY_EXISTS", f"Already exists: Job {job_id}")
        job.reference = dataproc.JobReference(project_id=PROJECT, job_id=job_id)
        job.status = dataproc.JobStatus(state="PENDING")
        self.jobs[job_id] = job
        self._remember(request.request_id, job_id)
        return _told(job)

    def _remember(self, request_id: str, of: str) -> None:
        if request_id:
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", request_id):
                raise Fault(400, "INVALID_ARGUMENT", f"Invalid request id {request_id}")
            self._known[request_id] = of

    def _list_jobs(self, asked: Asked) -> Any:
        known = {"filter", "pageToken", "pageSize", "$alt"}
        if extra := set(asked.query) - known:
            raise Fault(400, "INVALID_ARGUMENT", f"Unknown parameters {extra}")
        if not (wanted := _FILTER.fullmatch(asked.one("filter"))):
            raise Fault(400, "INVALID_ARGUMENT", f"Invalid list filter: {asked.one('filter')}")
        label, value = wanted.groups()
        found = [
            job for job in self.jobs.values() if job.status.state.name in ACTIVE and job.labels.get(label) == value
        ]
        start = int(asked.one("pageToken") or 0)
        page = dataproc.ListJobsResponse(
            jobs=found[start : start + PAGE], next_page_token=str(start + PAGE) if found[start + PAGE :] else ""
        )
        return _told(page)

    def _job(self, job_id: str) -> Any:
        if job_id not in self.jobs:
            raise Fault(404, "NOT_FOUND", f"Not found: Job {job_id}")
        return self.jobs[job_id]

    def _cancel_job(self, _: Asked, job_id: str) -> Any:
        job = self._job(job_id)
        if job.status.state.name not in ACTIVE:
            raise Fault(400, "FAILED_PRECONDITION", f"Job {job_id} is in state {job.status.state.name}")
        job.status = dataproc.JobStatus(state="CANCELLED")
        return _told(job)

    def _create_batch(self, asked: Asked) -> Any:
        batch = _read(dataproc.Batch, asked.body)
        _required(batch.pyspark_batch.main_python_file_uri, "batch.pysparkBatch.mainPythonFileUri")
        if extra := set(asked.query) - {"batchId", "requestId", "$alt"}:
            raise Fault(400, "INVALID_ARGUMENT", f"Unknown parameters {extra}")
        if known := self._known.get(asked.one("requestId")):
            return self._operation(self._batch(known))
        batch_id = asked.one("batchId") or uuid.uuid4().hex
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{2,61}[a-z0-9]", batch_id):
            raise Fault(400, "INVALID_ARGUMENT", f"Invalid batch id {batch_id}")
        if batch_id in self.batches:
            raise Fault(409, "ALREADY_EXISTS", f"Already exists: Batch {batch_id}")
        batch.name, batch.state = f"{_PLACE}/batches/{batch_id}", dataproc.Batch.State.PENDING
        batch.operation = f"projects/{PROJECT}/regions/{REGION}/operations/{uuid.uuid4()}"
        self.batches[batch_id] = batch
        self._remember(asked.one("requestId"), batch_id)
        return self._operation(batch)

    def _operation(self, batch: Any) -> Any:
        kind = "type.googleapis.com/google.cloud.dataproc.v1.BatchOperationMetadata"
        return {"name": batch.operation, "metadata": {"@type": kind, "batch": batch.name}, "done": False}

    def _batch(self, batch_id: str) -> Any:
        if batch_id not in self.batches:
            raise Fault(404, "NOT_FOUND", f"Not found: Batch {batch_id}")
        return self.batches[batch_id]

    def _cancel_batch(self, _: Asked, operation: str) -> Any:
        for batch in self.batches.values():
            if batch.operation.endswith(f"/{operation}"):
                if batch.state.name not in ("PENDING", "RUNNING"):
                    raise Fault(400, "FAILED_PRECONDITION", f"{operation} is done")
                batch.state = dataproc.Batch.State.CANCELLED
                return {}
        raise Fault(404, "NOT_FOUND", f"Not found: Operation {operation}")


def _read(of: Any, body: str) -> Any:
    try:
        return of.from_json(body, ignore_unknown_fields=False)
    except ParseError as error:
        raise Fault(400, "INVALID_ARGUMENT", f"Invalid JSON payload received. {error}") from error


def _required(value: object, name: str) -> None:
    if not value:
        raise Fault(400, "INVALID_ARGUMENT", f"{name} is required")


def _limit(value: int, most: int, name: str) -> None:
    if value > most:
        raise Fault(400, "INVALID_ARGUMENT", f"{name} is at most {most}")


def _told(message: Any) -> Any:
    return json.loads(type(message).to_json(message))


def _handler(server: DataprocServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._do()

        def do_POST(self) -> None:
            self._do()

        def _do(self) -> None:
            parts, length = urlsplit(self.path), int(self.headers.get("Content-Length") or 0)
            asked = Asked(self.command, parts.path, parse_qs(parts.query), self.rfile.read(length).decode())
            try:
                self._send(200, server.answer(asked))
            except Fault as fault:
                told = {"code": fault.code, "message": str(fault), "status": fault.status}
                self._send(fault.code, {"error": told})

        def _send(self, code: int, body: Mapping[str, Any]) -> None:
            text = json.dumps(body).encode()
            if code == 200 and server.loses and self.command == "POST":
                server.loses -= 1
                code, text = 503, b'{"error": {"code": 503, "message": "lost", "status": "UNAVAILABLE"}}'
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Connection", "close")  # so that nobody is served after `stop`
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Nothing: requests are counted, not told."""

    return Handler
