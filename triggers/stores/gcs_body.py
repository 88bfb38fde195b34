"""The answer to one download as a stream: bounded memory, the bytes as stored, and an end only where the end is."""

import base64
import io
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO, cast

import google_crc32c

from triggers.errors import StoreUnavailable
from triggers.stores.gcs_errors import FAILURES, translated

BUFFER = 256 * 1024
_STEP = 1024 * 1024


class Body(io.BufferedReader):
    """The bytes, and the store's own time of the version they are of (aware, UTC)."""

    modified_at: datetime | None


def body(uri: str, answer: Any) -> BinaryIO:
    """What a GET answered. A connection that is cut, or a checksum that differs, raises StoreUnavailable."""
    stream = Body(cast(io.RawIOBase, _Raw(uri, answer)), BUFFER)
    stream.modified_at = _time(answer.headers.get("Last-Modified"))
    return cast(BinaryIO, stream)


class _Raw(io.RawIOBase):
    def __init__(self, uri: str, answer: Any) -> None:
        self._uri, self._raw = uri, answer.raw
        told = answer.headers.get("Content-Length")
        self._length = None if told is None else int(told)
        self._got = 0
        # Of a range no checksum is told.
        self._expected = _crc32c(answer.headers.get("X-Goog-Hash", "")) if answer.status_code == 200 else None
        self._checksum: Any = google_crc32c.Checksum()  # type: ignore[no-untyped-call]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._got == self._length:
            return 0
        data = self._take(len(buffer))
        buffer[: len(data)] = data
        self._got += len(data)
        if self._expected is not None:
            self._checksum.update(data)
        if not data or self._got == self._length:
            self._finish()
        return len(data)

    def readall(self) -> bytes:
        # The library's own goes by a few kilobytes.
        return b"".join(iter(lambda: self.read(_STEP) or b"", b""))

    def _take(self, size: int) -> bytes:
        try:
            # Never unpacked: an object stored with `Content-Encoding: gzip` is its stored bytes, as its size says.
            return bytes(self._raw.read(size, decode_content=False))
        except FAILURES as cause:
            raise translated(self._uri, cause, "storage.objects.get") from cause

    def _finish(self) -> None:
        if self._length is not None and self._got != self._length:
            raise StoreUnavailable(self._uri, f"cut after {self._got:,} of {self._length:,} bytes")
        if self._expected is not None and self._checksum.digest() != self._expected:
            raise StoreUnavailable(self._uri, "the bytes that came do not have the checksum that was told")
        self._take(1)  # gives the connection back


def _crc32c(told: str) -> bytes | None:
    for part in told.split(","):
        kind, _, value = part.strip().partition("=")
        if kind == "crc32c":
            return base64.b64decode(value)
    return None


def _time(told: str | None) -> datetime | None:
    return None if told is None else parsedate_to_datetime(told).astimezone(UTC)
