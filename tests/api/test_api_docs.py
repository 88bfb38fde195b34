"""docs/api.md names every address and no other, and its examples have the fields that are answered."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask

from api.document import operations

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
SECTIONS = {
    (method.lower(), path): text
    for method, path, text in re.findall(r"^### ([A-Z]+) (/\S+)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
}


@pytest.fixture(scope="module")
def spec(app: APIFlask) -> Any:
    with app.test_request_context():
        made: Any = app.spec
    return made


def test_every_address_is_documented_and_no_other(spec: dict[str, Any]) -> None:
    assert set(SECTIONS) == {(method, path) for method, path, _ in operations(spec)}


def test_every_example_has_the_fields_that_are_answered(spec: dict[str, Any]) -> None:
    compared = 0
    for method, path, operation in operations(spec):
        answer = operation["responses"].get("200") or operation["responses"].get("202", {})
        schema = answer.get("content", {}).get("application/json", {}).get("schema")
        for example in re.findall(r"^```json\n(.*?)^```", SECTIONS[method, path], re.MULTILINE | re.DOTALL):
            if schema:
                _compare(json.loads(example), schema, spec, f"{method} {path}")
                compared += 1
    assert compared > 10


def test_the_times_of_csv_are_written_as_they_are_answered() -> None:
    compared = 0
    for (_, path), text in SECTIONS.items():
        examples = re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        for line in (line for kind, example in examples if not kind for line in example.splitlines()[1:]):
            if path.endswith(".csv"):
                assert re.search(r",\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", line), path
                compared += 1
    assert compared == 5


def test_every_section_has_a_call_that_asks_that_address() -> None:
    for (_, path), text in SECTIONS.items():
        pattern = re.sub(r"\\\{\w+\\\}", r"[^/?]+", re.escape(path))
        assert re.search(rf"```sh\n.*http://127\.0\.0\.1:8420{pattern}[\"?\s]", text, re.DOTALL), path


def _compare(value: Any, schema: dict[str, Any], spec: dict[str, Any], place: str) -> None:
    """The same fields as the schema's, level by level."""
    schema = _resolved(schema, spec)
    if isinstance(value, list):
        for one in value:
            _compare(one, schema["items"], spec, f"{place}[]")
    elif isinstance(value, dict) and "properties" in schema:
        assert set(schema.get("required", [])) <= set(value) <= set(schema["properties"]), place
        for name, inner in value.items():
            _compare(inner, schema["properties"][name], spec, f"{place}.{name}")


def _resolved(schema: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    for one in schema.get("anyOf", []):
        if "$ref" in one:
            schema = one
    if "$ref" in schema:
        found: dict[str, Any] = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema
