"""JSON objects of the columns that are kept without a canonical name, joined in Arrow."""

import json
from collections.abc import Mapping

import pyarrow as pa

from streaming.kernels import Texts, pc, text_bytes


def json_objects(columns: Mapping[str, Texts]) -> Texts:
    """One object per row, keys in the order given, values as text; empty values are left out."""
    parts = [_member(name, values) for name, values in columns.items()]
    members = pc.binary_join_element_wise(*parts, "") if len(parts) > 1 else parts[0]
    body = pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(members, 1), "}", "")
    return pc.if_else(pc.equal(members, ""), pa.scalar(None, pa.string()), body)


def _member(name: str, values: Texts) -> Texts:
    key = json.dumps(name, ensure_ascii=False)
    member = pc.binary_join_element_wise(f',{key}:"', _escaped(values), '"', "")
    lengths = pc.binary_length(values)
    if (pc.min(lengths).as_py() or 0) > 0:
        return member
    return pc.if_else(pc.equal(lengths, 0), "", member)


def _escaped(values: Texts) -> Texts:
    present = set(text_bytes(values))
    marks = [chr(code) for code in sorted(present) if code < 32 or code in b'"\\']
    # The backslash first: the others' escapes hold one.
    for mark in sorted(marks, key=lambda mark: mark != "\\"):
        values = pc.replace_substring(values, mark, json.dumps(mark)[1:-1])
    return values
