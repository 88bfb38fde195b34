"""What answers carry, and which pages and names may ask."""

from collections.abc import Callable

import pytest
from flask import Response
from flask.testing import FlaskClient

from api.access.headers import DATA_POLICY, page_policy
from api.access.roles import open_to_all
from sinks.tokens import Role
from streaming.settings import Settings
from tests.api.test_sessions import AppWith

DESK = "https://desk.example.com"
EVIL = "https://evil.example"


@pytest.mark.parametrize(
    "path",
    [
        "/healthz",
        "/readyz",
        "/api/v1/summary",
        "/api/v1/feeds/none",
        "/nowhere.js",
        "/hooks/aws-sns",
        "/socket.io/?transport=polling",
    ],
)
def test_every_answer_is_locked_down(viewer: FlaskClient, path: str) -> None:
    headers = viewer.get(path).headers
    assert headers["Content-Security-Policy"] == DATA_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_refusals_are_locked_down_too(anonymous: FlaskClient) -> None:
    assert anonymous.get("/api/v1/summary").headers["Content-Security-Policy"] == DATA_POLICY
    assert anonymous.post("/healthz").headers["Content-Security-Policy"] == DATA_POLICY


def test_the_dashboards_page_is_locked_down_as_a_page(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/")
    assert answer.mimetype == "text/html"
    assert answer.headers["Content-Security-Policy"] == page_policy()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_behind_tls_browsers_are_told_to_keep_to_it(app_with: AppWith) -> None:
    told = app_with(tls=True).test_client().get("/healthz").headers["Strict-Transport-Security"]
    assert told == "max-age=31536000"


def test_a_page_may_use_its_own_origin_and_nothing_inline(app_with: AppWith) -> None:
    app = app_with()
    app.add_url_rule("/page", view_func=open_to_all(lambda: Response("<p>", mimetype="text/html")))
    app.add_url_rule("/own", view_func=open_to_all(_with_nonce), endpoint="own")
    client = app.test_client()
    policy = client.get("/page").headers["Content-Security-Policy"]
    assert policy == page_policy()
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "connect-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "style-src 'self' 'nonce-abc';" in client.get("/own").headers["Content-Security-Policy"]


def _with_nonce() -> Response:
    answer = Response("<p>", mimetype="text/html")
    answer.headers["Content-Security-Policy"] = page_policy("abc")
    return answer


def test_no_other_origin_may_read_anything_by_default(viewer: FlaskClient) -> None:
    answer = viewer.get("/api/v1/summary", headers={"Origin": DESK})
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    asked = {"Origin": DESK, "Access-Control-Request-Method": "POST"}
    preflight = viewer.options("/api/v1/session", headers=asked)
    assert not [name for name, _ in preflight.headers if name.startswith("Access-Control")]


def test_an_origin_that_is_named_may_and_no_other(app_with: AppWith) -> None:
    client = app_with(cors=[DESK]).test_client()
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    preflight = client.options("/api/v1/session", headers={"Origin": DESK, **asked})
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == DESK
    assert preflight.headers["Access-Control-Allow-Credentials"] == "true"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    assert preflight.headers["Vary"] == "Origin"
    for other in (EVIL, "https://desk.example.com.evil.example", "http://desk.example.com", f"{DESK}:8443", "null"):
        refused = client.options("/api/v1/session", headers={"Origin": other, **asked})
        assert not [name for name, _ in refused.headers if name.startswith("Access-Control")]
        assert refused.headers["Vary"] == "Origin"


def test_refusals_can_be_read_by_a_page_that_is_named(app_with: AppWith) -> None:
    answer = app_with(cors=[DESK]).test_client().get("/api/v1/summary", headers={"Origin": DESK})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (401, DESK)


def test_a_page_that_is_named_may_use_its_session(app_with: AppWith, token_of: Callable[[Role], str]) -> None:
    client = app_with(cors=[DESK]).test_client()
    page = {"Origin": DESK, "Sec-Fetch-Site": "same-site"}
    assert client.post("/api/v1/session", json={"token": token_of("viewer")}, headers=page).status_code == 200
    assert client.delete("/api/v1/session", headers={**page, "Origin": EVIL}).status_code == 403
    assert client.delete("/api/v1/session", headers=page).status_code == 204


@pytest.mark.parametrize(
    "origin", ["*", "null", "desk.example.com", f"{DESK}/", f"{DESK}/x", "HTTPS://DESK", "ftp://a"]
)
def test_what_is_no_origin_is_refused_in_the_settings(origin: str) -> None:
    with pytest.raises(ValueError, match="an origin is"):
        Settings.model_validate({"api": {"cors": [origin]}})


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", 200), ("localhost:8420", 200), ("127.0.0.1:8420", 200), ("[::1]:8420", 200),
        ("evil.example", 421), ("evil.example:8420", 421), ("127.0.0.1.evil.example", 421), ("192.0.2.1", 421),
    ],
)  # fmt: skip
def test_a_foreign_name_that_leads_here_gets_no_answer(viewer: FlaskClient, host: str, expected: int) -> None:
    answer = viewer.get("/api/v1/summary", headers={"Host": host})
    assert answer.status_code == expected
    assert viewer.get("/healthz", headers={"Host": host}).status_code == 200  # probes ask by any address


def test_names_may_be_declared(app_with: AppWith) -> None:
    client = app_with(tls=True, hosts=["desk.example.com"]).test_client()
    assert client.get("/api/v1/summary", headers={"Host": "desk.example.com"}).status_code == 401
    assert client.get("/api/v1/summary", headers={"Host": "evil.example"}).status_code == 421
    behind = app_with(tls=True).test_client()
    assert behind.get("/api/v1/summary", headers={"Host": "any.example"}).status_code == 401


def test_a_proxy_that_asks_by_another_name_needs_the_pages_name_declared(
    app_with: AppWith, token_of: Callable[[Role], str]
) -> None:
    client = app_with(tls=True, hosts=["desk.example.com"]).test_client()
    client.post("/api/v1/session", json={"token": token_of("viewer")}, base_url="https://localhost")
    for other in (f"{DESK}:8443", "http://desk.example.com"):
        refused = client.delete("/api/v1/session", headers={"Origin": other}, base_url="https://localhost")
        assert refused.status_code == 403
    gone = client.delete("/api/v1/session", headers={"Origin": DESK}, base_url="https://localhost")
    assert gone.status_code == 204


@pytest.mark.parametrize("host", ["desk.example.com:443", "https://desk.example.com", "Desk", "*", ""])
def test_what_is_no_name_is_refused_in_the_settings(host: str) -> None:
    with pytest.raises(ValueError, match="a host is"):
        Settings.model_validate({"api": {"hosts": [host]}})
