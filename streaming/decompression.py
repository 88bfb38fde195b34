"""What the first bytes of a file say about it, and gzip."""

import codecs
import zlib
from collections.abc import Iterator

from streaming.errors import FileBroken

GZIP = b"\x1f\x8b"
PIECE = 8 * 1024 * 1024
# Said by name, because thousands of rejected lines would say less.
FOREIGN = {
    b"PK\x03\x04": "a zip archive",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"PAR1": "Parquet",
}
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def is_plain(first: bytes, uri: str) -> bool:
    """Whether these first bytes are those of a plain UTF-8 text without a byte order mark."""
    return not first.startswith((GZIP, codecs.BOM_UTF8, *FOREIGN, *UTF16)) and not _named_gzip(uri)


def refuse_foreign(first: bytes, uri: str, encoding: str) -> None:
    """Raise FileBroken for bytes that are no text of this encoding, and for a .gz that is no gzip."""
    for mark, what in FOREIGN.items():
        if first.startswith(mark):
            raise FileBroken(f"the file is {what}, which is not read: send it as plain text or gzip")
    if first.startswith(UTF16) and encoding == "utf-8":
        raise FileBroken('the file is UTF-16: set encoding = "utf-16" in the profile')
    if first and _named_gzip(uri):
        raise FileBroken("the name ends in .gz but the bytes are not gzip: rename it or have it sent again")


def _named_gzip(uri: str) -> bool:
    return uri.lower().endswith((".gz", ".gzip"))


def gunzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Inflate gzip data of one or several members, in pieces of bounded size.

    Zero bytes after a member are padding. Raises FileBroken where the data is damaged or ends early.
    """
    member = _member()
    begun = ended = False
    for chunk in chunks:
        while chunk:
            if ended:
                chunk = chunk.lstrip(b"\0")
                if not chunk:
                    break
                member, ended = _member(), False
            yield from _inflated(member, chunk)
            begun, ended, chunk = True, member.eof, member.unused_data
    if begun and not ended:
        raise FileBroken("the gzip data ends in the middle: the file is truncated, have it sent again")


def _member() -> "zlib._Decompress":
    return zlib.decompressobj(wbits=31)


def _inflated(member: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    try:
        while data and not member.eof:
            piece = member.decompress(data, PIECE)
            data = member.unconsumed_tail
            if piece:
                yield piece
    except zlib.error as error:
        raise FileBroken(f"the gzip data is damaged ({error}): have the file sent again") from error
