"""The body of one GET as a stream: bounded memory, and an end only where the end is."""

import io
from datetime import datetime
from typing import Any, BinaryIO, cast

from triggers.errors import StoreUnavailable
from triggers.stores.s3_errors import translated
from triggers.stores.s3_refusals import FAILURES

BUFFER = 256 * 1024
_STEP = 1024 * 1024


class Body(io.BufferedReader):
    """The bytes, and the store's own time of the version they are of (aware, UTC)."""

    modified_at: datetime


def body(uri: str, answer: Any, length: int, modified_at: datetime) -> BinaryIO:
    """What a GET answered, which is `length` bytes: a connection that is cut before raises StoreUnavailable."""
    stream = Body(cast(io.RawIOBase, _Raw(uri, answer, length)), max(1, min(length, BUFFER)))
    stream.modified_at = modified_at
    return cast(BinaryIO, stream)


class _Raw(io.RawIOBase):
    def __init__(self, uri: str, answer: Any, length: int) -> None:
        self._uri, self._answer, self._length, self._left = uri, answer, length, length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        wanted = memoryview(buffer)[: self._left]
        got = self._take(wanted)
        if wanted and not got:
            raise StoreUnavailable(self._uri, f"cut after {self._length - self._left:,} of {self._length:,} bytes")
        self._left -= got
        if got and not self._left:
            # Past the end a client compares checksums, and gives the connection back.
            self._take(memoryview(bytearray(1)))
        return got

    def readall(self) -> bytes:
        # The library's own goes by a few kilobytes.
        return b"".join(iter(lambda: self.read(_STEP) or b"", b""))

    def _take(self, into: memoryview) -> int:
        try:
            return int(self._answer.readinto(into)) if into else 0
        except FAILURES as cause:
            raise translated(self._uri, cause, "s3:GetObject") from cause
