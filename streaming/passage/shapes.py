"""Records of several shapes in one file, told apart by how many fields they have."""

import numpy as np

from streaming.passage.frame import Frame
from streaming.profiles.dialects import Dialect
from streaming.reading.quoting import Ints, as_bytes


def by_width(frame: Frame, records: Ints, widths: tuple[int, ...], dialect: Dialect) -> dict[int, Ints]:
    """The records by how many fields they seem to have; what fits no width is taken for one of the first.

    A delimiter counts where an even number of quotes stands between it and its record's beginning. That is wrong of
    a record whose unquoted values hold quotes: the parser has the last word.
    """
    raw = as_bytes(frame.data)
    delimiters = np.flatnonzero(raw == ord(frame.cipher.delimiter))
    starts, ends = frame.starts[records], frame.ends[records]
    if dialect.quote and dialect.quote.encode() in frame.data:
        delimiters = _unquoted(delimiters, np.flatnonzero(raw == ord(dialect.quote)), frame.starts)
    counts = np.searchsorted(delimiters, ends) - np.searchsorted(delimiters, starts) + 1
    groups = {width: records[counts == width] for width in widths[1:]}
    groups[widths[0]] = records[~np.isin(counts, widths[1:])]
    return {width: group for width, group in groups.items() if len(group) or width == widths[0]}


def _unquoted(delimiters: Ints, quotes: Ints, starts: Ints) -> Ints:
    record = np.maximum(np.searchsorted(starts, delimiters, side="right") - 1, 0)
    before = np.searchsorted(quotes, delimiters) - np.searchsorted(quotes, starts[record])
    unquoted: Ints = delimiters[before % 2 == 0]
    return unquoted
