"""What the dashboard reads is what the API's document promises: each field is there, of that type, or null."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from api.app import create_app
from streaming.settings import Settings
from tests.browser.wire import schemas

#: Where each answer that is read whole comes from. What is a part of another is read with it.
ANSWERS = {
    "days.Days": ("get", "/api/v1/completeness"),
    "feed-facts.InForce": ("get", "/api/v1/feeds/{feed}/settings"),
    "feed-facts.Reasons": ("get", "/api/v1/feeds/{feed}/rejects/reasons"),
    "feeds.Feeds": ("get", "/api/v1/feeds"),
    "feeds.Known": ("get", "/api/v1/feeds"),
    "files.Files": ("get", "/api/v1/files"),
    "files.OneFile": ("get", "/api/v1/files/{file_id}"),
    "history.Completeness": ("get", "/api/v1/completeness"),
    "history.FreshnessOfAll": ("get", "/api/v1/freshness"),
    "history.History": ("get", "/api/v1/feeds/{feed}/history"),
    "runs.Accepted": ("post", "/api/v1/feeds/{feed}/sweep"),
    "runs.OneRun": ("get", "/api/v1/runs/{run_id}"),
    "runs.RunBatches": ("get", "/api/v1/batches"),
    "runs.Runs": ("get", "/api/v1/runs"),
    "session.Somebody": ("get", "/api/v1/session"),
    "session.Who": ("post", "/api/v1/session"),
    "sweeps.Discoveries": ("get", "/api/v1/feeds"),
    "sweeps.Sweeps": ("get", "/api/v1/reconciliations"),
    "trades.History": ("get", "/api/v1/trades/history"),
    "trades.Trades": ("get", "/api/v1/trades"),
}
#: Of the live view, whose messages no OpenAPI document tells, but for the rows in them.
LIVE = {"live.Snapshot", "live.Changed", "live.Beat", "live.Batch", "live.Refusal"}
ROW = ("get", "/api/v1/summary")


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return schemas(tmp_path_factory.mktemp("wire"))


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The API's own, which needs no database."""
    told = {
        "database": {"url": "postgresql://nowhere.invalid/none"},
        "state": {"dir": str(tmp_path_factory.mktemp("s"))},
    }
    app = create_app(Settings.model_validate(told))
    with app.test_request_context():
        yield app.spec
    app.extensions["tradewind"].pool.close()


def test_every_answer_that_is_read_is_held_against_the_document(read: dict[str, Any]) -> None:
    parts = {id_ for whole in read.values() for id_ in _parts(whole)}
    unknown = {name for name, one in read.items() if name not in ANSWERS.keys() | LIVE and _shape(one) not in parts}
    assert {name for name in unknown if "properties" in read[name]} == {"feeds.Feed"} & unknown
    assert ANSWERS.keys() <= read.keys()


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_has_the_fields_that_are_read(read: dict[str, Any], document: dict[str, Any], name: str) -> None:
    assert list(faults(read[name], answer(document, *ANSWERS[name]), document, name)) == []


def test_a_row_of_the_live_view_is_one_of_the_summary(read: dict[str, Any], document: dict[str, Any]) -> None:
    rows = {"properties": {"feeds": {"items": read["feeds.Feed"]}}}
    assert list(faults(rows, answer(document, *ROW), document, "feeds.Feed")) == []


def answer(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    told = document["paths"][path][method]["responses"]
    good = next(told[code] for code in ("200", "202") if code in told)
    schema: dict[str, Any] = good["content"]["application/json"]["schema"]
    return schema


def faults(read: dict[str, Any], promised: dict[str, Any], document: dict[str, Any], place: str) -> Iterator[str]:
    """Where what is read is not what is promised."""
    promised, null = resolved(promised, document)
    if null and not read.get("nullable"):
        yield f"{place} may be null"
    if "properties" in read:
        for name, one in read["properties"].items():
            if name not in promised.get("properties", {}):
                yield f"{place}.{name} is not promised"
                continue
            if name not in promised.get("required", []) and not one.get("optional"):
                yield f"{place}.{name} may be missing"
            yield from faults(one, promised["properties"][name], document, f"{place}.{name}")
    elif "items" in read:
        yield from faults(read["items"], promised.get("items", {}), document, f"{place}[]")
    else:
        yield from _unlike(read, promised, place)


def _unlike(read: dict[str, Any], promised: dict[str, Any], place: str) -> Iterator[str]:
    types = {"integer": "number", "object": "record"}
    is_ = promised.get("type")
    is_ = next(one for one in is_ if one != "null") if isinstance(is_, list) else is_
    if read["type"] not in ("unknown", "any") and promised and types.get(str(is_), is_) != read["type"]:
        yield f"{place} is read as {read['type']}, and promised as {is_}"
    if "enum" in read and not {one for one in promised.get("enum", ["?"]) if one is not None} <= set(read["enum"]):
        yield f"{place} is read as one of {read['enum']}, and promised as one of {promised.get('enum')}"


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """A schema itself, and whether it may be null."""
    ways = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if ways:
        found, null = resolved(next(way for way in ways if way.get("type") != "null"), document)
        return found, null or {"type": "null"} in ways or bool(schema.get("nullable"))
    if "$ref" in schema:
        return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], bool(schema.get("nullable"))
    kind = schema.get("type")
    return schema, bool(schema.get("nullable")) or (isinstance(kind, list) and "null" in kind)


def _parts(whole: dict[str, Any]) -> Iterator[str]:
    """The shapes that a schema is made of."""
    for one in [*whole.get("properties", {}).values(), *([whole["items"]] if "items" in whole else [])]:
        yield _shape(one)
        yield from _parts(one)


def _shape(one: dict[str, Any]) -> str:
    return repr(sorted((key, repr(value)) for key, value in one.items() if key not in ("nullable", "optional")))
