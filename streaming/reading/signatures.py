"""What a file is, told by its first bytes."""

import codecs
import re
from collections.abc import Mapping

from streaming.errors import FileBroken

SEEN = 512  # bytes that have to be looked at
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
#: The first bytes of one member, stream or frame. Each packing may hold several, one after the other.
PACKINGS: Mapping[str, tuple[bytes, ...]] = {
    "gzip": (b"\x1f\x8b",),
    "bzip2": (b"BZh",),
    "xz": (b"\xfd7zXZ\x00",),
    # A frame, or one to be skipped, with which some programs begin (RFC 8878, 3.1.2).
    "Zstandard": (b"\x28\xb5\x2f\xfd", *(bytes([n]) + b"\x2a\x4d\x18" for n in range(0x50, 0x60))),
    "LZ4": (b"\x04\x22\x4d\x18",),
}
ENDINGS = {
    "gzip": (".gz", ".gzip"),
    "bzip2": (".bz2",),
    "xz": (".xz",),
    "Zstandard": (".zst", ".zstd"),
    "LZ4": (".lz4",),
    "a zip archive": (".zip",),
}
#: Said by name, because thousands of rejected lines would say less.
FOREIGN = {
    b"PAR1": "Parquet",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an Excel or another Office file",
    b"%PDF-": "a PDF",
}
#: Text, but no table: a page that a server sent in place of the file, or another format of the vendor's.
MARKUP = {
    "JSON": re.compile(rb"\s*(?:\{\s*(?:\"|\})|\[\s*[\[{])"),
    "an HTML page": re.compile(rb"(?i)\s*<(?:!doctype html|html)"),
    "XML": re.compile(rb"\s*<\?xml"),
}
TAR = (257, b"ustar")
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARKED = (codecs.BOM_UTF8, *UTF16, *FOREIGN, *ZIP, *(mark for marks in PACKINGS.values() for mark in marks))
_NAMED = tuple(ending for endings in ENDINGS.values() for ending in endings)


def packing_of(first: bytes) -> str | None:
    """The packing that begins with these bytes; None for anything else."""
    return next((name for name, marks in PACKINGS.items() if first.startswith(marks)), None)


def is_packed(first: bytes) -> bool:
    """Whether the file is packed, so that no byte but the first can be read by itself."""
    return first.startswith(ZIP) or packing_of(first) is not None


def is_plain(first: bytes, uri: str) -> bool:
    """Whether these first bytes are those of a plain UTF-8 table without a byte order mark."""
    return not first.startswith(_MARKED) and not uri.lower().endswith(_NAMED) and not _foreign(first)


def refuse_foreign(first: bytes, encoding: str, within: str | None = None) -> None:
    """Raise FileBroken for bytes that are no text of this encoding; `within` is the packing they came out of."""
    if within and is_packed(first):
        raise FileBroken(f"what the {within} data holds is packed once more: have it sent packed once")
    if first.startswith(ZIP):
        raise FileBroken("the file is a zip archive: name a member of it, as in archive.zip!trades.csv")
    if what := _foreign(first):
        raise FileBroken(
            f"the file is {what}, which is not read: have it sent as CSV or another table of text, plain or packed"
        )
    if first.startswith(UTF16) and encoding == "utf-8":
        raise FileBroken('the file is UTF-16: set encoding = "utf-16" in the profile')


def refuse_misnamed(first: bytes, uri: str) -> None:
    """Raise FileBroken for a name that tells of a packing which the bytes are not."""
    named = next((name for name, endings in ENDINGS.items() if uri.lower().endswith(endings)), None)
    ending = uri.rpartition(".")[2]
    if named and not first:
        raise FileBroken(f"the name ends in .{ending} but there is not one byte: have it sent again")
    if named:
        raise FileBroken(f"the name ends in .{ending} but the bytes are not {named}: rename it or have it sent again")


def _foreign(first: bytes) -> str:
    """What these first bytes are that is never read; empty for anything else."""
    place, mark = TAR
    if first[place : place + len(mark)] == mark:
        return "a tar archive"
    if what := next((what for mark, what in FOREIGN.items() if first.startswith(mark)), ""):
        return what
    begun = first[:SEEN].removeprefix(codecs.BOM_UTF8)
    return next((what for what, form in MARKUP.items() if form.match(begun)), "")
