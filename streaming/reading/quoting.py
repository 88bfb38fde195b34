"""Where quotes stand, and whether they pair."""

import re

import numpy as np
import numpy.typing as npt

from streaming.profiles.dialects import Dialect
from streaming.reading.standins import blanked

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
LF, CR = 10, 13


def as_bytes(data: bytes) -> Bytes:
    """The data as an array, not copied."""
    return np.frombuffer(data, np.uint8)


def last_end(data: bytes, dialect: Dialect) -> int:
    """Where the last whole record of the data is over, line end and all; 0 if none is."""
    end = data.rfind(b"\n") + 1
    if not (dialect.newlines_in_values and dialect.quote.encode() in data):
        return end
    plain = blanked(data, dialect)
    ends = outside_quotes(np.flatnonzero(as_bytes(plain) == LF), plain, dialect)
    return int(ends[-1]) + 1 if len(ends) else 0


def is_open(data: bytes, dialect: Dialect) -> bool:
    """Whether a quoted value is not ended at the end of the data."""
    if not (dialect.newlines_in_values and dialect.quote.encode() in data):
        return False
    return len(_quotes(blanked(data, dialect), dialect)) % 2 == 1


def outside_quotes(places: Ints, data: bytes, dialect: Dialect) -> Ints:
    """Those of the places in front of which all quotes are paired; the data begins with a record."""
    outside: Ints = places[np.searchsorted(_quotes(data, dialect), places) % 2 == 0]
    return outside


def _quotes(data: bytes, dialect: Dialect) -> Ints:
    places = np.flatnonzero(as_bytes(data) == ord(dialect.quote))
    if dialect.comment and dialect.comment.encode() in data:
        return _without_comments(places, data, dialect.comment.encode())
    return places


def _without_comments(quotes: Ints, data: bytes, prefix: bytes) -> Ints:
    """The quotes but for those of comment lines: an odd one there would open a value."""
    edges = np.concatenate(([0], np.flatnonzero(as_bytes(data) == LF) + 1, [len(data)]))
    lines = np.flatnonzero(beginning_with(prefix, data, edges[:-1]))
    first, end = np.searchsorted(quotes, edges[lines]), np.searchsorted(quotes, edges[lines + 1])
    keep, gone = np.ones(len(quotes), np.bool_), 0
    odd = (end - first) % 2 == 1
    for begin, stop in zip(first[odd].tolist(), end[odd].tolist(), strict=True):
        if (begin - gone) % 2 == 0:  # else the line stands inside a quoted value
            keep[begin:stop] = False
            gone += stop - begin
    return quotes[keep]


def beginning_with(prefix: bytes, data: bytes, places: Ints) -> npt.NDArray[np.bool_]:
    """Whether the prefix stands at each of these places."""
    raw = as_bytes(data)
    there = places + len(prefix) <= len(data)
    for offset, byte in enumerate(prefix):
        there[there] = raw[places[there] + offset] == byte
    return there


def well_quoted(quote: str, delimiter: str) -> str:
    """The expression (RE2) of a record whose quotes pair."""
    quote, delimiter = re.escape(quote), re.escape(delimiter)
    value = f"(?:{quote}(?:[^{quote}]|{quote}{quote})*{quote}|[^{quote}{delimiter}][^{delimiter}]*|)"
    return f"^{value}(?:{delimiter}{value})*$"
