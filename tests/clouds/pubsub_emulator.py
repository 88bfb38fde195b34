"""Pub/Sub on this machine: Google's emulator where it is installed, else pstest, Google's test server for Go.

The folder `pubsub` holds the program around pstest.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import grpc  # type: ignore[import-untyped]
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from tests.clouds import google_sdk
from tests.clouds.go_programs import built

HOST, PROJECT = "127.0.0.1", "tests"
STARTS_WITHIN = 60.0  # seconds
JAR = "platform/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar"
SOURCE = Path(__file__).parent / "pubsub"

Make = Literal["jar", "pstest"]


class PubSubEmulator:
    """One server. `with PubSubEmulator() as pubsub`, or the fixture of this name. `make` None: the jar where it is."""

    def __init__(self, make: Make | None = None) -> None:
        self.make: Make = make or ("jar" if jar() and java() else "pstest")

    @property
    def address(self) -> str:
        """host:port, as PUBSUB_EMULATOR_HOST has it."""
        return f"{HOST}:{self._port}"

    def __enter__(self) -> "PubSubEmulator":
        self._folder = Path(tempfile.mkdtemp(prefix="tradewind-pubsub-"))
        self._port = _free_port()
        self._process = self._started()
        self._channel = grpc.insecure_channel(self.address)
        self.publisher: Any = PublisherClient(transport=PublisherGrpcTransport(channel=self._channel))
        self.subscriber: Any = SubscriberClient(transport=SubscriberGrpcTransport(channel=self._channel))
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        self._end()
        shutil.rmtree(self._folder)

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Nobody answers while it lasts; afterwards nothing of before is there."""
        self._end()
        try:
            yield
        finally:
            self._process = self._started()

    def topic(self) -> str:
        """A new one; its name."""
        name = f"projects/{PROJECT}/topics/topic-{uuid.uuid4().hex[:12]}"
        self.publisher.create_topic(name=name)
        return name

    def subscription(self, topic: str, **more: Any) -> str:
        """A new one of the topic; its name. It counts deliveries, as only those with a dead letter topic do."""
        name = f"projects/{PROJECT}/subscriptions/subscription-{uuid.uuid4().hex[:12]}"
        letters = {"dead_letter_topic": self.topic(), "max_delivery_attempts": 100}
        self.subscriber.create_subscription(
            request={"name": name, "topic": topic, "dead_letter_policy": letters, **more}
        )
        return name

    def publish(self, topic: str, data: bytes = b"", **attributes: str) -> str:
        """One message; its id."""
        sent = {"data": data, "attributes": attributes}
        return str(self.publisher.publish(topic=topic, messages=[sent]).message_ids[0])

    def _end(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def _started(self) -> "subprocess.Popen[bytes]":
        command = [*self._command(), f"--host={HOST}", f"--port={self._port}"]
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder, start_new_session=True)
        end = time.monotonic() + STARTS_WITHIN
        while not _listens(self._port):
            if process.poll() is not None or time.monotonic() > end:
                process.kill()
                raise RuntimeError(f"Pub/Sub did not start: {(self._folder / 'log').read_text()}")
            time.sleep(0.01)
        return process

    def _command(self) -> list[str]:
        if self.make == "pstest":
            return [str(built(SOURCE))]
        return [str(java()), "-jar", str(jar())]


def jar(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Google's emulator, of a Google Cloud SDK."""
    return google_sdk.found(JAR, environ)


def java(environ: Mapping[str, str] = os.environ) -> str | None:
    """That of JAVA_HOME, else on the PATH."""
    if home := environ.get("JAVA_HOME"):
        return str(Path(home) / "bin" / "java")
    return shutil.which("java", path=environ.get("PATH"))


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
