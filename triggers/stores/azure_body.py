"""A download's parts as a stream: bounded memory, and an end only where the end is."""

import io
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from azure.core.exceptions import AzureError

from triggers.errors import StoreUnavailable, TriggerError

BUFFER = 256 * 1024


class Body(io.BufferedReader):
    """The bytes, and the store's own time of the version they are of (aware, UTC)."""

    def __init__(self, raw: Any, modified_at: datetime) -> None:
        super().__init__(raw, BUFFER)
        self.modified_at = modified_at


class Parts(io.RawIOBase):
    """So many bytes of a blob, part after part; `failed` makes one of our errors of the client's."""

    def __init__(
        self, uri: str, parts: Iterator[bytes], length: int, failed: Callable[[AzureError], TriggerError]
    ) -> None:
        self._uri, self._parts, self._left, self._failed = uri, parts, length, failed
        self._part = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._part and self._left:
            self._part = memoryview(self._next())
        taken = self._part[: len(buffer)]
        buffer[: len(taken)] = taken
        self._part, self._left = self._part[len(taken) :], self._left - len(taken)
        return len(taken)

    def _next(self) -> bytes:
        try:
            part = next(self._parts, b"")
        except AzureError as error:
            raise self._failed(error) from error
        if not part:
            raise StoreUnavailable(self._uri, f"the answer ended {self._left:,} bytes early")
        return part
