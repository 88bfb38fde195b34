"""How a file begins: its preamble, and what a later split of it has to know of its header."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from streaming.errors import FileBroken
from streaming.profiles.dialects import Dialect, Until
from streaming.reading.splits import Split

BOM = codecs.BOM_UTF8
LONGEST_PREAMBLE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Head:
    """What a later split of a file has to know of its beginning."""

    preamble: bytes  # the lines before the header, byte order mark and all
    line: bytes | None  # the first line after them that is neither blank nor a comment, without its end
    offset: int  # where that line begins
    uncut: bool = False  # packed, or ended by carriage returns: whatever was planned, the first split reads all of it

    def preamble_lines(self, split: Split) -> int:
        """How many of the preamble's lines begin in the split."""
        end = len(self.preamble) if split.end is None else min(split.end, len(self.preamble))
        at_start = split.start == 0 and end > 0
        return at_start + self.preamble.count(b"\n", max(split.start - 1, 0), max(end - 1, 0))


UNCUT = Head(b"", None, 0, uncut=True)


def head_of(data: bytes, ended: bool, dialect: Dialect) -> Head | None:
    """The head of a file that begins with these bytes (`ended`: that holds no more); None if more has to be read.

    Raises FileBroken where the preamble has no end.
    """
    if b"\r" in data and b"\n" not in data and ended:
        return UNCUT
    begun = len(BOM) if data.startswith(BOM) else 0
    body = preamble_end(data[begun:], ended, dialect)
    if body is None:
        return None
    at = begun + body if body else 0
    comments, first = dialect.comment.encode(), begun + body
    named = isinstance(dialect.preamble, Until)
    for offset, line in _lines(data, first, ended):
        text = line.removesuffix(b"\n").removesuffix(b"\r")
        comment = comments and text.startswith(comments) and not (named and offset == first)
        if text and not comment:
            return Head(data[:at], text, offset if offset > begun else 0)
    return Head(data[:at], None, len(data)) if ended else None


def _lines(data: bytes, begin: int, ended: bool) -> Iterator[tuple[int, bytes]]:
    """Whole lines with where they begin; the last one may lack its end where the data is all there is."""
    while begin < len(data):
        end = data.find(b"\n", begin) + 1
        if not end and not ended:
            return
        yield begin, data[begin : end or len(data)]
        begin = end or len(data)


def preamble_end(text: bytes, ended: bool, dialect: Dialect) -> int | None:
    """Where in the text, which begins the file, the preamble is over; None if more of it is needed.

    `ended`: there is no more. Raises FileBroken where no end comes within 1 MiB or in the file.
    """
    if not dialect.preamble or (ended and not text):
        return 0
    rule = dialect.preamble
    found = _found(text, ended, rule.until) if isinstance(rule, Until) else _counted(text, ended, rule)
    if found is not None and found <= LONGEST_PREAMBLE:
        return found
    if ended or len(text) > LONGEST_PREAMBLE:
        raise FileBroken(_endless(text, rule))
    return None


def _found(text: bytes, ended: bool, until: str) -> int | None:
    pattern = re.compile(until)
    for begin, line in _lines(text, 0, ended):
        if pattern.search(line.decode(errors="replace").rstrip("\r\n")):
            return begin
        if begin > LONGEST_PREAMBLE:
            return None
    return None


def _counted(text: bytes, ended: bool, number: int) -> int | None:
    end = 0
    for _ in range(number):
        end = text.find(b"\n", end) + 1
        if not end:
            whole = ended and text.count(b"\n") == number - 1 and not text.endswith(b"\n")
            return len(text) if whole else None
    return end


def _endless(text: bytes, rule: int | Until) -> str:
    begins = repr(text[:60].decode(errors="replace"))
    if isinstance(rule, Until):
        return (
            f"no line within the first MiB matches preamble.until = {rule.until!r}; the file begins with {begins}: "
            "correct the pattern in the profile, or have the file sent again"
        )
    return (
        f"the preamble of {rule} lines is not over within the file or its first MiB; it begins with {begins}: "
        "correct preamble in the profile, or have the file sent again"
    )


def after_preamble(chunks: Iterator[bytes], dialect: Dialect) -> tuple[int, Iterator[bytes]]:
    """How many lines of preamble the file begins with, and its text after them; raises FileBroken."""
    if not dialect.preamble:
        return 0, chunks
    text = b""
    for chunk in chunks:
        text += chunk
        end = preamble_end(text, False, dialect)
        if end is not None:
            return text.count(b"\n", 0, end), chain((text[end:],), chunks)
    end = preamble_end(text, True, dialect) or 0
    unended = end == len(text) and end > 0 and not text.endswith(b"\n")
    return text.count(b"\n", 0, end) + unended, iter((text[end:],))


def without_lines(chunks: Iterator[bytes], number: int) -> Iterator[bytes]:
    """The text after so many lines."""
    for chunk in chunks:
        while number and chunk:
            _, end, chunk = chunk.partition(b"\n")
            number -= bool(end)
        if chunk:
            yield chunk
