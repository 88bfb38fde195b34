"""Where each record begins and ends, with its exact line number, before any parser sees it.

A record is a line, or several where the profile declares newlines in quoted values. Blank lines, comments and
trailers are none. What the parser would misread is found by `streaming.passage.line_faults`.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from streaming.errors import FileBroken
from streaming.kernels import Texts, pc
from streaming.passage.frame import Frame, spans
from streaming.passage.line_faults import find_faults
from streaming.profiles.dialects import Dialect
from streaming.reading.chunks import MAX_RECORD
from streaming.reading.quoting import CR, LF, as_bytes, beginning_with, is_open, last_end, outside_quotes
from streaming.reading.standins import rewritten

Mask = npt.NDArray[np.bool_]


def frames(chunks: Iterator[bytes], dialect: Dialect, line: int = 1, spared: bool = False) -> Iterator[Frame]:
    """Cut chunks of any size into frames of whole records; the first line has the number `line`.

    `spared`: that line is the header, even if it begins as comments do. Raises FileBroken for a record that is
    longer than 16 MiB, and for a quoted value that is never ended.
    """
    for block in _blocks(chunks, dialect):
        frame = _frame(block, line, dialect, spared)
        spared = False
        line += frame.record_lines + frame.framing_lines
        if len(frame.lines):
            _check_length(frame)
            find_faults(frame, dialect)
        yield frame


def _blocks(chunks: Iterator[bytes], dialect: Dialect) -> Iterator[bytes]:
    tail = b""
    for chunk in chunks:
        data = tail + chunk if tail else chunk
        end = last_end(data, dialect)
        if end:
            yield data[:end]
        tail = data[end:]
        if len(tail) > MAX_RECORD + 1:
            raise _too_long(tail)
    if tail:
        if is_open(tail, dialect):
            raise FileBroken(f"a quoted value is not ended before the end of the file: {_shown(tail)}")
        yield tail + b"\n"


def _frame(block: bytes, line: int, dialect: Dialect, spared: bool) -> Frame:
    data, cipher = rewritten(block, dialect)
    raw = as_bytes(data)
    newlines = np.flatnonzero(raw == LF)
    if dialect.newlines_in_values and dialect.quote.encode() in data:
        record_ends = outside_quotes(newlines, data, dialect)
        last = np.searchsorted(newlines, record_ends)
    else:
        record_ends, last = newlines, np.arange(len(newlines))
    edges = record_ends + 1
    starts = np.concatenate(([0], edges[:-1]))
    first = np.concatenate(([0], last[:-1] + 1))
    ends = record_ends
    if b"\r" in data:
        ends = record_ends - ((raw[record_ends - 1] == CR) & (record_ends > starts))
    frame = Frame(data, cipher, starts, ends, edges, line + first, last - first + 1, len(newlines), 0)
    _leave_out(frame, ends == starts, gaps=False)
    _leave_out_comments(frame, dialect, spared)
    _leave_out_trailers(frame, block, line, dialect)
    return frame


def _leave_out(frame: Frame, others: Mask, gaps: bool = True) -> None:
    """Make framing of records that are none."""
    if not others.any():
        return
    gone = int(frame.heights[others].sum())
    kept = ~others
    frame.starts, frame.ends, frame.edges = frame.starts[kept], frame.ends[kept], frame.edges[kept]
    frame.lines, frame.heights = frame.lines[kept], frame.heights[kept]
    frame.record_lines -= gone
    frame.framing_lines += gone
    frame.has_gaps |= gaps


def _leave_out_comments(frame: Frame, dialect: Dialect, spared: bool) -> None:
    prefix = dialect.comment.encode()
    if not prefix or prefix not in frame.data:
        return
    comments = beginning_with(prefix, frame.data, frame.starts)
    comments[:1] &= not spared
    _leave_out(frame, comments)


def _leave_out_trailers(frame: Frame, block: bytes, line: int, dialect: Dialect) -> None:
    if dialect.trailer is None or not len(frame.lines):
        return
    texts = _written_spans(frame, block, line)
    found = pc.match_substring_regex(texts, dialect.trailer.pattern).to_numpy(zero_copy_only=False)[::2]
    trailers: Mask = np.asarray(found, dtype=np.bool_)
    frame.trailers = tuple(
        (int(frame.lines[record]), frame.text(record).decode(errors="replace"))
        for record in np.flatnonzero(trailers).tolist()
    )
    _leave_out(frame, trailers)


def _written_spans(frame: Frame, block: bytes, line: int) -> Texts:
    """The records (every other text) as they stand in the file: on the same lines of the block, in other places."""
    if not frame.cipher.standins:
        return spans(frame.data, frame.starts, frame.ends)
    newlines = np.flatnonzero(as_bytes(block) == LF)
    first = frame.lines - line
    starts = np.concatenate(([0], newlines + 1))[first]
    ends = newlines[first + frame.heights - 1] - (frame.edges - 1 - frame.ends)
    return spans(block, starts, ends)


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
