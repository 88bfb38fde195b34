"""Records are cut into fields: pyarrow.csv over a frame, a record that does not fit comes back with its reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from streaming.errors import BooksError
from streaming.kernels import Column, Texts, pc
from streaming.passage.frame import Frame
from streaming.passage.layout import Layout
from streaming.passage.rows import Fault
from streaming.passage.shapes import by_width
from streaming.profiles.dialects import Dialect
from streaming.reading.quoting import Ints

Fields = dict[str, Texts]


@dataclass(slots=True)
class _Cut:
    """Records whose fields fit, their columns, the others with how many fields they have, and those that are bad."""

    records: Ints
    columns: Fields
    misfits: list[tuple[int, int]]
    faults: list[Fault]


def parse(frame: Frame, first: int, layout: Layout) -> tuple[Ints, Fields, list[Fault]]:
    """Cut the frame's records from `first` on into fields.

    Returns the records that have the right number of fields, their columns (those that the layout needs), and
    the other records with the reason.
    """
    faults = [Fault(record, None, reason) for record, reason in frame.faults.items()]
    records = np.arange(first, len(frame.lines))
    if faults:
        records = np.setdiff1d(records, np.fromiter(frame.faults, np.int64, len(faults)), assume_unique=True)
    shapes = layout.shapes
    several = len(shapes) > 1
    cut = _of_shapes(frame, records, layout, shapes) if several else _of_one(frame, records, layout, layout.names)
    expected = " or ".join(str(width) for width in shapes)
    faults += [Fault(record, None, f"{n} fields where {expected} are expected") for record, n in cut.misfits]
    return cut.records, cut.columns, faults + cut.faults


def _of_one(frame: Frame, records: Ints, layout: Layout, names: tuple[str, ...]) -> _Cut:
    """Records under these names."""
    needed, dialect = layout.needed(names), layout.profile.dialect
    trailing = [str(len(names) + n) for n in range(dialect.trailing_empty)]
    misfits: list[pacsv.InvalidRow] = []
    width, read = len(names) + len(trailing), [place for place, _ in needed] + trailing
    table = _read_csv(_data(frame, records), frame, dialect, width, read, misfits)
    places = [(row.number or 0) - 1 for row in misfits]  # there is a number without threads
    others = [(int(records[n]), row.actual_columns) for n, row in zip(places, misfits, strict=True)]
    if places:
        records = np.delete(records, places)
    if table.num_rows != len(records):
        raise BooksError(f"the parser saw {table.num_rows} records where the lines make {len(records)}")
    values = frame.cipher.values
    cut = _Cut(records, {name: values(_one(table.column(place))) for place, name in needed}, others, [])
    _refuse_filled(cut, [table.column(place) for place in trailing])
    return cut


def _refuse_filled(cut: _Cut, trailing: list[Column]) -> None:
    """Take out the records in which a field that has to be empty is not."""
    filled = np.zeros(len(cut.records), np.bool_)
    for texts in trailing:
        filled |= pc.greater(pc.binary_length(texts), 0).to_numpy()
    if not filled.any():
        return
    reason = f"one of the last {len(trailing)} fields is not empty, as trailing_empty in the profile says"
    cut.faults += [Fault(record, None, reason) for record in cut.records[filled].tolist()]
    cut.records = cut.records[~filled]
    cut.columns = {name: texts.filter(pa.array(~filled)) for name, texts in cut.columns.items()}


def _data(frame: Frame, records: Ints) -> bytes:
    """The records' bytes; a copy only where something stands between them that is no record."""
    if not len(records):
        return b""
    first = int(records[0])
    if frame.has_gaps or len(records) != len(frame.lines) - first:
        return frame.together(records)
    return frame.data[frame.starts[first] :] if first else frame.data


def _read_csv(
    data: bytes, frame: Frame, dialect: Dialect, width: int, needed: list[str], misfits: list[pacsv.InvalidRow]
) -> pa.Table:
    places = [str(n) for n in range(width)]

    def set_aside(row: pacsv.InvalidRow) -> Literal["skip"]:
        misfits.append(row)
        return "skip"

    if not data:
        return pa.table({place: pa.array([], pa.string()) for place in needed})
    source: Any = pa.BufferReader(data)
    return pacsv.read_csv(
        source,
        # One block: the frame is the block, and the columns come in one piece.
        read_options=pacsv.ReadOptions(column_names=places, block_size=len(data) + 1, use_threads=False),
        parse_options=pacsv.ParseOptions(
            delimiter=frame.cipher.delimiter,
            quote_char=dialect.quote if dialect.quote and dialect.quote.encode() in data else False,
            newlines_in_values=dialect.newlines_in_values,
            invalid_row_handler=set_aside,
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(places, pa.string()),
            include_columns=needed,
            strings_can_be_null=False,
            check_utf8=False,  # the framing has looked already
        ),
    )


def _one(column: Column) -> Texts:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _of_shapes(frame: Frame, records: Ints, layout: Layout, shapes: dict[int, tuple[str, ...]]) -> _Cut:
    """Each record under the names of the shape that it has."""
    cuts: list[_Cut] = []
    left = by_width(frame, records, tuple(shapes), layout.profile.dialect)
    while left:  # what was counted wrongly comes back with the parser's own count: it fits then, or nowhere
        again: dict[int, list[int]] = {}
        for width, some in left.items():
            cut = _of_one(frame, some, layout, shapes[width])
            for record, actual in cut.misfits:
                again.setdefault(actual, []).append(record)
            cut.misfits = [misfit for misfit in cut.misfits if misfit[1] not in shapes]
            cuts.append(cut)
        left = {width: np.array(sorted(again[width]), np.int64) for width in again if width in shapes}
    return _merged(cuts, dict.fromkeys(name for names in shapes.values() for _, name in layout.needed(names)))


def _merged(cuts: list[_Cut], names: Iterable[str]) -> _Cut:
    """One again, in the order of the records; what a shape does not have is an empty text."""
    records = np.concatenate([cut.records for cut in cuts])
    order = pa.array(np.argsort(records))
    columns = {name: pa.concat_arrays([_column(cut, name) for cut in cuts]).take(order) for name in names}
    misfits, faults = [one for cut in cuts for one in cut.misfits], [fault for cut in cuts for fault in cut.faults]
    return _Cut(np.sort(records), columns, misfits, faults)


def _column(cut: _Cut, name: str) -> Texts:
    return cut.columns[name] if name in cut.columns else pa.repeat(pa.scalar("", pa.string()), len(cut.records))
