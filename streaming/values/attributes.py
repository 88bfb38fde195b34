"""JSON objects of the columns that are kept without a canonical name, joined in Arrow."""

import json
from collections.abc import Mapping

import pyarrow as pa

from streaming.kernels import Texts, pc, text_bytes


def json_objects(columns: Mapping[str, Texts]) -> Texts:
    """One object per row, keys in the order given, values as text; empty values are left out."""
    if len(columns) == 1 and _all_filled(*columns.values()):
        ((name, values),) = columns.items()
        return pc.binary_join_element_wise(f"{{{_key(name)}", _escaped(values), '"}', "")
    parts = [_member(name, values) for name, values in columns.items()]
    members = pc.binary_join_element_wise(*parts, "") if len(parts) > 1 else parts[0]
    body = pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(members, 1), "}", "")
    return pc.if_else(pc.equal(members, ""), pa.scalar(None, pa.string()), body)


def _member(name: str, values: Texts) -> Texts:
    member = pc.binary_join_element_wise(f",{_key(name)}", _escaped(values), '"', "")
    return member if _all_filled(values) else pc.if_else(pc.equal(pc.binary_length(values), 0), "", member)


def _key(name: str) -> str:
    """As JSON, up to where the value's text begins."""
    return f'{json.dumps(name, ensure_ascii=False)}:"'


def _all_filled(values: Texts) -> bool:
    return (pc.min(pc.binary_length(values)).as_py() or 0) > 0


def _escaped(values: Texts) -> Texts:
    present = set(text_bytes(values))
    marks = [chr(code) for code in sorted(present) if code < 32 or code in b'"\\']
    # The backslash first: the others' escapes hold one.
    for mark in sorted(marks, key=lambda mark: mark != "\\"):
        values = pc.replace_substring(values, mark, json.dumps(mark)[1:-1])
    return values
