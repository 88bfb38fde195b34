"""How files are dealt out to tasks: small ones packed together, large plain ones cut by byte range."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from streaming.reading.signatures import ENDINGS
from triggers.stores import may_be_member

# What opening one more file costs, in bytes that could have been read meanwhile.
OPEN_COST = 64 * 1024
PACKED = tuple(ending for endings in ENDINGS.values() for ending in endings)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One object version to be read, as the ledger names it; size in bytes."""

    file_id: int
    uri: str
    version: str
    size: int


@dataclass(frozen=True, slots=True)
class Split:
    """A part of one object version: the lines that begin in bytes [start, end) (`end` None: to the end).

    `index` numbers the splits of a file from 0 in the order of their bytes.
    """

    file_id: int
    uri: str
    version: str
    size: int
    index: int = 0
    start: int = 0
    end: int | None = None

    @property
    def length(self) -> int:
        """Bytes that the split covers."""
        return (self.size if self.end is None else self.end) - self.start


def whole(file: SourceFile) -> Split:
    """The split that is all of a file."""
    return Split(file.file_id, file.uri, file.version, file.size)


def cut(files: Iterable[SourceFile], split_bytes: int, *, by_range: bool) -> list[tuple[Split, ...]]:
    """Deal files out to tasks of about `split_bytes` each, in the order given.

    Files over `split_bytes` are cut by byte range if `by_range` (the profile's `may_be_cut`) allows and their
    name shows no compression, and no archive that would be unpacked again for each piece; each piece is a task of
    its own. The other files are packed together.
    """
    pieces = [piece for file in files for piece in _pieces(file, split_bytes, by_range)]
    return list(_packed(pieces, split_bytes))


def _pieces(file: SourceFile, split_bytes: int, by_range: bool) -> Iterator[Split]:
    packed = file.uri.lower().endswith(PACKED) or may_be_member(file.uri)
    if not by_range or file.size <= split_bytes or packed:
        yield whole(file)
        return
    count = -(-file.size // split_bytes)
    edges = [file.size * n // count for n in range(count)] + [None]
    for index in range(count):
        start, end = edges[index], edges[index + 1]
        yield Split(file.file_id, file.uri, file.version, file.size, index, start or 0, end)


def _packed(pieces: Iterable[Split], split_bytes: int) -> Iterator[tuple[Split, ...]]:
    task: list[Split] = []
    held = 0
    for piece in pieces:
        cost = piece.length + OPEN_COST
        if task and held + cost > split_bytes + OPEN_COST:
            yield tuple(task)
            task, held = [], 0
        task.append(piece)
        held += cost
    if task:
        yield tuple(task)
