"""Signing in by a browser: a cookie that stands for a token, for our own pages alone, and not to be guessed at."""

import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.access.roles import authenticated
from sinks import database
from sinks.sign_ins import LIMITS
from sinks.tokens import PREFIX, Role
from streaming.settings import Settings
from tests.api.conftest import new_token

SESSION = "/api/v1/session"
OURS = {"Sec-Fetch-Site": "same-origin"}
WRONG = PREFIX + "x" * 43
AppWith = Callable[..., APIFlask]


def sign_in(client: FlaskClient, token: str, **headers: str) -> TestResponse:
    return client.post(SESSION, json={"token": token}, headers=headers)


def who(client: FlaskClient) -> str | None:
    answer = client.get(SESSION)
    assert answer.status_code == 200 and answer.json
    return answer.json["name"]  # type: ignore[no-any-return]


def from_address(app: APIFlask, address: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return client


@pytest.fixture
def signed_in(app: APIFlask, token_of: Callable[[Role], str]) -> FlaskClient:
    client = app.test_client()
    assert sign_in(client, token_of("operator")).status_code == 200
    return client


@pytest.fixture
def no_tries(dsn: str) -> Iterator[None]:
    database.execute_alone(dsn, "TRUNCATE tradewind.sign_in_tries")
    yield
    database.execute_alone(dsn, "TRUNCATE tradewind.sign_in_tries")


def rows(dsn: str, statement: str) -> list[Any]:
    connection = database.connect(dsn)
    with database.transaction(connection) as cursor:
        cursor.execute(statement)
        found = list(cursor.fetchall())
    connection.close()
    return found


def test_a_token_becomes_a_cookie_that_says_who_asks(app: APIFlask, token_of: Callable[[Role], str]) -> None:
    client = app.test_client()
    answer = sign_in(client, token_of("viewer"))
    assert answer.json == {"name": "the viewer", "role": "viewer", "command": ["tradewind"]}
    assert client.get(SESSION).json == answer.json
    assert client.get("/api/v1/summary").status_code == 200


def test_no_script_and_no_other_site_has_the_cookie(app: APIFlask, token_of: Callable[[Role], str]) -> None:
    cookie = sign_in(app.test_client(), token_of("viewer")).headers["Set-Cookie"]
    assert cookie.startswith("tradewind_session=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie  # this client came by http
    assert 43_000 < int(re.findall(r"Max-Age=(\d+)", cookie)[0]) <= 43_200


@pytest.mark.parametrize("by", ["https", "a declared proxy"])
def test_over_tls_the_cookie_is_for_tls_and_this_host_alone(
    app: APIFlask, app_with: AppWith, token_of: Callable[[Role], str], by: str
) -> None:
    client = app_with(tls=True).test_client() if by == "a declared proxy" else app.test_client()
    base = None if by == "a declared proxy" else "https://localhost"
    cookie = client.post(SESSION, json={"token": token_of("viewer")}, base_url=base).headers["Set-Cookie"]
    assert cookie.startswith("__Host-tradewind_session=")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_the_database_knows_no_secret(signed_in: FlaskClient, dsn: str) -> None:
    cookie = signed_in.get_cookie("tradewind_session")
    assert cookie is not None
    kept = rows(dsn, "SELECT digest FROM tradewind.sessions")
    assert all(len(bytes(digest)) == 32 and cookie.value.encode() not in bytes(digest) for (digest,) in kept)


def test_signing_out_ends_the_session_and_not_only_the_cookie(signed_in: FlaskClient) -> None:
    kept = signed_in.get_cookie("tradewind_session")
    assert kept is not None
    answer = signed_in.delete(SESSION, headers=OURS)
    assert (answer.status_code, signed_in.get_cookie("tradewind_session")) == (204, None)
    signed_in.set_cookie("tradewind_session", kept.value)
    assert who(signed_in) is None


@pytest.mark.parametrize("what", ["revoked_at = now()", "expires_at = now() - interval '1 s'"])
def test_a_token_that_ends_takes_its_sessions_along(app: APIFlask, dsn: str, what: str) -> None:
    name = f"ends by {what[:7]}"
    client = app.test_client()
    sign_in(client, new_token(dsn, name, "viewer"))
    assert client.get(SESSION).status_code == 200
    database.execute_alone(dsn, f"UPDATE tradewind.tokens SET {what} WHERE name = '{name}'")
    assert who(client) is None


def test_a_session_ends_by_itself(app: APIFlask, dsn: str) -> None:
    client = app.test_client()
    sign_in(client, new_token(dsn, "ends by itself", "viewer"))
    ended = "UPDATE tradewind.sessions s SET expires_at = now() FROM tradewind.tokens t"
    database.execute_alone(dsn, f"{ended} WHERE t.token_id = s.token_id AND t.name = 'ends by itself'")
    assert who(client) is None


def test_a_session_is_no_longer_than_its_token(app: APIFlask, dsn: str) -> None:
    until = datetime.now(UTC) + timedelta(minutes=5)
    sign_in(app.test_client(), new_token(dsn, "a short one", "viewer", until))
    ends = "SELECT s.expires_at FROM tradewind.sessions s JOIN tradewind.tokens t USING (token_id)"
    assert rows(dsn, f"{ends} WHERE t.name = 'a short one'") == [(until,)]


def test_sessions_that_are_over_do_not_pile_up(app: APIFlask, dsn: str, token_of: Callable[[Role], str]) -> None:
    client = app.test_client()
    sign_in(client, new_token(dsn, "to be pruned", "viewer"))
    database.execute_alone(dsn, "UPDATE tradewind.tokens SET revoked_at = now() WHERE name = 'to be pruned'")
    sign_in(app.test_client(), token_of("viewer"))
    left = "SELECT count(*) FROM tradewind.sessions JOIN tradewind.tokens USING (token_id) WHERE revoked_at IS NOT NULL"
    assert rows(dsn, left) == [(0,)]


def test_who_is_not_signed_in_may_ask_who_they_are(anonymous: FlaskClient) -> None:
    assert anonymous.get(SESSION).json == {"name": None, "role": None, "command": None}


def test_a_wrong_token_beside_a_good_cookie_is_wrong(signed_in: FlaskClient) -> None:
    assert signed_in.get(SESSION, headers={"Authorization": f"Bearer {WRONG}"}).status_code == 401


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Origin": "http://localhost"}, 204),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 204),
        ({}, 403),  # no browser sends nothing, and a program has a token
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://localhost:8080"}, 403),
        ({"Origin": "https://localhost"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://["}, 403),
        ({"Origin": "http://localhost:99999"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
    ],
    ids=lambda value: ",".join(value.values()) or "nothing" if isinstance(value, dict) else str(value),
)
def test_a_cookie_changes_something_only_from_our_own_pages(
    signed_in: FlaskClient, headers: dict[str, str], expected: int
) -> None:
    answer = signed_in.delete(SESSION, headers=headers)
    assert answer.status_code == expected
    assert who(signed_in) == (None if expected == 204 else "the operator")


def test_a_token_needs_no_page(operator: FlaskClient) -> None:
    assert operator.delete(SESSION).status_code == 204


def test_another_sites_page_cannot_sign_somebody_in(app: APIFlask, token_of: Callable[[Role], str]) -> None:
    answer = sign_in(app.test_client(), token_of("viewer"), Origin="https://evil.example")
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)


def test_a_form_cannot_sign_in_for_forms_come_from_anywhere(anonymous: FlaskClient) -> None:
    answer = anonymous.post(SESSION, data={"token": WRONG})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("headers", "expected"),
    [({"Origin": "http://localhost"}, "the operator"), ({"Origin": "https://evil.example"}, None), ({}, None)],
    ids=["ours", "another", "none"],
)
def test_a_sockets_handshake_with_a_cookie_has_to_come_from_our_own_page(
    app: APIFlask, signed_in: FlaskClient, headers: dict[str, str], expected: str | None
) -> None:
    cookie = signed_in.get_cookie("tradewind_session")
    assert cookie is not None
    sent = {"Upgrade": "websocket", "Connection": "Upgrade", "Cookie": f"tradewind_session={cookie.value}", **headers}
    with app.test_request_context("/socket.io/?transport=websocket", headers=sent):
        who = authenticated()
    assert (who.name if who else None) == expected


def test_a_sockets_handshake_may_bring_a_token(app: APIFlask, token_of: Callable[[Role], str]) -> None:
    sent = {"Upgrade": "websocket", "Authorization": f"Bearer {token_of('viewer')}"}
    with app.test_request_context("/socket.io/?transport=websocket", headers=sent):
        who = authenticated()
    assert who is not None
    assert who.role == "viewer"


@pytest.mark.usefixtures("no_tries")
def test_an_address_that_fails_too_often_has_to_wait(app: APIFlask, token_of: Callable[[Role], str]) -> None:
    client = from_address(app, "192.0.2.1")
    failed = [sign_in(client, WRONG).status_code for _ in range(LIMITS.of_address)]
    assert set(failed) == {401}
    refused = sign_in(client, token_of("viewer"))
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= LIMITS.within.total_seconds()
    assert sign_in(from_address(app, "192.0.2.2"), token_of("viewer")).status_code == 200


@pytest.mark.usefixtures("no_tries")
def test_waiting_helps_and_a_success_counts_for_nothing(
    app: APIFlask, dsn: str, token_of: Callable[[Role], str]
) -> None:
    client = from_address(app, "192.0.2.3")
    for _ in range(LIMITS.of_address):
        sign_in(client, WRONG)
    past = f"UPDATE tradewind.sign_in_tries SET tried_at = now() - interval '{LIMITS.within.total_seconds()} s'"
    database.execute_alone(dsn, past)
    answers = [sign_in(client, token_of("viewer")).status_code for _ in range(LIMITS.of_address + 1)]
    assert set(answers) == {200}
    assert rows(dsn, "SELECT count(*) FROM tradewind.sign_in_tries") == [(0,)]  # old ones are gone


@pytest.mark.usefixtures("no_tries")
def test_many_addresses_together_have_a_limit_too(app: APIFlask, dsn: str, token_of: Callable[[Role], str]) -> None:
    many = f"INSERT INTO tradewind.sign_in_tries SELECT '198.51.100.' || n FROM generate_series(1, {LIMITS.of_all}) n"
    database.execute_alone(dsn, many)
    assert sign_in(from_address(app, "192.0.2.4"), token_of("viewer")).status_code == 429


@pytest.mark.usefixtures("no_tries")
def test_tries_at_the_same_moment_are_counted_one_by_one(app: APIFlask) -> None:
    answers: list[int] = []

    def fail() -> None:
        answers.append(sign_in(from_address(app, "192.0.2.5"), WRONG).status_code)

    threads = [threading.Thread(target=fail) for _ in range(LIMITS.of_address + 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [401] * LIMITS.of_address + [429] * 8


@pytest.mark.usefixtures("no_tries")
@pytest.mark.parametrize(
    ("tls", "forwarded", "counted"),
    [
        (False, "203.0.113.9", "192.0.2.6"),  # no proxy is declared: anybody may have written this
        (True, "203.0.113.9", "203.0.113.9"),
        (True, "10.9.9.9, 203.0.113.9", "203.0.113.9"),  # only the last is the proxy's own
        (True, "203.0.113.9, nonsense", "192.0.2.6"),
        (True, "", "192.0.2.6"),
    ],
    ids=["no proxy", "proxy", "longer", "nonsense", "nothing"],
)
def test_the_address_is_the_askers_own(app_with: AppWith, dsn: str, tls: bool, forwarded: str, counted: str) -> None:
    client = from_address(app_with(tls=tls), "192.0.2.6")
    sign_in(client, WRONG, **{"X-Forwarded-For": forwarded})
    assert rows(dsn, "SELECT address FROM tradewind.sign_in_tries") == [(counted,)]


def test_what_cannot_be_a_token_is_no_try(anonymous: FlaskClient) -> None:
    for body in ({}, {"token": ""}, {"token": "x" * 201}, {"token": 7}, {"token": WRONG, "more": 1}):
        assert anonymous.post(SESSION, json=body).status_code == 422


def test_sessions_last_as_long_as_the_settings_say(
    settings: Settings, app_with: AppWith, token_of: Callable[[Role], str]
) -> None:
    cookie = sign_in(app_with(session="10min").test_client(), token_of("viewer")).headers["Set-Cookie"]
    assert 590 < int(re.findall(r"Max-Age=(\d+)", cookie)[0]) <= 600
