"""Trades as an Arrow IPC stream, a few thousand rows in memory at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from flask import Response

from api.streams import attachment, batches

_TEXT = pa.string()
#: Prices and quantities are texts: a PostgreSQL number has more digits than a decimal128 can hold.
_FIELDS: list[pa.Field[Any]] = [
    pa.field("trade_id", _TEXT, nullable=False),
    pa.field("symbol", _TEXT, nullable=False),
    pa.field("venue", _TEXT, nullable=False),
    pa.field("trade_date", pa.date32(), nullable=False),
    pa.field("event_time", pa.timestamp("ns", "UTC"), nullable=False),
    pa.field("side", _TEXT),
    pa.field("price", _TEXT, nullable=False),
    pa.field("quantity", _TEXT, nullable=False),
    pa.field("currency", _TEXT),
    pa.field("account", _TEXT),
    pa.field("status", _TEXT, nullable=False),
    pa.field("version", _TEXT),
    pa.field("attributes", _TEXT),
    pa.field("file_id", pa.int64(), nullable=False),
    pa.field("line", pa.int64(), nullable=False),
    pa.field("recorded_at", pa.timestamp("us", "UTC"), nullable=False),
]
SCHEMA = pa.schema(_FIELDS)


def download(name: str, statement: Any, **values: object) -> Response:
    """The statement's rows, which have SCHEMA's columns but for event_us and event_nanos in place of event_time."""
    return attachment(f"{name}.arrow", "application/vnd.apache.arrow.stream", _stream(statement, values))


def _stream(statement: Any, values: dict[str, Any]) -> Iterator[bytes]:
    sink = io.BytesIO()
    with batches(statement, **values) as (columns, lists), pa.ipc.new_stream(sink, SCHEMA) as writer:
        for rows in lists:
            writer.write_batch(_batch(dict(zip(columns, zip(*rows, strict=True), strict=True))))
            yield _taken(sink)
    yield _taken(sink)


def _batch(columns: dict[str, tuple[Any, ...]]) -> pa.RecordBatch:
    micros, nanos = columns.pop("event_us"), columns.pop("event_nanos")
    columns["event_time"] = tuple(us * 1000 + ns for us, ns in zip(micros, nanos, strict=True))
    return pa.record_batch([pa.array(columns[field.name], field.type) for field in SCHEMA], schema=SCHEMA)


def _taken(sink: io.BytesIO) -> bytes:
    """What has been written since the last time."""
    chunk = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return chunk
