"""Columns of text as rows of bytes, so that whole columns of digits are read at once."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from streaming.kernels import Texts
from streaming.values.zones import Ints

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def by_length(texts: Texts, shortest: int, longest: int) -> Iterator[tuple[Ints, Bytes]]:
    """For each length between the two that occurs: the rows of that length, and their bytes side by side."""
    data, starts, lengths = raw_texts(texts)
    for length in np.unique(lengths):
        if shortest <= length <= longest:
            rows = np.flatnonzero(lengths == length)
            yield rows, _matrix(data, starts, rows, int(length), len(texts))


def raw_texts(texts: Texts) -> tuple[Bytes, Ints, Ints]:
    """The bytes of a column, and where in them each text starts and how long it is."""
    offsets, data = texts.buffers()[1:]
    edges = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    raw = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)
    return raw, edges[:-1], np.diff(edges)


def number(digits: Bytes, good: Mask) -> Ints:
    """The number in each row of digits; rows with anything else in them become bad."""
    value = np.zeros(len(digits), np.int64)
    for place in range(digits.shape[1]):
        digit = digits[:, place] - np.uint8(48)  # wraps round for what stands before "0"
        good &= digit < 10
        value *= 10
        value += digit
    return value


def holds(text: Bytes, at: int, word: bytes, case: int = 0) -> Mask:
    """Which rows hold the word at a place; with `case` 32 in any case of its letters."""
    same = np.ones(len(text), np.bool_)
    for place, byte in enumerate(word):  # column by column: half the time of one comparison of rows
        here = text[:, at + place]
        same &= (here | np.uint8(case)) == (byte | case) if case else here == byte
    return same


def spells(text: Bytes, word: bytes) -> Mask:
    """Which rows begin with the word, in any case of its letters."""
    return holds(text, 0, word, 32)


def _matrix(data: Bytes, starts: Ints, rows: Ints, length: int, n: int) -> Bytes:
    if len(rows) == n:  # all texts are of one length: they stand side by side already
        begin = int(starts[0])
        return data[begin : begin + n * length].reshape(n, length)
    picked: Bytes = data[starts[rows][:, None] + np.arange(length)]
    return picked
