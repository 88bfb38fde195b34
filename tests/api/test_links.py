"""Signing in by a link: once, within minutes, as the token that it stands for."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from psycopg2.extras import RealDictCursor
from werkzeug.test import TestResponse

from cli_tool import linking
from sinks import database, links
from sinks.tokens import Role
from streaming.settings import Settings
from tests.api.conftest import new_token
from tests.api.test_sessions import SESSION, rows, who

LINK = f"{SESSION}/link"


def new_link(dsn: str, name: str, role: Role = "viewer", life: timedelta = links.LIFE) -> str:
    """The secret of a link that signs in as a new token."""
    new_token(dsn, name, role)
    secret = link_as(dsn, name, life)
    assert secret
    return secret


def link_as(dsn: str, name: str, life: timedelta = links.LIFE) -> str | None:
    connection = database.connect(dsn)
    with database.transaction(connection), connection.cursor(cursor_factory=RealDictCursor) as cursor:
        secret = links.create(cursor, name, life)
    connection.close()
    return secret


def follow(client: FlaskClient, secret: str, **headers: str) -> TestResponse:
    return client.post(LINK, json={"secret": secret}, headers=headers)


@pytest.fixture(autouse=True)
def _no_tries(dsn: str) -> None:
    database.execute_alone(dsn, "TRUNCATE tradewind.sign_in_tries")


def test_a_link_signs_in_once_as_its_token(app: APIFlask, dsn: str) -> None:
    client, secret = app.test_client(), new_link(dsn, "visitor", "operator")
    assert follow(client, secret).json == {"name": "visitor", "role": "operator", "command": ["tradewind"]}
    assert who(client) == "visitor"


def test_used_twice_it_is_refused_and_says_so(app: APIFlask, dsn: str) -> None:
    secret = new_link(dsn, "twice")
    follow(app.test_client(), secret)
    other = app.test_client()
    answer = follow(other, secret)
    assert (answer.status_code, who(other)) == (410, None)
    assert answer.json and "used already" in answer.json["detail"] and "tradewind token link" in answer.json["cure"]


def test_of_many_who_use_it_at_once_one_is_signed_in(app: APIFlask, dsn: str) -> None:
    secret, codes = new_link(dsn, "crowded"), list[int]()
    crowd = [
        threading.Thread(target=lambda: codes.append(follow(app.test_client(), secret).status_code)) for _ in range(6)
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(60)
    assert sorted(codes) == [200] + [410] * 5


def test_its_time_ends(app: APIFlask, dsn: str) -> None:
    answer = follow(app.test_client(), new_link(dsn, "late", life=timedelta(0)))
    assert (answer.status_code, answer.json and answer.json["detail"]) == (410, "This link's time is over.")


def test_it_ends_with_its_token(app: APIFlask, dsn: str) -> None:
    secret = new_link(dsn, "revoked")
    database.execute_alone(dsn, "UPDATE tradewind.tokens SET revoked_at = now() WHERE name = 'revoked'")
    assert follow(app.test_client(), secret).status_code == 410
    assert link_as(dsn, "revoked") is None


def test_a_wrong_one_is_told_from_a_used_one_and_counts_as_a_failure(app: APIFlask, dsn: str) -> None:
    assert follow(app.test_client(), "x" * 22).status_code == 401
    assert rows(dsn, "SELECT count(*) FROM tradewind.sign_in_tries") == [(1,)]


def test_another_sites_page_cannot_sign_somebody_in(app: APIFlask, dsn: str) -> None:
    secret = new_link(dsn, "lured")
    assert follow(app.test_client(), secret, Origin="https://evil.example").status_code == 403
    assert follow(app.test_client(), secret).status_code == 200  # it was not used up


def test_the_database_knows_no_secret(dsn: str) -> None:
    secret = new_link(dsn, "kept")
    kept = rows(dsn, "SELECT digest FROM tradewind.links")
    assert all(len(bytes(digest)) == 32 and secret.encode() not in bytes(digest) for (digest,) in kept)


def test_the_audit_tells_who_came_by_a_link(app: APIFlask, dsn: str) -> None:
    follow(app.test_client(), new_link(dsn, "audited"))
    assert rows(dsn, "SELECT action, target FROM tradewind.audit WHERE who = 'audited'") == [
        ("sign in", {"by": "link"})
    ]


def test_a_day_after_their_time_links_are_forgotten(dsn: str) -> None:
    new_link(dsn, "old", life=timedelta(days=-2))
    new_link(dsn, "new")
    assert rows(dsn, "SELECT count(*) FROM tradewind.links WHERE expires_at < now() - interval '1 day'") == [(0,)]


@pytest.mark.parametrize(
    ("api", "address"),
    [
        ({"port": 8500}, "http://127.0.0.1:8500"),
        ({"host": "::1"}, "http://[::1]:8420"),
        ({"host": "0.0.0.0", "private": True}, "http://127.0.0.1:8420"),
        ({"host": "0.0.0.0", "tls": True, "hosts": ["desk.example.com"]}, "https://desk.example.com"),
    ],
    ids=["here", "here by IPv6", "in a container", "behind a proxy"],
)
def test_it_leads_to_where_a_browser_finds_the_page(api: dict[str, object], address: str) -> None:
    assert linking.base(Settings.model_validate({"api": api})) == address
