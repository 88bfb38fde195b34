"""Events that Event Grid brings: by a secret in the address, by a token of Entra's, in either schema."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from streaming.errors import SettingsError
from streaming.hook_settings import EVENT_GRID
from tests.api.hooking import NEXT, SECRET, TENANT, Hooked
from tests.api.internet import Signer
from tests.clouds.azure_events import cloud_event, created, grid_event

HOOK = "azure-event-grid"
GIVEN = f"?secret={SECRET}"
URI = "abfss://trades@devstoreaccount1.dfs.core.windows.net/in/a b.csv"
LOGIN = "https://login.microsoftonline.com"
KEYS = f"{LOGIN}/{TENANT}/discovery/v2.0/keys"
AUDIENCE = "api://tradewind"
ENTRA = {"tenant": TENANT, "audience": AUDIENCE}


def event(**changed: Any) -> dict[str, Any]:
    return created("trades", "in/a b.csv", **changed)


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


@pytest.fixture
def entra(hooks: Hooked, signer: Signer) -> Hooked:
    """Only tokens count."""
    hooks.internet.served[KEYS] = 200, signer.keys()
    hooks.open_again(azure_event_grid={"entra": ENTRA})
    return hooks


def claims(**changed: Any) -> dict[str, Any]:
    told = {"iss": f"{LOGIN}/{TENANT}/v2.0", "aud": AUDIENCE, "tid": TENANT, "azp": EVENT_GRID, "ver": "2.0"}
    return {name: value for name, value in {**told, **changed}.items() if value is not None}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    "message",
    [[grid_event(event())], grid_event(event()), cloud_event(event()), [cloud_event(event())]],
    ids=["own schema", "own schema, alone", "CloudEvent", "CloudEvents"],
)
def test_events_are_in_the_journal_when_they_are_answered(hooks: Hooked, message: object) -> None:
    assert hooks.post(HOOK, message, GIVEN).status_code == 204
    (arrival,) = hooks.journaled("blobs")
    assert (arrival.uri, arrival.version, arrival.size) == (URI, "0x8D4E44A24ABE7F1-447", 447)


@pytest.mark.parametrize("query", ["", "?secret=", "?secret=wrong", f"?secret={SECRET}x", f"?secret={SECRET[:-1]}"])
def test_without_the_secret_nothing_is_taken(hooks: Hooked, query: str) -> None:
    assert hooks.post(HOOK, [grid_event(event())], query).status_code == 403
    assert hooks.nothing_is_kept()


def test_two_secrets_count_while_one_follows_the_other(hooks: Hooked) -> None:
    files = [hooks.folder / "secret", hooks.folder / "next"]
    files[1].write_text(NEXT)
    hooks.open_again(azure_event_grid={"secret_files": files})
    for secret, expected in ((SECRET, 204), (NEXT, 204), (f"{SECRET} {NEXT}", 403), ("", 403)):
        assert hooks.post(HOOK, [grid_event(event())], f"?secret={secret}").status_code == expected
    files[0].write_text(NEXT)  # the old one goes, and no restart is needed for it
    for secret, expected in ((SECRET, 403), (NEXT, 204)):
        assert hooks.post(HOOK, [grid_event(event())], f"?secret={secret}").status_code == expected


def test_secrets_may_be_in_the_environment(hooks: Hooked) -> None:
    environ = {"TRADEWIND_EVENT_GRID_SECRETS": f"{SECRET} {NEXT}"}
    hooks.open_again(environ=environ, azure_event_grid={})
    for secret, expected in ((SECRET, 204), (NEXT, 204), ("wrong", 403)):
        assert hooks.post(HOOK, [grid_event(event())], f"?secret={secret}").status_code == expected


@pytest.mark.parametrize(
    ("table", "environ"),
    [({}, {}), ({"secret_files": ["gone"]}, {}), ({}, {"TRADEWIND_EVENT_GRID_SECRETS": "short"})],
    ids=["none", "no file", "too short"],
)
def test_an_api_that_could_not_know_event_grid_does_not_start(
    hooks: Hooked, table: dict[str, Any], environ: Mapping[str, str]
) -> None:
    with pytest.raises(SettingsError, match=r"hooks\.azure-event-grid"):
        hooks.open_again(environ=environ, azure_event_grid=table)


def test_a_secret_that_cannot_be_read_any_more_is_no_refusal(hooks: Hooked) -> None:
    (hooks.folder / "secret").unlink()
    assert hooks.post(HOOK, [grid_event(event())], GIVEN).status_code == 503
    assert hooks.nothing_is_kept()


def test_a_subscription_of_the_own_schema_is_validated_by_its_code(hooks: Hooked) -> None:
    asked = {"validationCode": "512d38b6", "validationUrl": "https://rp-eastus2.eventgrid.azure.net/validate"}
    call = [grid_event(asked, "Microsoft.EventGrid.SubscriptionValidationEvent")]
    answer = hooks.post(HOOK, call, GIVEN, **{"aeg-event-type": "SubscriptionValidation"})
    assert (answer.status_code, answer.json) == (200, {"validationResponse": "512d38b6"})
    assert hooks.post(HOOK, call, "?secret=wrong").status_code == 403
    assert hooks.internet.asked == []


@pytest.mark.parametrize(("rate", "allowed"), [("120", "120"), (None, "*"), ("*", "*"), ("x\r\ny", "*")])
def test_a_subscription_of_cloud_events_is_validated_by_its_origin(
    hooks: Hooked, rate: str | None, allowed: str
) -> None:
    asked = {"WebHook-Request-Origin": "eventgrid.azure.net"}
    environ = {"HTTP_WEBHOOK_REQUEST_RATE": rate} if rate else {}
    answer = hooks.client.options(f"/hooks/{HOOK}{GIVEN}", headers=asked, environ_overrides=environ)
    assert answer.status_code == 200
    assert answer.headers["WebHook-Allowed-Origin"] == "eventgrid.azure.net"
    assert answer.headers["WebHook-Allowed-Rate"] == allowed


@pytest.mark.parametrize(
    ("query", "origin"),
    [(GIVEN, "evil.example"), (GIVEN, "eventgrid.azure.net.evil.example"), (GIVEN, None), ("", "eventgrid.azure.net")],
)
def test_nobody_else_is_allowed_to_call(hooks: Hooked, query: str, origin: str | None) -> None:
    asked = {"WebHook-Request-Origin": origin} if origin else {}
    answer = hooks.client.options(f"/hooks/{HOOK}{query}", headers=asked)
    assert (answer.status_code, "WebHook-Allowed-Origin" in answer.headers) == (403, False)


@pytest.mark.parametrize(
    "changed",
    [{}, {"iss": f"https://sts.windows.net/{TENANT}/", "azp": None, "appid": EVENT_GRID, "ver": "1.0"}],
    ids=["v2", "v1"],
)
def test_a_token_of_event_grid_in_our_tenant_is_enough(entra: Hooked, signer: Signer, changed: dict[str, Any]) -> None:
    token = signer.token(claims(**changed))
    for _ in range(3):
        assert entra.post(HOOK, [grid_event(event())], **bearer(token)).status_code == 204
    assert len(entra.journaled("blobs")) == 1
    assert entra.internet.asked == [KEYS]  # once


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "api://another"},
        {"iss": "https://login.microsoftonline.com/other/v2.0"},
        {"iss": "https://evil.example"},
        {"tid": "another"},
        {"tid": None},
        {"azp": "11111111-1111-1111-1111-111111111111"},
        {"azp": None},
        {"exp": datetime(2026, 1, 2, tzinfo=UTC)},
        {"nbf": datetime(2100, 1, 1, tzinfo=UTC)},
        {"iat": None, "exp": None},
        {"aud": None},
        {"iss": None},
    ],
    ids=lambda changed: "-".join(changed) + str(next(iter(changed.values())))[:16],
)
def test_any_other_token_is_refused_and_leaves_nothing(entra: Hooked, signer: Signer, changed: dict[str, Any]) -> None:
    told = claims(**changed)
    if "exp" in changed and changed["exp"] is None:
        token = jwt.encode(told, signer.key, "RS256", {"kid": "1"})
    else:
        token = signer.token(told)
    assert entra.post(HOOK, [grid_event(event())], **bearer(token)).status_code == 403
    assert entra.nothing_is_kept()


def _plain(signer: Signer) -> str:
    """The header says that it need not be signed."""
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "kid": "1"}, _lasting())]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


def _lasting() -> dict[str, Any]:
    now = int(datetime.now(UTC).timestamp())
    return claims(iat=now, exp=now + 3600)


@pytest.mark.parametrize(
    "kind", ["none", "another key", "the public key as a secret", "no kid", "unknown kid", "nonsense", "deep"]
)
def test_a_forged_token_is_refused_and_leaves_nothing(entra: Hooked, signer: Signer, kind: str) -> None:
    match kind:
        case "none":
            token = _plain(signer)
        case "another key":
            token = Signer().token(claims())
        case "the public key as a secret":
            token = jwt.encode(_lasting(), signer.keys() + b"x" * 32, "HS256", {"kid": "1"})
        case "no kid":
            token = jwt.encode(_lasting(), signer.key, "RS256")
        case "unknown kid":
            token = signer.token(claims(), kid="2")
        case "deep":  # and within what a server takes as a header
            token = base64.urlsafe_b64encode(b"[" * 5000).decode() + ".b.c"
        case _:
            token = "a.b.c"
    assert entra.post(HOOK, [grid_event(event())], **bearer(token)).status_code == 403
    assert entra.nothing_is_kept()


def test_without_a_token_nothing_is_taken(entra: Hooked) -> None:
    assert entra.post(HOOK, [grid_event(event())]).status_code == 403
    assert entra.post(HOOK, [grid_event(event())], Authorization=f"Basic {SECRET}").status_code == 403


def test_where_both_are_asked_for_both_have_to_be_right(hooks: Hooked, signer: Signer) -> None:
    hooks.internet.served[KEYS] = 200, signer.keys()
    hooks.open_again(azure_event_grid={"secret_files": [hooks.folder / "secret"], "entra": ENTRA})
    token = bearer(signer.token(claims()))
    assert hooks.post(HOOK, [grid_event(event())], GIVEN).status_code == 403
    assert hooks.post(HOOK, [grid_event(event())], **token).status_code == 403
    assert hooks.post(HOOK, [grid_event(event())], GIVEN, **token).status_code == 204


def test_keys_that_cannot_be_had_are_no_refusal(hooks: Hooked, signer: Signer) -> None:
    hooks.open_again(azure_event_grid={"entra": ENTRA})
    hooks.internet.served[KEYS] = 500, b""
    assert hooks.post(HOOK, [grid_event(event())], **bearer(signer.token(claims()))).status_code == 503
    assert hooks.nothing_is_kept()


def test_foreign_events_are_ignored_and_counted(hooks: Hooked) -> None:
    events = [
        grid_event(created("other", "in/a.csv")),
        grid_event(event(api="CreateFile")),
        grid_event({"x": 1}, "Microsoft.Resources.ResourceWriteSuccess"),
    ]
    assert hooks.post(HOOK, events, GIVEN).status_code == 204
    assert hooks.nothing_is_kept()
    assert hooks.door.desks["azure-event-grid"].listener.counts.ignored == {"elsewhere": 1, "not_an_object": 2}


def test_an_event_that_nobody_can_read_is_kept_as_a_dead_letter(hooks: Hooked) -> None:
    broken = grid_event({"api": "PutBlob"})
    assert hooks.post(HOOK, [broken, grid_event(event())], GIVEN).status_code == 204
    (letter,) = hooks.letters()
    assert (letter["queue"], letter["message_id"]) == ("/hooks/azure-event-grid", broken["id"])
    assert len(hooks.journaled("blobs")) == 1  # the good one beside it is taken


def test_a_dead_letter_is_kept_whatever_it_calls_itself(hooks: Hooked) -> None:
    assert hooks.post(HOOK, [{**grid_event({"api": "PutBlob"}), "id": "a\0b\ud800"}], GIVEN).status_code == 204
    assert [letter["message_id"] for letter in hooks.letters()] == ["ab?"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000], ids=["nothing", "half", "bytes", "deep"])
def test_what_is_no_json_is_refused(hooks: Hooked, body: bytes) -> None:
    assert hooks.post(HOOK, body, GIVEN).status_code == 400
    assert hooks.nothing_is_kept()


def test_a_body_may_be_large_and_not_larger(hooks: Hooked) -> None:
    assert hooks.post(HOOK, b"x" * ((1 << 20) + 1), GIVEN).status_code == 413
