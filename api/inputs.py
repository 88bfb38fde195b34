"""What addresses take: fields that PostgreSQL can hold, and nothing that nobody asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from apiflask import APIFlask, Schema, abort
from apiflask.fields import AwareDateTime, Integer, String
from apiflask.validators import Length, Range, Regexp
from flask import current_app, request

LONGEST = 2048  # signs of a text
BIGGEST = 2**63 - 1


def text(longest: int = LONGEST, **options: Any) -> String:
    """A text of at least one sign; PostgreSQL's texts hold no NUL."""
    return String(validate=[Length(1, longest), Regexp(r"^[^\x00]*\Z", error="Holds a NUL.")], **options)


def id_of(what: str, biggest: int = BIGGEST) -> Integer:
    """The number of a row."""
    return Integer(validate=Range(1, biggest), metadata={"description": what})


class Moment(AwareDateTime):
    """A time with its zone, as UTC: PostgreSQL refuses zones 16 hours away and more."""

    def _deserialize(self, *told: Any, **options: Any) -> datetime:
        value: datetime = super()._deserialize(*told, **options)
        try:
            return value.astimezone(UTC)
        except OverflowError:  # at the ends of what a calendar holds
            return datetime.min.replace(tzinfo=UTC) if value.year == 1 else datetime.max.replace(tzinfo=UTC)


class Page(Schema):
    """How much of a listing, and where it goes on."""

    limit = Integer(
        load_default=100, validate=Range(1, 1000), metadata={"description": "At most so many; 100 unless told."}
    )
    cursor = text(metadata={"description": "`next` of the page before, as it came."})


def init_app(app: APIFlask) -> None:
    app.before_request(_refuse_what_cannot_be_meant)


def _refuse_what_cannot_be_meant() -> None:
    """A query's field that the address does not know is refused, and so is one given twice."""
    if "\x00" in request.path:
        abort(404, "No address holds a NUL.")
    view = current_app.view_functions.get(request.endpoint or "")
    if not hasattr(view, "_spec"):
        return
    known = _known(view)
    _refuse_odd_texts()
    wrong = {name: ["Unknown field."] for name in request.args if name not in known}
    wrong |= {name: ["Given twice."] for name in known if len(request.args.getlist(name)) > 1}
    if wrong:
        abort(422, "The query names fields that this address does not take.", detail={"query": wrong})


def _refuse_odd_texts() -> None:
    """JSON can write what no text of PostgreSQL's holds: NUL, and half of a pair of surrogates."""
    try:
        odd = any("\x00" in text or not _is_utf8(text) for text in _texts(request.get_json(silent=True)))
    except RecursionError:
        abort(400, "The body is nested too deeply.")
    if odd:
        abort(422, "A text of the body holds a NUL, or a sign that is no Unicode.")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in (*value, *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _known(view: Any) -> set[str]:
    """The names that a view's query may have."""
    schemas = [schema for schema, location in view._spec.get("args", []) if location == "query"]
    return {field.data_key or name for schema in schemas for name, field in _fields(schema).items()}


def _fields(schema: Any) -> dict[str, Any]:
    found: dict[str, Any] = getattr(schema, "fields", None) or schema._declared_fields
    return found
