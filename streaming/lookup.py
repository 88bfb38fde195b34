"""Find one record of a file again by its line number."""

from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from streaming.passage.frame import Frame
from streaming.passage.framing import frames
from streaming.profiles.dialects import Until
from streaming.profiles.profile import Profile
from streaming.reading.beginnings import after_preamble
from streaming.reading.chunks import split_chunks
from streaming.reading.splits import SourceFile, whole
from triggers.stores.port import Store


@dataclass(frozen=True, slots=True)
class Found:
    """A line as it stands in the file: the record that holds it, or None for a line that is framing."""

    header: bytes | None
    record: bytes | None


def record_at(line: int, file: SourceFile, profile: Profile, store: Store) -> Found | None:
    """The record on a physical line (from 1) and the file's header; None if the file has no such line."""
    dialect = profile.dialect
    header, wanted = None, dialect.header
    with ExitStack() as stack:
        last, chunks = after_preamble(split_chunks(whole(file), store, stack, dialect), dialect)
        if line <= last:
            return Found(None, None)
        for frame in frames(chunks, dialect, last + 1, isinstance(dialect.preamble, Until)):
            first = 0
            if wanted and len(frame.lines):
                header, wanted, first = frame.text(0), False, 1
            last += frame.record_lines + frame.framing_lines
            if line <= last:
                return Found(header, _on_line(frame, line, first))
    return None


def _on_line(frame: Frame, line: int, first: int) -> bytes | None:
    place = int(np.searchsorted(frame.lines, line, side="right")) - 1
    if place < first:
        return None
    lines = frame.data.count(b"\n", frame.starts[place], frame.edges[place])
    return frame.text(place) if line < frame.lines[place] + lines else None
