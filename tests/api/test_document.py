"""The OpenAPI document, its page, and Prometheus' metrics."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask, Schema
from flask.testing import FlaskClient

from api.document import operations
from api.files import File
from api.lag import Reconciliation
from api.rejects import Reject
from api.runs import Progress, Run
from sinks import database
from sinks.queries import query
from tests.api.ledger import feed, files


def test_every_operation_says_who_may_ask_and_how_it_refuses(app: APIFlask) -> None:
    with app.test_request_context():
        spec: Any = app.spec
    for method, path, operation in operations(spec):
        told = set(operation["responses"])
        assert {"404", "405", "422", "429", "503"} <= told, (method, path)
        assert "401" in told or operation["x-role"] == "open"
        assert operation["summary"]
    tags = [tag["name"] for tag in spec["tags"]]
    assert len(tags) == len(set(tags))


def test_the_document_has_every_hook_and_no_other(app: APIFlask) -> None:
    with app.test_request_context():
        spec: Any = app.spec
    told = {(method, path) for method, path, _ in operations(spec) if path.startswith("/hooks/")}
    there = {
        (method.lower(), rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith("/hooks/")
        and (method != "OPTIONS" or not getattr(rule, "provide_automatic_options", False))
    }
    assert told == there


@pytest.mark.parametrize(("tls", "name"), [(False, "tradewind_session"), (True, "__Host-tradewind_session")])
def test_the_cookie_is_named_as_it_is_set(app_with: Callable[..., APIFlask], tls: bool, name: str) -> None:
    made = app_with(tls=tls)
    with made.test_request_context():
        spec: Any = made.spec
    assert spec["components"]["securitySchemes"]["session"]["name"] == name


def test_the_page_shows_every_operation_and_needs_no_script_and_no_other_host(
    viewer: FlaskClient, app: APIFlask
) -> None:
    text = viewer.get("/api/docs").text
    with app.test_request_context():
        spec: Any = app.spec
        for _, path, _ in operations(spec):
            assert path in text
    assert not re.search(r"<script|<style| style=|onclick|https?://", text)
    links = set(re.findall(r'href="#([^"]+)"', text))
    assert links <= set(re.findall(r'id="([^"]+)"', text))


@pytest.mark.parametrize("path", ["/api/docs", "/api/openapi.json", "/metrics"])
def test_they_need_a_token(anonymous: FlaskClient, viewer: FlaskClient, path: str) -> None:
    assert anonymous.get(path).status_code == 401
    assert viewer.get(path).status_code == 200


@pytest.mark.parametrize(
    ("text", "values", "schemas"),
    [
        (query("ledger", "files"), {"feed": None, "state": None, "uri": None}, [File]),
        (query("ledger", "rejects"), {"file_id": 0}, [Reject]),
        (query("sweep", "history"), {"feeds": None, "run_id": None}, [Reconciliation]),
        (query("runs", "listed", state=query("api/runs", "state")), {}, [Run, Progress]),
    ],
    ids=["files list", "files show", "sweep --history", "runs list"],
)
def test_fields_are_named_as_the_commands_name_them(
    dsn: str, text: str, values: dict[str, Any], schemas: list[type[Schema]]
) -> None:
    connection = database.connect(dsn)
    with database.transaction(connection) as cursor:
        cursor.execute(text, values | {"limit": 0})
        columns = {column.name for column in cursor.description}
    connection.close()
    assert columns <= {name for schema in schemas for name in schema._declared_fields}


def test_the_style_is_a_static_file(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/api/docs.css")
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    assert "body {" in answer.text


def test_metrics_tell_feeds_and_requests_by_route(viewer: FlaskClient, dsn: str) -> None:
    feed(dsn, "measured")
    ids = files(dsn, "measured", 3, "loaded")
    viewer.get(f"/api/v1/files/{ids[0]}")
    text = viewer.get("/metrics").text
    assert 'tradewind_records{feed="measured",outcome="inserted"} 21.0' in text
    assert 'tradewind_files{feed="measured",state="files"} 3.0' in text
    assert re.search(
        r'tradewind_api_requests_total\{method="GET",route="/api/v1/files/<[^"]+>",status="200"\} 1.0', text
    )
    assert "tradewind_api_sockets 0.0" in text
