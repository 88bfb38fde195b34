"""A door in front of an HTTP server: it counts what passes, refuses, cuts answers, or is shut for a while."""

import http.client
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

_OWN = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass(frozen=True)
class Asked:
    """One request, and the name of what it asks for."""

    operation: str
    method: str
    path: str


@dataclass
class Answered:
    """What goes back; `cut_after` so many bytes of the body, though its length is promised."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    cut_after: int | None = None


#: Answers in the server's place, or changes its answer; None lets it pass.
Fault = Callable[[Asked, Callable[[], Answered]], Answered | None]
Name = Callable[[str, SplitResult, dict[str, list[str]], Any], str]


class Doorway:
    """Listens on a free port and asks the server at `port` behind it. `name` tells what a request asks for."""

    def __init__(self, port: int, name: Name) -> None:
        self.behind, self.name = port, name
        self.requests: list[Asked] = []
        self.faults: list[Fault] = []
        self.port = 0
        self._sockets: set[socket.socket] = set()
        self._server: ThreadingHTTPServer | None = None
        self.open()

    def open(self) -> None:
        """Let pass; on the same port as before."""
        self._server = _Server(("127.0.0.1", self.port), _handler(self, self._sockets))
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def shut(self) -> None:
        """Refuse connections, and cut those that are open."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        for each in list(self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def down(self) -> Iterator[None]:
        """Shut while it lasts."""
        self.shut()
        try:
            yield
        finally:
            self.open()

    @contextmanager
    def faulty(self, fault: Fault) -> Iterator[None]:
        """With this fault while it lasts."""
        self.faults.append(fault)
        try:
            yield
        finally:
            self.faults.remove(fault)

    def forget(self) -> None:
        """Count from nought."""
        self.requests = []

    def counts(self) -> Counter[str]:
        """Requests by operation since the last `forget`, failed ones too."""
        return Counter(each.operation for each in self.requests)

    def answer(self, asked: Asked, passed_on: Callable[[], Answered]) -> Answered:
        """The first fault's answer, else the server's."""
        self.requests.append(asked)
        for fault in list(self.faults):
            if (answered := fault(asked, passed_on)) is not None:
                return answered
        return passed_on()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: tests drop connections."""


def _handler(door: Doorway, sockets: set[socket.socket]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sockets.add(self.connection)

        def finish(self) -> None:
            sockets.discard(self.connection)
            with suppress(OSError):
                super().finish()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: requests are counted, not told."""

        def _pass(self) -> None:
            body = _body(self.headers, self.rfile)
            parts = urlsplit(self.path)
            name = door.name(self.command, parts, parse_qs(parts.query, keep_blank_values=True), self.headers)
            asked = Asked(name, self.command, parts.path)
            self._send(door.answer(asked, lambda: _ask(door.behind, self.command, self.path, self.headers, body)))

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass  # noqa: N815

        def _send(self, answered: Answered) -> None:
            self.send_response_only(answered.status)
            for name, value in answered.headers:
                self.send_header(name, value)
            if self.command != "HEAD":
                self.send_header("Content-Length", str(len(answered.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answered.body[: answered.cut_after])
            if answered.cut_after is not None:
                self.close_connection = True

    return Handler


def _body(headers: Any, stream: Any) -> bytes:
    if headers.get("Transfer-Encoding", "").lower() != "chunked":
        return bytes(stream.read(int(headers.get("Content-Length") or 0)))
    parts = []
    while size := int(stream.readline().split(b";")[0], 16):
        parts.append(stream.read(size))
        stream.readline()
    stream.readline()
    return b"".join(parts)


def _ask(port: int, method: str, path: str, headers: Any, body: bytes) -> Answered:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        sent = {name: value for name, value in headers.items() if name.lower() not in _OWN}
        connection.request(method, path, body, {**sent, "Content-Length": str(len(body))})
        got = connection.getresponse()
        content = got.read()
        # The length of what a HEAD asks about is told by its header alone.
        own = _OWN - {"content-length"} if method == "HEAD" else _OWN
        kept = [each for each in got.getheaders() if each[0].lower() not in own]
        return Answered(got.status, kept, content)
    finally:
        connection.close()
