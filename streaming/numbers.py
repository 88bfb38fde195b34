"""Exact decimals: checked as text and handed on unchanged, so that no digit is lost."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streaming.kernels import Texts, pc

# Three digits of exponent and 1,000 characters are far inside what PostgreSQL's numeric takes.
DECIMAL = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"
LONGEST = 1000

Mask = npt.NDArray[np.bool_]


def not_decimal(texts: Texts) -> Mask | None:
    """Which texts are no decimal numbers; None if all are."""
    if _all_plain(texts):
        return None
    good = pc.and_(pc.match_substring_regex(texts, DECIMAL), pc.less_equal(pc.binary_length(texts), LONGEST))
    bad: Mask = ~np.asarray(good.to_numpy(zero_copy_only=False), dtype=np.bool_)
    return bad if bad.any() else None


def holds(texts: Texts, *marks: bytes) -> bool:
    """Whether any of the marks stands anywhere in the column's bytes (or near it, if it is a slice)."""
    data = text_bytes(texts)
    return any(mark in data for mark in marks)


def text_bytes(texts: Texts) -> bytes:
    """The bytes behind a column, all texts in a row."""
    buffer = texts.buffers()[2]
    return buffer.to_pybytes() if buffer is not None else b""


def _all_plain(texts: Texts) -> bool:
    # The cast to float is four times as fast as the expression and refuses all that it refuses, but for
    # nan, inf (not finite) and wild exponents (an "e"), which are left to the expression.
    if holds(texts, b"e", b"E") or (pc.max(pc.binary_length(texts)).as_py() or 0) > LONGEST:
        return False
    try:
        return bool(pc.all(pc.is_finite(pc.cast(texts, pa.float64()))).as_py())
    except pa.ArrowInvalid:
        return False
