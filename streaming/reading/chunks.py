"""The bytes of a split: exactly its lines, of exactly its version, decompressed and made UTF-8."""

import codecs
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from typing import BinaryIO

from streaming.errors import FileBroken
from streaming.profiles.dialects import Dialect
from streaming.reading.beginnings import BOM, UNCUT, Head, head_of
from streaming.reading.decompression import unpacked
from streaming.reading.signatures import SEEN, ZIP, is_packed, packing_of, refuse_foreign, refuse_misnamed
from streaming.reading.splits import Split
from triggers.stores.port import Store

CHUNK = 8 * 1024 * 1024
TAIL = 256 * 1024
HEAD = 64 * 1024
MAX_RECORD = 16 * 1024 * 1024


def split_chunks(split: Split, store: Store, stack: ExitStack, dialect: Dialect) -> Iterator[bytes]:
    """The split's lines as UTF-8, in chunks of about 8 MiB.

    The file stays open on the stack until the caller leaves it, so that the store can look whether
    the version stood still, also when the caller fails. Raises FileBroken, for a zip too, and what the store raises.
    """
    raw = _ranged(split, store, stack)
    if split.start:
        return _as_utf8(raw, dialect.encoding, at_start=False)
    first, raw = _begun(raw)
    if packing := packing_of(first):
        if split.end is not None:
            raw = _pieces(stack.enter_context(store.open(split.uri, split.version)))
        first, raw = _begun(unpacked(packing, raw))
    elif not first.startswith(ZIP):
        refuse_misnamed(first, split.uri)
    refuse_foreign(first, dialect.encoding, packing)
    return _as_utf8(raw, dialect.encoding)


def read_head(split: Split, store: Store, dialect: Dialect) -> Head:
    """Look at the file's beginning; raises FileBroken where its preamble has no end."""
    size = HEAD
    while True:
        with store.open(split.uri, split.version, 0, size) as stream:
            data = b"".join(_pieces(stream, size))
        if is_packed(data):
            return UNCUT
        if head := head_of(data, len(data) < size or size >= MAX_RECORD, dialect):
            return head
        size *= 16


def _ranged(split: Split, store: Store, stack: ExitStack) -> Iterator[bytes]:
    # One byte early: a line that begins at `start` is known by the line end before it.
    begin = max(split.start - 1, 0)
    stream = stack.enter_context(store.open(split.uri, split.version, begin, split.end))
    pieces = _pieces(stream, None if split.end is None else split.end - begin)
    last = b"\n"
    for piece in _from_first_line(pieces) if split.start else pieces:
        last = piece[-1:]
        yield piece
    if split.end is not None and last != b"\n":
        yield from _rest_of_line(split.end, split, store, stack)


def _from_first_line(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        _, end, rest = piece.partition(b"\n")
        if end:
            if rest:
                yield rest
            yield from pieces


def _rest_of_line(at: int, split: Split, store: Store, stack: ExitStack) -> Iterator[bytes]:
    stream = stack.enter_context(store.open(split.uri, split.version, at))
    for piece in _pieces(stream, size=TAIL):
        line, end, _ = piece.partition(b"\n")
        yield line + end
        if end:
            return


def _pieces(stream: BinaryIO, limit: int | None = None, size: int = CHUNK) -> Iterator[bytes]:
    left = limit
    while left is None or left > 0:
        piece = stream.read(size if left is None else min(size, left))
        if not piece:
            return
        left = None if left is None else left - len(piece)
        yield piece


def _begun(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Enough of the beginning to tell what it is (less only where there is no more), and all chunks again."""
    first = b""
    for chunk in chunks:
        first += chunk
        if len(first) >= SEEN:
            break
    return first, chain((first,) if first else (), chunks)


def _as_utf8(chunks: Iterator[bytes], encoding: str, at_start: bool = True) -> Iterator[bytes]:
    if not at_start:  # only UTF-8 is cut
        return chunks
    text = chunks if encoding == "utf-8" else _recoded(chunks, encoding)
    return _with_line_feeds(_without_bom(text))


def _without_bom(chunks: Iterator[bytes]) -> Iterator[bytes]:
    begun = b""
    for chunk in chunks:
        begun += chunk
        if len(begun) >= len(BOM):
            yield begun.removeprefix(BOM)
            yield from chunks
            return
    yield begun.removeprefix(BOM)


def _with_line_feeds(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The text; where it holds no line feed at all, its carriage returns are the line ends."""
    begun: list[bytes] = []
    for chunk in chunks:
        begun.append(chunk)
        if b"\n" in chunk or sum(map(len, begun)) > CHUNK:
            break
    text = b"".join(begun)
    if b"\n" in text or b"\r" not in text:
        return chain((text,), chunks)
    return _carriage_returns_replaced(chain((text,), chunks))


def _carriage_returns_replaced(chunks: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if b"\n" in chunk:
            raise FileBroken(
                "the lines end in carriage returns at first and in line feeds later: have the file sent again"
            )
        yield chunk.replace(b"\r", b"\n")


def _recoded(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    at = 0
    try:
        for chunk in chunks:
            if not at and chunk.startswith(BOM):
                raise FileBroken(f"the file begins as UTF-8 does, and the profile says {encoding}: take encoding out")
            yield decoder.decode(chunk).encode()
            at += len(chunk)
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError as error:
        raise FileBroken(f"the text is not {encoding} near byte {at}: {error}; correct the encoding") from error
