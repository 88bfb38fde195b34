"""Zip archives: the directory at their end, and the bytes of one member, streamed.

After APPNOTE.TXT of PKWARE: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

import bz2
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

from triggers.errors import Unreadable
from triggers.stores.inflate import Codec, Inflate
from triggers.stores.port import Listed, Store

STEP = 256 * 1024  # packed bytes that are read at once
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 0x1
_STORED = 0
_CODECS: dict[int, Callable[[], Codec]] = {8: lambda: Inflate(-15), 12: bz2.BZ2Decompressor}
_METHODS = {1: "shrink", 6: "implode", 9: "deflate64", 14: "lzma", 93: "zstd", 95: "xz", 98: "ppmd", 99: "AES"}


class _TooShort(OSError):
    """A place before the file's beginning: an OSError as of a file, by which zipfile knows one that is too short."""


# No other OSError: a disk or a network that fails says nothing about the archive.
_DAMAGE = (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError, EOFError, _TooShort)


@dataclass(frozen=True, slots=True)
class Entry:
    """A member as the archive's directory describes it; sizes in bytes."""

    name: str
    offset: int  # of its local header in the archive
    packed: int
    size: int
    method: int
    crc: int
    encrypted: bool


def directory(archive: Listed, store: Store) -> dict[str, Entry]:
    """The members of an archive by name, folders too, in the order of its directory.

    Raises Unreadable where there is no sound directory or a name stands in it twice, and what the store raises.
    """
    try:
        with zipfile.ZipFile(cast(IO[bytes], _Sought(archive, store))) as opened:
            entries = [_entry(info) for info in opened.infolist()]
    except _DAMAGE as error:
        cause = f"the zip archive is truncated or damaged ({error}): have it sent again"
        raise Unreadable(archive.uri, cause) from error
    named = {entry.name: entry for entry in entries}
    if len(named) < len(entries):
        twice = next(one.name for one in entries if named[one.name] is not one)
        raise Unreadable(archive.uri, f"the zip archive holds {twice!r} more than once: have it packed anew")
    return named


def member(raw: BinaryIO, entry: Entry, uri: str, start: int = 0, end: int | None = None) -> BinaryIO:
    """The bytes [start, end) of a member, from the archive's stream at the member's local header.

    Sum and size are compared when the last byte is read. Raises Unreadable, also while reading.
    """
    if entry.encrypted:
        raise Unreadable(uri, "the member is encrypted: have it sent without a password")
    if entry.method != _STORED and entry.method not in _CODECS:
        how = f"method {entry.method} ({_METHODS.get(entry.method, 'unknown')})"
        raise Unreadable(uri, f"the member is packed by {how}, which is not read: have it packed by deflate")
    _pass_header(raw, uri)
    stop = entry.size if end is None else min(end, entry.size)
    stream = cast(BinaryIO, io.BufferedReader(_Unpacked(raw, entry, uri, stop), buffer_size=STEP))
    _skip(stream, start)
    return stream


def _entry(info: zipfile.ZipInfo) -> Entry:
    encrypted = bool(info.flag_bits & _ENCRYPTED)
    if info.header_offset < 0:
        raise zipfile.BadZipFile(f"{info.filename!r} would begin before the archive")
    return Entry(
        info.filename, info.header_offset, info.compress_size, info.file_size, info.compress_type, info.CRC, encrypted
    )


def _pass_header(raw: BinaryIO, uri: str) -> None:
    """The name and the extra field stand before the data; their lengths may differ from the directory's."""
    header = _exactly(raw, _LOCAL_HEADER.size, uri)
    signature, *_, name, extra = _LOCAL_HEADER.unpack(header)
    if signature != b"PK\x03\x04":
        raise Unreadable(uri, "the archive is damaged, the member is not where its directory says: have it sent again")
    _exactly(raw, name + extra, uri)


def _exactly(raw: BinaryIO, size: int, uri: str) -> bytes:
    held = b""
    while len(held) < size:
        piece = raw.read(size - len(held))
        if not piece:
            raise Unreadable(uri, "the archive ends within the member: have it sent again")
        held += piece
    return held


def _skip(stream: BinaryIO, size: int) -> None:
    while size > 0 and (piece := stream.read(min(size, STEP))):
        size -= len(piece)


class _Unpacked(io.RawIOBase):
    """The member's bytes up to `stop`, unpacked step by step."""

    def __init__(self, raw: BinaryIO, entry: Entry, uri: str, stop: int) -> None:
        self._raw, self._entry, self._uri, self._stop = raw, entry, uri, stop
        self._left, self._made, self._crc = entry.packed, 0, 0
        self._codec = _CODECS[entry.method]() if entry.method != _STORED else None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._stop - self._made)
        piece = self._piece(wanted) if wanted else b""
        buffer[: len(piece)] = piece
        self._made += len(piece)
        self._crc = zlib.crc32(piece, self._crc)
        if wanted and not piece:
            raise Unreadable(self._uri, "the member ends before its size: it is damaged, have the archive sent again")
        if self._made == self._entry.size and self._crc != self._entry.crc:
            raise Unreadable(self._uri, "the member's checksum does not agree: have the archive sent again")
        return len(piece)

    def _piece(self, most: int) -> bytes:
        """Up to `most` bytes; none only at the end of the packed data."""
        if self._codec is None:
            return self._packed(most)
        while not self._codec.eof:
            data = self._packed(STEP) if self._codec.needs_input else b""
            at_end = self._codec.needs_input and not data
            piece = self._unpack(self._codec, data, most)
            if piece or at_end:
                return piece
        return b""

    def _unpack(self, codec: Codec, data: bytes, most: int) -> bytes:
        try:
            return codec.decompress(data, most)
        except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
            raise Unreadable(self._uri, f"the member is damaged ({error}): have the archive sent again") from error

    def _packed(self, most: int) -> bytes:
        data = self._raw.read(min(most, self._left)) if self._left else b""
        if self._left and not data:
            raise Unreadable(self._uri, "the archive ends within the member: have it sent again")
        self._left -= len(data)
        return data


class _Sought:
    """One object version as a file to seek in: every read is a range of its own."""

    def __init__(self, listed: Listed, store: Store) -> None:
        self._listed, self._store, self._at = listed, store, 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._listed.size}[whence]
        if origin + offset < 0:
            raise _TooShort("before the beginning")
        self._at = origin + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        end = self._listed.size if size < 0 else min(self._at + size, self._listed.size)
        if end <= self._at:
            return b""
        with self._store.open(self._listed.uri, self._listed.version, self._at, end) as stream:
            data = b"".join(iter(lambda: stream.read(end - self._at), b""))
        self._at += len(data)
        return data
