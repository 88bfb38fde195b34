"""Where each record begins and ends, with its exact line number, before any parser sees it.

A record is a line, or several where the profile declares newlines in quoted values. What the parser would
misread (NUL, bytes that are not UTF-8, stray carriage returns, quotes that do not pair) is found here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streaming.dialects import Dialect
from streaming.errors import FileBroken
from streaming.kernels import pc
from streaming.reading import MAX_RECORD

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
LF, CR = 10, 13

NUL_BYTE = "the line holds a NUL byte"
NOT_UTF8 = "the line is not valid UTF-8: if all of the file is so, declare its encoding in the profile"
STRAY_CR = "a carriage return stands inside the line"
STRAY_QUOTE = (
    "the quotes do not pair: a quoted value ends before the delimiter or not at all; "
    'if the vendor does not quote, set quote = "" in the profile, '
    "if its values hold line ends, set newlines_in_values = true"
)


@dataclass(slots=True)
class Frame:
    """A block of whole records, blank lines left out: record i is data[starts[i]:ends[i]], on lines[i]."""

    data: bytes
    starts: Ints
    ends: Ints
    edges: Ints  # where the record's line end is over, and the next record begins
    lines: Ints  # the line on which the record begins, 1 for the split's first
    record_lines: int  # how many lines the records take
    framing_lines: int  # how many lines are blank
    faults: dict[int, str] = field(default_factory=dict)

    def text(self, record: int) -> bytes:
        """The record as it stands in the file, without its line end."""
        return self.data[self.starts[record] : self.ends[record]]


def frames(chunks: Iterator[bytes], dialect: Dialect) -> Iterator[Frame]:
    """Cut chunks of any size into frames of whole records; raises FileBroken for one longer than 16 MiB."""
    line = 1
    for block in _blocks(chunks, dialect):
        frame = _frame(block, line, dialect)
        line += frame.record_lines + frame.framing_lines
        if len(frame.lines):
            _check_length(frame)
            _find_faults(frame, dialect)
        yield frame


def _blocks(chunks: Iterator[bytes], dialect: Dialect) -> Iterator[bytes]:
    tail = b""
    for chunk in chunks:
        data = tail + chunk if tail else chunk
        end = _last_end(data, dialect)
        if end:
            yield data[:end]
        tail = data[end:]
        if len(tail) > MAX_RECORD + 1:
            raise _too_long(tail)
    if tail:
        if dialect.newlines_in_values and tail.count(dialect.quote.encode()) % 2:
            raise FileBroken(f"a quoted value is not ended before the end of the file: {_shown(tail)}")
        yield tail + b"\n"


def _last_end(data: bytes, dialect: Dialect) -> int:
    end = data.rfind(b"\n") + 1
    if not (dialect.newlines_in_values and dialect.quote.encode() in data):
        return end
    ends = _outside_quotes(np.flatnonzero(_bytes(data) == LF), data, dialect)
    return int(ends[-1]) + 1 if len(ends) else 0


def _frame(data: bytes, line: int, dialect: Dialect) -> Frame:
    raw = _bytes(data)
    newlines = np.flatnonzero(raw == LF)
    if dialect.newlines_in_values and dialect.quote.encode() in data:
        record_ends = _outside_quotes(newlines, data, dialect)
        last = np.searchsorted(newlines, record_ends)
    else:
        record_ends, last = newlines, np.arange(len(newlines))
    edges = record_ends + 1
    starts = np.concatenate(([0], edges[:-1]))
    lines = line + np.concatenate(([0], last[:-1] + 1))
    ends = record_ends
    if b"\r" in data:
        ends = record_ends - ((raw[record_ends - 1] == CR) & (record_ends > starts))
    filled = ends > starts
    if filled.all():
        return Frame(data, starts, ends, edges, lines, len(newlines), 0)
    blank = int((~filled).sum())
    starts, ends, edges, lines = (column[filled] for column in (starts, ends, edges, lines))
    return Frame(data, starts, ends, edges, lines, len(newlines) - blank, blank)


def _outside_quotes(places: Ints, data: bytes, dialect: Dialect) -> Ints:
    quotes = np.flatnonzero(_bytes(data) == ord(dialect.quote))
    outside: Ints = places[np.searchsorted(quotes, places) % 2 == 0]
    return outside


def _find_faults(frame: Frame, dialect: Dialect) -> None:
    # Each test of the whole block costs next to nothing; lines are looked at only where it strikes.
    data = frame.data
    if dialect.quote and dialect.quote.encode() in data:
        _mark(frame, _ill_quoted(frame, dialect), STRAY_QUOTE)
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        _mark(frame, _stray_returns(frame, dialect), STRAY_CR)
    if not data.isascii():
        _mark(frame, _not_utf8(frame), NOT_UTF8)
    if b"\0" in data:
        _mark(frame, _holding(frame, np.flatnonzero(_bytes(data) == 0)), NUL_BYTE)


def _mark(frame: Frame, records: Ints, fault: str) -> None:
    frame.faults.update((int(record), fault) for record in records)


def _holding(frame: Frame, places: Ints) -> Ints:
    """The records in which the bytes at these places stand."""
    return np.unique(np.searchsorted(frame.edges, places, side="right"))


def _not_utf8(frame: Frame) -> Ints:
    try:
        frame.data.decode()
    except UnicodeDecodeError:
        suspects = _holding(frame, np.flatnonzero(_bytes(frame.data) >= 128))
        return np.array([record for record in suspects if not _decodes(frame.text(record))], dtype=np.int64)
    return np.zeros(0, np.int64)


def _decodes(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _stray_returns(frame: Frame, dialect: Dialect) -> Ints:
    raw = _bytes(frame.data)
    returns = np.flatnonzero(raw == CR)
    alone = returns[raw[returns + 1] != LF]  # a frame ends with a newline, so there is a next byte
    if dialect.newlines_in_values:
        alone = _outside_quotes(alone, frame.data, dialect)
    return _holding(frame, alone)


def _ill_quoted(frame: Frame, dialect: Dialect) -> Ints:
    quoted = _holding(frame, np.flatnonzero(_bytes(frame.data) == ord(dialect.quote)))
    bounds = np.stack((frame.starts[quoted], frame.ends[quoted]), axis=1).ravel().astype(np.int32)
    # Texts and the gaps between them in turn, over the block's own bytes.
    offsets = np.concatenate((bounds, bounds[-1:]))
    texts = pa.BinaryArray.from_buffers(
        pa.binary(), len(offsets) - 1, [None, pa.py_buffer(offsets.data), pa.py_buffer(frame.data)]
    )
    well = pc.match_substring_regex(texts, _well_quoted(dialect)).to_numpy(zero_copy_only=False)[::2]
    return quoted[~np.asarray(well, dtype=np.bool_)]


def _well_quoted(dialect: Dialect) -> str:
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
    value = f"(?:{quote}(?:[^{quote}]|{quote}{quote})*{quote}|[^{quote}{delimiter}][^{delimiter}]*|)"
    return f"^{value}(?:{delimiter}{value})*$"


def _check_length(frame: Frame) -> None:
    longest = int(np.argmax(frame.ends - frame.starts))
    if frame.ends[longest] - frame.starts[longest] > MAX_RECORD:
        raise _too_long(frame.text(longest), f" {frame.lines[longest]}")


def _too_long(text: bytes, line: str = "") -> FileBroken:
    return FileBroken(
        f"line{line} is longer than 16 MiB: {_shown(text)}; "
        "is this a text file of lines, and does a quoted value lack its end?"
    )


def _shown(text: bytes) -> str:
    return repr(text[:60].decode(errors="replace"))


def _bytes(data: bytes) -> Bytes:
    return np.frombuffer(data, np.uint8)
