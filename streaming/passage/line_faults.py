"""What the parser would misread: NUL, bytes that are not UTF-8, stray carriage returns, quotes that do not pair."""

from __future__ import annotations

import numpy as np

from streaming.kernels import pc
from streaming.passage.frame import Frame, spans
from streaming.profiles.dialects import Dialect
from streaming.reading.quoting import CR, LF, Ints, as_bytes, outside_quotes, well_quoted

NUL_BYTE = "the line holds a NUL byte"
NOT_UTF8 = "the line is not valid UTF-8: if all of the file is so, declare its encoding in the profile"
STRAY_CR = "a carriage return stands inside the line"
STRAY_QUOTE = (
    "the quotes do not pair: a quoted value ends before the delimiter or not at all; "
    'if the vendor does not quote, set quote = "" in the profile, '
    "if its values hold line ends, set newlines_in_values = true"
)


def find_faults(frame: Frame, dialect: Dialect) -> None:
    """Note the records that cannot be parsed, with the reason."""
    # Each test of the whole block costs next to nothing; lines are looked at only where it strikes.
    data = frame.data
    if dialect.quote and dialect.quote.encode() in data:
        _mark(frame, _ill_quoted(frame, dialect), STRAY_QUOTE)
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        _mark(frame, _stray_returns(frame, dialect), STRAY_CR)
    if not data.isascii():
        _mark(frame, _not_utf8(frame), NOT_UTF8)
    if b"\0" in data:
        _mark(frame, _holding(frame, np.flatnonzero(as_bytes(data) == 0)), NUL_BYTE)


def _mark(frame: Frame, records: Ints, fault: str) -> None:
    frame.faults.update((int(record), fault) for record in records)


def _holding(frame: Frame, places: Ints) -> Ints:
    """The records in which the bytes at these places stand."""
    records = np.searchsorted(frame.edges, places, side="right")
    if frame.has_gaps:
        inside = records < len(frame.edges)
        inside[inside] = places[inside] >= frame.starts[records[inside]]
        records = records[inside]
    held: Ints = records[np.diff(records, prepend=-1) > 0]  # the places rise, and so do their records
    return held


def _not_utf8(frame: Frame) -> Ints:
    try:
        frame.data.decode()
    except UnicodeDecodeError:
        suspects = _holding(frame, np.flatnonzero(as_bytes(frame.data) >= 128))
        return np.array([record for record in suspects if not _decodes(frame.text(record))], dtype=np.int64)
    return np.zeros(0, np.int64)


def _decodes(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _stray_returns(frame: Frame, dialect: Dialect) -> Ints:
    raw = as_bytes(frame.data)
    returns = np.flatnonzero(raw == CR)
    alone = returns[raw[returns + 1] != LF]  # a frame ends with a newline, so there is a next byte
    if dialect.newlines_in_values:
        alone = outside_quotes(alone, frame.data, dialect)
    return _holding(frame, alone)


def _ill_quoted(frame: Frame, dialect: Dialect) -> Ints:
    quoted = _holding(frame, np.flatnonzero(as_bytes(frame.data) == ord(dialect.quote)))
    if not len(quoted):
        return quoted
    pattern = well_quoted(dialect.quote, frame.cipher.delimiter)
    texts = spans(frame.data, frame.starts[quoted], frame.ends[quoted])
    well = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)[::2]
    return quoted[~np.asarray(well, dtype=np.bool_)]
