"""Decompressors of bounded output: bz2's and lzma's own, and zlib's in the same shape."""

import zlib
from typing import Protocol


class Codec(Protocol):
    """What unpacks one stream of packed data, never giving more than it was asked for."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class Inflate:
    """zlib: deflate within gzip (`wbits` 31) or bare, as in a zip (`wbits` -15)."""

    def __init__(self, wbits: int) -> None:
        self._inner = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        """What follows the end of the packed data."""
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        held = self._inner.unconsumed_tail
        return self._inner.decompress(held + data if held else data, max_length)
