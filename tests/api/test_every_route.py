"""Every address of the API, whoever asks: what is declared is what is held to, and nothing is open by accident."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from api.access.asker import SAFE
from api.access.roles import OPEN, role_of
from sinks import database
from sinks.tokens import PREFIX, Role
from tests.api.conftest import new_token

#: Whoever opens an address to everybody says so here too.
OPEN_TO_ALL = {
    "GET /api/docs.css",
    "GET /healthz",
    "GET /readyz",
    "GET /api/v1/session",
    "OPTIONS /hooks/azure-event-grid",
    "POST /api/v1/session",
    "POST /api/v1/session/link",
    "POST /hooks/aws-sns",
    "POST /hooks/azure-event-grid",
    "POST /hooks/gcs-pubsub",
}
#: What changes something and yet asks for no operator: a viewer's own session.
BY_VIEWERS = {"DELETE /api/v1/session"}
#: What only reads and yet asks for one.
FOR_OPERATORS = {"GET /api/v1/audit"}

NOT_KNOWN, NOT_ALLOWED = 401, 403


class Address(NamedTuple):
    """One method of one route, with something in the place of its variables."""

    method: str
    route: str
    path: str
    role: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.route}"


def addresses(app: APIFlask) -> Iterator[Address]:
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods or set()):
            # What Flask answers by itself, it answers from the same view; a HEAD is a GET without its body.
            if method == "OPTIONS" and getattr(rule, "provide_automatic_options", False):
                continue
            if method != "HEAD":
                yield Address(method, rule.rule, _path(rule), role_of(app, rule.endpoint))


def _path(rule: Rule) -> str:
    values = {name: 1 if type(of).__name__ == "IntegerConverter" else "x" for name, of in rule._converters.items()}
    built = rule.build(values)
    assert built is not None
    return built[1]


@pytest.fixture(scope="module")
def everything(app: APIFlask) -> list[Address]:
    found = list(addresses(app))
    assert len(found) > 8
    return found


def with_token(app: APIFlask, token: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def with_session(app: APIFlask, token: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    assert client.post("/api/v1/session", json={"token": token}).status_code == 200
    return client


def test_what_is_open_to_all_is_open_on_purpose(everything: list[Address]) -> None:
    assert {one.name for one in everything if one.role == OPEN} == OPEN_TO_ALL


def test_what_changes_something_asks_for_an_operator(everything: list[Address]) -> None:
    unsafe = {one.name for one in everything if one.method not in SAFE} - OPEN_TO_ALL - BY_VIEWERS
    assert unsafe <= {one.name for one in everything if one.role == "operator"}
    reading = {one.name for one in everything if one.method in SAFE and one.role == "operator"}
    assert reading == FOR_OPERATORS


@pytest.mark.parametrize("who", ["nobody", "a stranger", "expired", "revoked"])
def test_who_is_not_known_gets_no_answer(app: APIFlask, dsn: str, everything: list[Address], who: str) -> None:
    client = _unknown(app, dsn, who)
    answers = {one.name: client.open(one.path, method=one.method).status_code for one in everything}
    closed = {one.name: NOT_KNOWN for one in everything if one.role != OPEN}
    assert {name: answers[name] for name in closed} == closed


def test_a_browser_whose_session_is_over_is_not_known(app: APIFlask, dsn: str, everything: list[Address]) -> None:
    client = _unknown(app, dsn, "a session that is over")
    for one in everything:
        assert one.role == OPEN or client.open(one.path, method=one.method).status_code == NOT_KNOWN, one.name


@pytest.mark.parametrize("by", ["token", "session"])
@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_a_role_opens_what_it_is_declared_for_and_nothing_else(
    app: APIFlask, token_of: Callable[[Role], str], everything: list[Address], role: Role, by: str
) -> None:
    known = with_token if by == "token" else with_session
    for one in everything:
        if one.role == OPEN:
            continue
        # A new client for each: signing out is among them.
        code = known(app, token_of(role)).open(one.path, method=one.method).status_code
        allowed = role == "operator" or one.role == "viewer"
        assert (code not in (NOT_KNOWN, NOT_ALLOWED)) if allowed else (code == NOT_ALLOWED), (one.name, code)


def test_a_session_from_another_sites_page_changes_nothing(
    app: APIFlask, token_of: Callable[[Role], str], everything: list[Address]
) -> None:
    client = with_session(app, token_of("operator"))
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-site"  # with which a Strict cookie still comes
    for one in everything:
        if one.role != OPEN and one.method not in SAFE:
            assert client.open(one.path, method=one.method).status_code == NOT_ALLOWED, one.name


def test_what_is_nowhere_is_not_told_to_strangers(anonymous: FlaskClient, viewer: FlaskClient) -> None:
    assert anonymous.get("/api/v1/nowhere").status_code == NOT_KNOWN
    assert viewer.get("/api/v1/nowhere").status_code == 404


def _unknown(app: APIFlask, dsn: str, who: str) -> FlaskClient:
    match who:
        case "a stranger":
            return with_token(app, PREFIX + "x" * 43)
        case "expired":
            return with_token(app, _token(dsn, who, datetime.now(UTC) - timedelta(seconds=1)))
        case "revoked":
            token = _token(dsn, who, None)
            database.execute_alone(dsn, "UPDATE tradewind.tokens SET revoked_at = now() WHERE name LIKE 'revoked%'")
            return with_token(app, token)
        case "a session that is over":
            client = with_session(app, _token(dsn, who, None))
            database.execute_alone(dsn, "UPDATE tradewind.sessions SET expires_at = now()")
            return client
    return app.test_client()


_number = iter(range(1000))


def _token(dsn: str, name: str, until: datetime | None) -> str:
    return new_token(dsn, f"{name} {next(_number)}", "operator", until)
