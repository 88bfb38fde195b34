"""What the local servers of job services share: JSON over http on a free port, told to refuse, or gone for a while."""

import json
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request; `query` with the last value of each name."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any

    @property
    def parts(self) -> list[str]:
        return self.path.strip("/").split("/")


class Answer(Exception):
    """What is answered instead, raised from wherever that is known."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status, self.body = status, body


@dataclass
class RestServer(ABC):
    """Bodies are JSON, and bytes where they are not.

    `answered` is a service's own; `error` says a refusal as the service would. `asked` holds all requests.
    """

    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._refusal: tuple[int, str] | None = None
        self._sockets: set[socket.socket] = set()
        self._server: ThreadingHTTPServer | None = None

    @abstractmethod
    def answered(self, asked: Asked) -> tuple[int, Any]:
        """The status and the JSON of the answer. Raises Answer."""

    @abstractmethod
    def error(self, status: int, code: str, message: str) -> Any:
        """The body of a refusal, as the service words it."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Any:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    @contextmanager
    def down(self) -> Iterator[None]:
        """Nobody listens while it lasts."""
        self._stop()
        try:
            yield
        finally:
            self._start()

    @contextmanager
    def refusing(self, status: int, code: str) -> Iterator[None]:
        """Every answer is this while it lasts."""
        self._refusal = (status, code)
        try:
            yield
        finally:
            self._refusal = None

    def asked_for(self, method: str, part: str) -> list[Asked]:
        return [one for one in self.asked if one.method == method and part in one.path]

    def reply(self, asked: Asked) -> tuple[int, Any]:
        with self.lock:
            self.asked.append(asked)
            if self._refusal:
                status, code = self._refusal
                return status, self.error(status, code, f"{code} by the test")
            try:
                return self.answered(asked)
            except Answer as answer:
                return answer.status, answer.body

    def _start(self) -> None:
        self._server = _Server(("127.0.0.1", self.port), _handler(self, self._sockets))
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
        for each in list(self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle is no error of the server."""


def _handler(server: RestServer, sockets: set[socket.socket]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            sockets.add(self.connection)

        def finish(self) -> None:
            sockets.discard(self.connection)
            super().finish()

        def log_message(self, *_: object) -> None:
            pass

        def _do(self) -> None:
            split = urlsplit(self.path)
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = {name: values[-1] for name, values in parse_qs(split.query, keep_blank_values=True).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            written = any(kind in headers.get("content-type", "json") for kind in ("json", "yaml"))
            body: Any = json.loads(sent) if sent and written else (sent or None)
            asked = Asked(self.command, split.path, query, headers, body)
            status, told = server.reply(asked)
            answer = told if isinstance(told, bytes) else b"" if told is None else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _do  # noqa: N815

    return Handler
