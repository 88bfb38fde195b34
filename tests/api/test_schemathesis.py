"""Every operation holds to its own document under made-up requests, good and bad; no check is left out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from apiflask import APIFlask
from hypothesis import HealthCheck, settings
from schemathesis import Case

from api.app import create_app
from sinks.tokens import Role
from streaming.settings import Settings
from tests.api.ledger import feed, files, rejects, trades


@pytest.fixture(scope="module")
def app(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    """An app with a feed; actions start processes that do nothing."""
    told = {
        "database": {"url": dsn},
        "state": {"dir": str(tmp_path_factory.mktemp("state"))},
        "feeds": {"shown": {"source": str(tmp_path_factory.mktemp("in")), "profile": "tardis-trades"}},
    }
    made = create_app(Settings.model_validate(told), dsn, [sys.executable, "-c", ""])
    yield made
    made.extensions["tradewind"].pool.close()


@pytest.fixture(scope="module")
def headers(token_of: Callable[[Role], str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_of('operator')}"}


@pytest.fixture(scope="module")
def api_schema(app: APIFlask, dsn: str, headers: dict[str, str]) -> Any:
    """The document of an app over a ledger with a few rows."""
    dataset = feed(dsn, "shown")
    ids = files(dsn, "shown", 30, "loaded")
    files(dsn, "shown", 2, "quarantined", "file:///bad")
    rejects(dsn, ids[0], ["=1", "b"])
    trades(dsn, dataset, ids[0], 30)
    return schemathesis.openapi.from_wsgi("/api/openapi.json", app, headers=headers)


@pytest.fixture(autouse=True)
def _node(request: pytest.FixtureRequest) -> None:
    request.node._nodeid = request.node.nodeid  # schemathesis reads it, and this pytest has it no more


schema = schemathesis.pytest.from_fixture("api_schema")
QUICK = settings(
    max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


@schema.parametrize()
@QUICK
def test_every_operation_keeps_to_its_document(case: Case[Any], headers: dict[str, str]) -> None:
    case.call_and_validate(headers=headers)


@pytest.mark.slow
@schema.parametrize()
@settings(QUICK, max_examples=150)
def test_every_operation_keeps_to_its_document_for_long(case: Case[Any], headers: dict[str, str]) -> None:
    case.call_and_validate(headers=headers)
