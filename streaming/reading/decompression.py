"""Packed data unpacked in pieces of bounded size, to its very end: what is damaged or cut off is told, never read."""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Literal, cast

import pyarrow as pa

from streaming.errors import FileBroken
from streaming.reading.signatures import PACKINGS
from triggers.stores.inflate import Codec, Inflate

PIECE = 8 * 1024 * 1024
MOST_MEMORY = 512 * 1024 * 1024  # that an xz may ask for; `xz -9` asks for 65 MiB
_CODECS: dict[str, Callable[[], Codec]] = {
    "gzip": lambda: Inflate(31),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, MOST_MEMORY),
}
_ARROW: dict[str, Literal["zstd", "lz4"]] = {"Zstandard": "zstd", "LZ4": "lz4"}
_DAMAGE = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)


def unpacked(packing: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack data of a packing of `signatures.PACKINGS`: one or several members, streams or frames.

    Raises FileBroken where the data is damaged, ends early, or is followed by something else.
    """
    return _by_arrow(packing, chunks) if packing in _ARROW else _by_codec(packing, chunks)


def _by_codec(packing: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    make, codec = _CODECS[packing], _CODECS[packing]()
    rest, ended = b"", False
    for chunk in chunks:
        rest += chunk
        while rest:
            if ended:
                # Zero bytes after a member are padding.
                rest = rest.lstrip(b"\0")
                if not _begins(rest, packing):
                    break
                codec, ended = make(), False
            yield from _pieces(codec, rest, packing)
            ended, rest = codec.eof, codec.unused_data
    if rest or not ended:
        raise _truncated(packing)


def _begins(rest: bytes, packing: str) -> bool:
    """Whether another member begins here; False while too few bytes are there to tell."""
    marks = PACKINGS[packing]
    if rest.startswith(marks):
        return True
    if not any(mark.startswith(rest) for mark in marks):
        raise FileBroken(f"something that is not {packing} follows the {packing} data: have the file sent again")
    return False


def _pieces(codec: Codec, data: bytes, packing: str) -> Iterator[bytes]:
    while not codec.eof and (data or not codec.needs_input):
        try:
            piece = codec.decompress(data, PIECE)
        except _DAMAGE as error:
            raise _damaged(packing, error) from error
        data = b""
        if piece:
            yield piece


def _by_arrow(packing: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    source = pa.PythonFile(cast(Any, _Joined(chunks)), mode="r")
    with pa.CompressedInputStream(source, _ARROW[packing]) as stream:
        while piece := _read(stream, packing):
            yield piece


def _read(stream: Any, packing: str) -> bytes:
    try:
        return cast(bytes, stream.read(PIECE))
    except OSError as error:
        # Arrow's own words where the input ended before the last frame did.
        raise _truncated(packing) if "Truncated" in str(error) else _damaged(packing, error) from error


def _truncated(packing: str) -> FileBroken:
    return FileBroken(f"the {packing} data ends in the middle: the file is truncated, have it sent again")


def _damaged(packing: str, error: Exception) -> FileBroken:
    return FileBroken(f"the {packing} data is damaged ({error}): have the file sent again")


class _Joined(io.RawIOBase):
    """Chunks as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b""))
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
