"""pyarrow without its stubs, which know fewer overloads than the kernels have; names say what is meant."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow.compute

pc: Any = pyarrow.compute

Column: TypeAlias = Any  # a pa.Array of any type
Texts: TypeAlias = Any  # a pa.StringArray
Mask: TypeAlias = npt.NDArray[np.bool_]


def as_mask(flags: Column) -> Mask:
    """A column of flags without nulls, as one of numpy's that may be written to."""
    return np.array(flags.to_numpy(zero_copy_only=False), dtype=np.bool_)


def empties(texts: Texts) -> Mask:
    """Which texts are empty."""
    return as_mask(pc.equal(pc.binary_length(texts), 0))


def text_bytes(texts: Texts) -> bytes:
    """The bytes behind a column, all texts in a row."""
    buffer = texts.buffers()[2]
    return buffer.to_pybytes() if buffer is not None else b""
