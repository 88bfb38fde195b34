"""What a cloud must have to be measured: servers on this machine, and its own client."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from triggers.queues import no_grpc_in_forks

Told = dict[str, str]  # what a client must know to find the servers


class Server(Protocol):
    """A cloud's servers with one empty bucket, in their own process."""

    told: Told

    def counts(self) -> Mapping[str, int]:
        """Requests to the bucket by operation since the last call."""

    def fill(self, name: str, content: bytes) -> None:
        """One object, past whatever counts."""


class Client(Protocol):
    """The cloud's own client on that bucket, and what Tradewind's settings say of it. Names are those in the bucket."""

    @property
    def source(self) -> str:
        """The canonical uri of the folder `in/`."""

    @property
    def tables(self) -> dict[str, Any]:
        """The tables of the configuration that lead there."""

    @property
    def events(self) -> dict[str, str]:
        """The table `feeds.x.events`, where the bucket tells a queue."""

    def put(self, name: str, content: bytes) -> None: ...

    def read(self, name: str) -> bytes: ...

    def watching(self) -> AbstractContextManager[Callable[[], float]]:
        """Receives as a listener does; the answer waits for the next message and gives the moment at which it came,
        by `time.perf_counter`. Messages are acknowledged."""


@dataclass(frozen=True)
class Cloud:
    """One that can be measured: a module of this package holds it as CLOUD."""

    name: str
    environment: Mapping[str, str]  # the credentials, where clients look for them
    serving: Callable[[bool], AbstractContextManager[Server]]  # whether the bucket tells a queue
    client: Callable[[Told], Client]


def cloud_of(module: str) -> Cloud:
    """By its module, which loads the cloud's clients."""
    no_grpc_in_forks()
    found: Cloud = importlib.import_module(f"benchmarks.{module}").CLOUD
    return found
