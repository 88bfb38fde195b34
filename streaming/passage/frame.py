"""A block of whole records, and the bytes of each."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from streaming.kernels import Texts
from streaming.reading.quoting import Ints
from streaming.reading.standins import Cipher


@dataclass(slots=True)
class Frame:
    """A block of whole records, other lines left out: record i is data[starts[i]:ends[i]], on lines[i].

    `data` is the block as `cipher` has rewritten it for the parser.
    """

    data: bytes
    cipher: Cipher
    starts: Ints
    ends: Ints
    edges: Ints  # where the record's line end is over
    lines: Ints  # the line on which the record begins
    heights: Ints  # how many lines the record takes
    record_lines: int  # how many lines the records take
    framing_lines: int  # how many lines are blank, comments or trailers
    has_gaps: bool = False  # whether lines that are not blank are left out between the records
    trailers: tuple[tuple[int, str], ...] = ()  # trailer lines, with their numbers
    faults: dict[int, str] = field(default_factory=dict)

    def text(self, record: int) -> bytes:
        """The record as it stands in the file, without its line end."""
        return self.cipher.written(self.data[self.starts[record] : self.ends[record]])

    def together(self, records: Ints) -> bytes:
        """These records' bytes for the parser, each with its line end."""
        if not len(records):
            return b""
        taken = spans(self.data, self.starts[records], self.edges[records]).take(pa.array(np.arange(len(records)) * 2))
        joined: bytes = taken.buffers()[2].to_pybytes()
        return joined


def spans(data: bytes, starts: Ints, ends: Ints) -> Texts:
    """The bytes [start, end) of each record and the gaps between them in turn, over the block's own bytes."""
    bounds = np.stack((starts, ends), axis=1).ravel().astype(np.int32)
    offsets = np.concatenate((bounds, bounds[-1:]))
    buffers = [None, pa.py_buffer(offsets.data), pa.py_buffer(data)]
    return pa.BinaryArray.from_buffers(pa.binary(), len(offsets) - 1, buffers)
