"""The beginning of a file as it would be read: at most a megabyte, whole lines, unpacked."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from streaming.archives import landing
from streaming.errors import FileBroken, SuggestError
from streaming.reading.decompression import unpacked
from streaming.reading.signatures import packing_of, refuse_foreign
from streaming.reading.splits import PACKED
from streaming.suggesting.encodings import Decoded, decoded
from triggers.stores import Listed, Stores
from triggers.stores.port import uncounted

SEEN = 1024 * 1024
MOST_MEMBERS = 8  # of an archive: its members are of one layout, or nothing could be said anyway


@dataclass(frozen=True, slots=True)
class Sample:
    """The first lines of one file. `whole`: there are no others. It is also a store that holds them."""

    listed: Listed
    text: Decoded
    whole: bool

    @property
    def uri(self) -> str:
        """Where the file lies."""
        return self.listed.uri

    @property
    def name(self) -> str:
        """The file's name, of a member its name in the archive."""
        return self.uri.replace("!", "/").rsplit("/", 1)[-1]

    @property
    def data(self) -> bytes:
        """The lines in the file's own encoding."""
        return self.text.data

    def list(
        self, _prefix_uri: str, _after: str | None = None, _counting: Callable[[], None] = uncounted
    ) -> Iterator[Listed]:
        """Itself."""
        return iter((self.listed,))

    def stat(self, _uri: str) -> Listed | None:
        """Itself."""
        return self.listed

    @contextmanager
    def open(self, _uri: str, _version: str, start: int = 0, end: int | None = None) -> Iterator[BinaryIO]:
        """The lines, packed where the name says so: the pass holds the one against the other."""
        data = gzip.compress(self.data, 1) if self.uri.lower().endswith(PACKED) else self.data
        yield io.BytesIO(data[start:end])


def samples(listed: Listed, stores: Stores) -> Iterator[Sample]:
    """The beginning of a file, or of the first members of a zip.

    Raises SuggestError for what is no text, and what the store raises.
    """
    for number, one in enumerate(landing(listed, stores)):
        if number == MOST_MEMBERS:
            return
        yield _begun(one, stores)


def sample_of(uri: str, data: bytes) -> Sample:
    """A sample of bytes at hand, for those who have no store. Raises SuggestError."""
    return _sample(Listed(uri, "sample", len(data), datetime.now(UTC)), *_unpacked(data, True))


def _begun(listed: Listed, stores: Stores) -> Sample:
    with stores.of(listed.uri).open(listed.uri, listed.version, 0, SEEN) as stream:
        data = b"".join(iter(lambda: stream.read(SEEN), b""))
    return _sample(listed, *_unpacked(data, len(data) >= listed.size))


def _unpacked(data: bytes, whole: bool) -> tuple[bytes, bool]:
    packing = packing_of(data)
    if packing is None:
        return data[:SEEN], whole and len(data) <= SEEN
    pieces, size = [], 0
    try:
        for piece in unpacked(packing, iter((data,))):
            pieces.append(piece)
            size += len(piece)
            if size > SEEN:
                return b"".join(pieces)[:SEEN], False
    except FileBroken as error:
        if whole or not pieces:  # of the beginning of packed data the end is missing
            raise SuggestError(str(error)) from error
    return b"".join(pieces), whole


def _sample(listed: Listed, data: bytes, whole: bool) -> Sample:
    try:
        refuse_foreign(data, "any")
    except FileBroken as error:
        raise SuggestError(f"{listed.uri}: {error}") from error
    text = decoded(data, whole)
    if not text.text.strip():
        raise SuggestError(f"{listed.uri} holds no line of text: give a file with trades in it")
    return Sample(listed, text, whole)
