"""COPY text is what PostgreSQL's documents say it is."""

from datetime import date
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from sinks.trade import REJECTS, STAGED
from streaming.passage.rendering import copy_text

UNESCAPED = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}


def decoded(text: str) -> list[list[str | None]]:
    """Rows of COPY text, read as PostgreSQL reads them."""
    assert not text or text.endswith("\n")
    return [[_field(field) for field in line.split("\t")] for line in text.split("\n")[:-1]]


def _field(field: str) -> str | None:
    if field == r"\N":
        return None
    head, *rest = field.split("\\\\")
    parts = [head, *rest]
    return "\\".join(_unescaped(part) for part in parts)


def _unescaped(part: str) -> str:
    head, *rest = part.split("\\")
    return head + "".join(UNESCAPED[piece[0]] + piece[1:] for piece in rest)


def test_a_staged_trade_is_rendered_with_the_constants_first() -> None:
    row: dict[str, Any] = dict.fromkeys(STAGED.names)
    row |= {"line": 7, "action": 0, "trade_id": "t1", "symbol": "A\tB", "venue": "X", "trade_date": date(2025, 1, 31)}
    row |= {"event_us": 1738315800000000, "event_nanos": 5, "price": "1.50", "quantity": "2"}
    text = copy_text(pa.RecordBatch.from_pylist([row], STAGED), ("12", "a\\b"))
    assert text.to_pybytes().decode() == (
        "12\ta\\\\b\t7\t0\tt1\tA\\tB\tX\t2025-01-31\t1738315800000000\t5\t\\N\t1.50\t2" + "\t\\N" * 4 + "\n"
    )


def test_no_rows_are_no_text() -> None:
    assert copy_text(pa.RecordBatch.from_pylist([], STAGED), ("1",)).size == 0


texts = st.one_of(st.none(), st.text(st.sampled_from('aé\\\t\n\r"N😀'), max_size=5))
rejects = st.fixed_dictionaries(
    {
        "line": st.integers(1, 2**62),
        "column": texts,
        "reason": texts.map(lambda text: text or ""),
        "raw": texts.map(lambda text: text or ""),
        "raw_escaped": st.booleans(),
    }
)


@given(st.lists(rejects, max_size=6))
def test_any_text_comes_back_as_it_was(rows: list[dict[str, Any]]) -> None:
    text = copy_text(pa.RecordBatch.from_pylist(rows, REJECTS), ("9",)).to_pybytes().decode()
    expected = [
        ["9", str(row["line"]), row["column"], row["reason"], row["raw"], "t" if row["raw_escaped"] else "f"]
        for row in rows
    ]
    assert decoded(text) == expected


@given(st.lists(texts, min_size=1, max_size=6))
def test_the_last_column_may_hold_nulls_and_escapes(values: list[str | None]) -> None:
    batch = pa.record_batch([pa.array(values, pa.string())], names=["last"])
    assert decoded(copy_text(batch).to_pybytes().decode()) == [[value] for value in values]


@given(st.lists(texts, min_size=2, max_size=6))
def test_a_slice_is_rendered_as_itself(values: list[str | None]) -> None:
    batch = pa.record_batch([pa.array(values, pa.string()), pa.array(values, pa.string())], names=["a", "b"])
    assert decoded(copy_text(batch.slice(1)).to_pybytes().decode()) == [[value, value] for value in values[1:]]
