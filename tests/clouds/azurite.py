"""Azure Blob and Queue storage on this machine: Azurite in memory, in a process of its own, behind doors that count."""

import http.client
import re
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import IO, Any, Literal
from urllib.parse import SplitResult, quote

from azure.storage.blob import BlobServiceClient, ContainerClient, ContainerSasPermissions, generate_container_sas
from azure.storage.queue import QueueClient, QueueServiceClient

from tests.clouds.azure_environment import ACCOUNT, KEY
from tests.clouds.azurite_setup import PINNED, installed, node
from tests.clouds.doorway import Answered, Asked, Doorway
from triggers.stores.access import AzureAccess

_LISTENING = re.compile(r"Azurite (Blob|Queue|Table) service is successfully listening at http://127\.0\.0\.1:(\d+)")


class Azurite:
    """One process with one account. Use the fixture `azure`, or `with Azurite() as azure`.

    `blobs` and `queues` are the doors that all requests pass, tests' own too.
    """

    account = ACCOUNT

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._process = subprocess.Popen(
            [node(), "--require", PINNED / "clock.js", installed(), *_options()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # else Ctrl-C ends it before those that still ask it
        )
        ports = self._ports()
        self.blobs, self.queues = Doorway(ports["Blob"], _blob_operation), Doorway(ports["Queue"], _queue_operation)

    def __enter__(self) -> "Azurite":
        return self

    def __exit__(self, *_: object) -> None:
        self.blobs.shut()
        self.queues.shut()
        self._process.kill()
        self._process.wait()
        _pipe(self._process.stdin).close()
        _pipe(self._process.stdout).close()

    @property
    def access(self) -> AzureAccess:
        """The settings that lead here; the key comes by the environment."""
        return AzureAccess(self._address(self.blobs), self._address(self.queues))

    def pass_time(self, span: timedelta) -> None:
        """Put its clock forward, until `put_right`."""
        self._ahead += span
        _pipe(self._process.stdin).write(f"{span.total_seconds() * 1000:.0f}\n")
        _pipe(self._process.stdin).flush()
        assert self._line().startswith("clock ")

    def put_right(self) -> None:
        """Let its clock tell the time again: what comes next must not be made in the future."""
        if self._ahead:
            self.pass_time(-self._ahead)

    def container(self, name: str | None = None) -> ContainerClient:
        """A new container."""
        blobs = BlobServiceClient(f"{self._address(self.blobs)}/{ACCOUNT}", _key(), retry_total=0)
        return blobs.create_container(name or f"container-{uuid.uuid4().hex[:12]}")

    def queue(self, name: str | None = None) -> QueueClient:
        """A new queue."""
        queues = QueueServiceClient(f"{self._address(self.queues)}/{ACCOUNT}", _key(), retry_total=0)
        return queues.create_queue(name or f"queue-{uuid.uuid4().hex[:12]}")

    def fill(self, container: ContainerClient, names: list[str], content: bytes = b"x") -> None:
        """The same blob under each name; not by the client nor by the door, which take ten times as long."""
        until = datetime.now(UTC) + timedelta(hours=1)
        may = ContainerSasPermissions(write=True, create=True)
        token = generate_container_sas(ACCOUNT, container.container_name, KEY, permission=may, expiry=until)
        folder = f"/{ACCOUNT}/{container.container_name}"
        connection = http.client.HTTPConnection("127.0.0.1", self.blobs.behind, timeout=60)
        for name in names:
            connection.request("PUT", f"{folder}/{quote(name)}?{token}", content, {"x-ms-blob-type": "BlockBlob"})
            answered = connection.getresponse()
            answered.read()
            assert answered.status == 201, answered.status
        connection.close()

    def prefix(self, container: ContainerClient, path: str = "") -> str:
        """The canonical uri of what is below the path."""
        return f"abfss://{container.container_name}@{ACCOUNT}.dfs.core.windows.net/{path}"

    def url(self, queue: QueueClient) -> str:
        """A queue's address as it is in Azure."""
        return f"https://{ACCOUNT}.queue.core.windows.net/{quote(queue.queue_name)}"

    @contextmanager
    def failing(
        self,
        status: int,
        code: str,
        operation: str | None = None,
        times: int = 1_000_000,
        service: Literal["blob", "queue"] | None = None,
    ) -> Iterator[None]:
        """The next requests, all or those of one operation or service, fail with this code: 503 ServerBusy, 403 …"""
        left = iter(range(times))

        def fail(asked: Asked, passed_on: Any) -> Answered | None:
            wanted = operation in (None, asked.operation) and next(left, None) is not None
            return _refusal(status, code) if wanted else None

        doors = {"blob": [self.blobs], "queue": [self.queues], None: [self.blobs, self.queues]}[service]
        with ExitStack() as faults:
            for door in doors:
                faults.enter_context(door.faulty(fail))
            yield

    @contextmanager
    def cutting(self, after: int, times: int = 1_000_000) -> Iterator[None]:
        """The next GetBlob answers break off after so many bytes of the body, though its length was promised."""
        left = iter(range(times))

        def cut(asked: Asked, passed_on: Any) -> Answered | None:
            if asked.operation != "GetBlob" or next(left, None) is None:
                return None
            whole: Answered = passed_on()
            whole.cut_after = after
            return whole

        with self.blobs.faulty(cut):
            yield

    def _address(self, door: Doorway) -> str:
        return f"http://127.0.0.1:{door.port}"

    def _ports(self) -> dict[str, int]:
        ports: dict[str, int] = {}
        while len(ports) < 3:
            if found := _LISTENING.search(self._line()):
                ports[found[1]] = int(found[2])
        return ports

    def _line(self) -> str:
        line = _pipe(self._process.stdout).readline()
        if not line:
            raise RuntimeError(f"Azurite ended by itself with status {self._process.wait()}")
        return line


def _options() -> list[str]:
    hosts = [word for service in ("blob", "queue", "table") for word in (f"--{service}Host", "127.0.0.1")]
    ports = [word for service in ("blob", "queue", "table") for word in (f"--{service}Port", "0")]
    return [*hosts, *ports, "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"]


def _blob_operation(method: str, parts: SplitResult, query: dict[str, list[str]], headers: Any) -> str:
    comp, of_blob = query.get("comp", [""])[0], parts.path.strip("/").count("/") >= 2
    match method:
        case "GET":
            return "GetBlob" if of_blob and not comp else "ListBlobs" if comp == "list" else f"Get {comp}"
        case "HEAD":
            return "GetBlobProperties" if of_blob else "GetContainerProperties"
        case "PUT" if not comp and of_blob:
            return "CopyBlob" if headers.get("x-ms-copy-source") else "PutBlob"
        case "DELETE" if of_blob:
            return "DeleteBlob"
    return f"{method} {comp or query.get('restype', [''])[0]}"


def _queue_operation(method: str, parts: SplitResult, query: dict[str, list[str]], headers: Any) -> str:
    _, of_messages, name = parts.path.rpartition("/messages")
    of_message = bool(of_messages) and name.startswith("/")
    match method:
        case "GET":
            return "GetMessages"
        case "POST":
            return "PutMessage"
        case "PUT" if of_message:
            return "UpdateMessage"
        case "DELETE" if of_message:
            return "DeleteMessage"
    return f"{method} queue"


def _refusal(status: int, code: str) -> Answered:
    body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'
    return Answered(status, [("Content-Type", "application/xml"), ("x-ms-error-code", code)], body.encode())


def _key() -> dict[str, str]:
    return {"account_name": ACCOUNT, "account_key": KEY}


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream
