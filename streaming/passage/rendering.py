"""COPY text of Arrow batches, joined in Arrow: no row becomes a Python object."""

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from streaming.kernels import Column, Texts, pc, text_bytes

NULL = r"\N"
ESCAPES = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}  # the backslash first


def copy_text(batch: pa.RecordBatch, leading: Sequence[str | Column] = ()) -> pa.Buffer:
    """The batch in PostgreSQL's COPY text format (UTF-8): each row the leading values, then the columns.

    A leading text stands in every row, a leading column row by row. Nulls are \\N, dates ISO, booleans t and f;
    every row ends with a newline.
    """
    if not batch.num_rows:
        return pa.py_buffer(b"")
    fields = [_texts(column) for column in batch.columns]
    fields[-1] = _with_newline(fields[-1], batch.columns[-1])
    prefix = [pa.scalar(_escaped_text(one)) if isinstance(one, str) else _texts(one) for one in leading]
    rows = pc.binary_join_element_wise(*prefix, *fields, "\t", null_handling="replace", null_replacement=NULL)
    offsets, data = rows.buffers()[1:]
    text: pa.Buffer = data.slice(0, int(np.frombuffer(offsets, np.int32)[len(rows)]))
    return text


def _texts(column: Column) -> Column:
    if column.null_count == len(column):
        return pa.scalar(None, pa.string())
    if pa.types.is_string(column.type):
        return _escaped(column)
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, "t", "f")
    if pa.types.is_date(column.type) or pa.types.is_int8(column.type) or pa.types.is_int16(column.type):
        # Few different values: each is written once.
        coded = column.dictionary_encode()
        return pc.take(pc.cast(coded.dictionary, pa.string()), coded.indices)
    return pc.cast(column, pa.string())


def _with_newline(texts: Column, column: Column) -> Column:
    if isinstance(texts, pa.Scalar):
        # An array at last: of scalars alone the join would make one row.
        return pa.repeat(pa.scalar(f"{NULL}\n"), len(column))
    if column.null_count:
        texts = pc.fill_null(texts, NULL)
    return pc.binary_join_element_wise(texts, "\n", "")


def _escaped(texts: Texts) -> Texts:
    data = text_bytes(texts)
    for mark, escape in ESCAPES.items():
        if mark.encode() in data:
            texts = pc.replace_substring(texts, mark, escape)
    return texts


def _escaped_text(text: str) -> str:
    return re.sub(r"[\\\t\n\r]", lambda found: ESCAPES[found[0]], text)
