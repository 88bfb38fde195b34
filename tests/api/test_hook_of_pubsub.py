"""Pushes of Pub/Sub: by a token of Google's for our audience, signed for our service account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from api.hooks.pubsub import KEYS
from tests.api.hooking import PUSHED_TO, SIGNS, Hooked
from tests.api.internet import Signer, push

HOOK = "gcs-pubsub"


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


@pytest.fixture
def google(hooks: Hooked, signer: Signer) -> Hooked:
    hooks.internet.served[KEYS] = 200, signer.keys()
    return hooks


def claims(**changed: Any) -> dict[str, Any]:
    told = {"iss": "https://accounts.google.com", "aud": PUSHED_TO, "email": SIGNS, "email_verified": True, "sub": "1"}
    return {name: value for name, value in {**told, **changed}.items() if value is not None}


def bearer(signer: Signer, **changed: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {signer.token(claims(**changed))}"}


@pytest.mark.parametrize("issuer", ["https://accounts.google.com", "accounts.google.com"])
def test_a_push_is_in_the_journal_when_it_is_answered(google: Hooked, signer: Signer, issuer: str) -> None:
    assert google.post(HOOK, push("market", "in/a b.csv"), **bearer(signer, iss=issuer)).status_code == 204
    (arrival,) = google.journaled("objects")
    assert (arrival.uri, arrival.version, arrival.size) == ("gs://market/in/a b.csv", "1700000000000001", 7)


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://desk.example.com/hooks/other"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"email": "other@market.iam.gserviceaccount.com"},
        {"email": None},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"exp": datetime(2026, 1, 2, tzinfo=UTC)},
    ],
    ids=lambda changed: "-".join(changed) + str(next(iter(changed.values())))[:12],
)
def test_a_token_for_something_else_is_refused_and_leaves_nothing(
    google: Hooked, signer: Signer, changed: dict[str, Any]
) -> None:
    assert google.post(HOOK, push("market", "in/a.csv"), **bearer(signer, **changed)).status_code == 403
    assert google.nothing_is_kept()


def test_a_forged_token_or_none_is_refused(google: Hooked) -> None:
    assert google.post(HOOK, push("market", "in/a.csv"), **bearer(Signer())).status_code == 403
    assert google.post(HOOK, push("market", "in/a.csv")).status_code == 403
    assert google.nothing_is_kept()


def test_keys_are_fetched_once_and_not_again_for_every_stranger(google: Hooked, signer: Signer) -> None:
    for number in range(3):
        google.post(HOOK, push("market", f"in/{number}.csv"), **bearer(signer))
    for number in range(20):
        token = signer.token(claims(), kid=f"unknown {number}")
        assert google.post(HOOK, push("market", "in/a.csv"), Authorization=f"Bearer {token}").status_code == 403
    assert len(google.internet.asked) <= 2


def test_keys_that_cannot_be_had_are_no_refusal(hooks: Hooked, signer: Signer) -> None:
    for status, body in ((500, b""), (200, b"no keys")):
        hooks.internet.served[KEYS] = status, body
        hooks.open_again()
        assert hooks.post(HOOK, push("market", "in/a.csv"), **bearer(signer)).status_code == 503
    assert hooks.nothing_is_kept()


def test_a_push_that_comes_again_is_taken_and_changes_nothing(google: Hooked, signer: Signer) -> None:
    token = bearer(signer)
    assert {google.post(HOOK, push("market", "in/a.csv"), **token).status_code for _ in range(3)} == {204}
    assert len(google.journaled("objects")) == 1


def test_pushes_of_no_feed_are_ignored_and_counted(google: Hooked, signer: Signer) -> None:
    foreign = {"message": {"messageId": "1", "attributes": {"other": "x"}, "data": ""}}
    for message in (push("other", "in/a.csv"), push("market", "out/a.csv"), foreign):
        assert google.post(HOOK, message, **bearer(signer)).status_code == 204
    assert google.nothing_is_kept()
    assert google.door.desks["gcs-pubsub"].listener.counts.ignored == {"elsewhere": 2, "not_an_object": 1}


def test_a_push_that_nobody_can_read_is_kept_as_a_dead_letter(google: Hooked, signer: Signer) -> None:
    broken = push("market", "in/a.csv", message_id="77")
    del broken["message"]["attributes"]["objectId"]
    broken["message"]["attributes"]["notificationConfig"] = "projects/_/buckets/market/notificationConfigs/1"
    assert google.post(HOOK, broken, **bearer(signer)).status_code == 204
    (letter,) = google.letters()
    assert (letter["queue"], letter["message_id"]) == ("/hooks/gcs-pubsub", "77")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"message": 7}'], ids=["nothing", "half", "list", "no message"])
def test_what_is_no_push_is_refused(google: Hooked, signer: Signer, body: bytes) -> None:
    assert google.post(HOOK, body, **bearer(signer)).status_code == 400
    assert google.nothing_is_kept()


def test_a_body_may_be_large_and_not_larger(google: Hooked, signer: Signer) -> None:
    assert google.post(HOOK, b"x" * ((1 << 20) + 1), **bearer(signer)).status_code == 413
