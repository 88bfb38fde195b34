"""Who did what, and when: by the API and by commands."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from psycopg2.extras import RealDictCursor

from cli_tool import outcome, run
from sinks import audit, database, errors
from sinks.tokens import Principal, Role

AUDIT = "/api/v1/audit"


@pytest.fixture(autouse=True)
def empty(dsn: str) -> None:
    database.execute_alone(dsn, "TRUNCATE tradewind.audit")


def write(dsn: str, *actions: str, **told: Any) -> None:
    connection = database.connect(dsn)
    with database.transaction(connection), connection.cursor(cursor_factory=RealDictCursor) as cursor:
        for action in actions:
            audit.record(cursor, Principal("somebody", "operator"), "192.0.2.1", action, told or {"feed": "f"}, 7)
    connection.close()


def read(operator: FlaskClient, path: str = AUDIT) -> dict[str, Any]:
    found: dict[str, Any] = operator.get(path).get_json()
    return found


def test_signing_in_and_out_are_in_the_audit(
    app: APIFlask, operator: FlaskClient, token_of: Callable[[Role], str]
) -> None:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    client.post("/api/v1/session", json={"token": token_of("viewer")})
    client.delete("/api/v1/session", headers={"Sec-Fetch-Site": "same-origin"})
    out, into = read(operator)["actions"]
    assert [into["action"], out["action"]] == ["sign in", "sign out"]
    assert {one["who"] for one in (into, out)} == {"the viewer"}
    assert {one["address"] for one in (into, out)} == {"192.0.2.7"}
    assert into["at"].endswith("+00:00")


def test_a_sign_in_that_fails_and_a_token_that_signs_out_do_nothing_to_be_told(operator: FlaskClient) -> None:
    operator.post("/api/v1/session", json={"token": "wrong"})
    operator.delete("/api/v1/session")
    assert read(operator)["actions"] == []


def test_an_action_and_its_row_are_one_transaction(dsn: str, operator: FlaskClient) -> None:
    connection = database.connect(dsn)
    with pytest.raises(errors.SinkError), database.transaction(connection) as cursor:
        audit.record(cursor, Principal("somebody", "operator"), None, "fails", {})
        cursor.execute("SELECT 1 / 0")
    connection.close()
    assert read(operator)["actions"] == []


def test_a_row_keeps_what_was_asked_and_the_run_that_did_it(dsn: str, operator: FlaskClient) -> None:
    write(dsn, "retry", feed="spot", uris=["a", "b"], text="with a \0 in it")
    (row,) = read(operator)["actions"]
    assert row["target"] == {"feed": "spot", "uris": ["a", "b"], "text": "with a  in it"}
    assert (row["who"], row["address"], row["run_id"]) == ("somebody", "192.0.2.1", 7)


def test_the_audit_is_read_page_by_page_from_the_newest(dsn: str, operator: FlaskClient) -> None:
    write(dsn, "first", "second", "third")
    page = read(operator, f"{AUDIT}?limit=2")
    assert [row["action"] for row in page["actions"]] == ["third", "second"]
    write(dsn, "fourth")  # what comes meanwhile moves no page
    rest = read(operator, f"{AUDIT}?limit=2&cursor={page['next']}")
    assert ([row["action"] for row in rest["actions"]], rest["next"]) == (["first"], None)


def test_the_audit_of_one_person_and_of_one_action(dsn: str, operator: FlaskClient) -> None:
    write(dsn, "first", "second")
    assert len(read(operator, f"{AUDIT}?who=somebody")["actions"]) == 2
    assert read(operator, f"{AUDIT}?who=nobody")["actions"] == []
    assert len(read(operator, f"{AUDIT}?action=first")["actions"]) == 1


def test_viewers_do_not_see_the_audit(viewer: FlaskClient) -> None:
    assert viewer.get(AUDIT).status_code == 403


@pytest.mark.parametrize("asked", ["limit=0", "limit=1001", "limit=x", "befor=1", "who="])
def test_what_cannot_be_asked_is_refused_by_name(operator: FlaskClient, asked: str) -> None:
    answer = operator.get(f"{AUDIT}?{asked}")
    assert answer.status_code == 422
    assert asked.partition("=")[0] in json.dumps(answer.get_json()["fields"])


def test_tokens_made_and_revoked_by_a_command_are_in_the_audit(
    dsn: str, operator: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", dsn)
    (tmp_path / "tradewind.toml").write_text("")
    assert run.main(["token", "create", "grafana", "--role", "viewer", "--expires", "never"]) == outcome.DONE
    assert run.main(["token", "create", "grafana"]) == outcome.USAGE  # nothing done, nothing told
    assert run.main(["token", "revoke", "grafana"]) == outcome.DONE
    assert run.main(["token", "revoke", "grafana"]) == outcome.USAGE
    revoked, created = read(operator)["actions"]
    assert (created["action"], revoked["action"]) == ("create token", "revoke token")
    assert created["target"] == {"name": "grafana", "role": "viewer", "expires_at": None}
    assert "@" in created["who"]
    assert created["address"] is None
    assert capsys.readouterr().out.split()[0] not in json.dumps([created, revoked])  # never the token itself
