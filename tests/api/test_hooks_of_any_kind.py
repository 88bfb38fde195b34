"""Whatever a sender that is believed may send: it is taken, kept as a dead letter or refused, and nothing breaks."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.hooks.pubsub import KEYS
from tests.api import test_hook_of_event_grid, test_hook_of_pubsub
from tests.api.hooking import Hooked
from tests.api.internet import CERTIFICATE, Signer, push, s3_records, sns_message
from tests.clouds.azure_events import cloud_event, created, grid_event

ANSWERS = {204, 400}
SIGNER = Signer()
MADE_UP = settings(
    max_examples=80, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip

_texts = st.text(st.characters(codec=None), max_size=20)  # NUL and halves of surrogate pairs too
_plain = st.none() | st.booleans() | st.integers() | st.floats() | _texts
_json = st.recursive(_plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3))


def mutated(whole: Any) -> st.SearchStrategy[Any]:
    """The same with any of its parts replaced, left out, or as it is."""
    if isinstance(whole, dict):
        parts = {name: st.just(...) | mutated(part) for name, part in whole.items()}
        return _json | st.fixed_dictionaries(parts).map(lambda d: {k: v for k, v in d.items() if v is not ...})
    if isinstance(whole, list):
        return _json | st.tuples(*map(mutated, whole)).map(list)
    return st.just(whole) | st.just(whole) | _plain


# Of no feed, so that no store is asked for what a message does not tell.
GRID = mutated([grid_event(created("other", "in/a.csv"))]) | mutated(cloud_event(created("other", "in/a.csv")))
RECORDS = mutated(json.loads(s3_records("other/a.csv")))
PUSH = mutated(push("other", "in/a.csv"))


@given(message=GRID | _json)
@MADE_UP
def test_event_grid_may_send_anything(hooks: Hooked, message: Any) -> None:
    answer = hooks.post("azure-event-grid", message, test_hook_of_event_grid.GIVEN)
    assert answer.status_code in ANSWERS | {200}, (message, answer.text)


@given(text=RECORDS.map(json.dumps) | _texts)
@MADE_UP
def test_sns_may_tell_anything(hooks: Hooked, text: str) -> None:
    hooks.internet.served[CERTIFICATE] = 200, SIGNER.certificate
    message = sns_message(text.encode("utf-8", "replace").decode())
    assert hooks.post("aws-sns", SIGNER.signed(message)).status_code == 204, text


@given(message=PUSH | _json)
@MADE_UP
def test_pubsub_may_push_anything(hooks: Hooked, message: Any) -> None:
    hooks.internet.served[KEYS] = 200, SIGNER.keys()
    token = test_hook_of_pubsub.bearer(SIGNER)
    answer = hooks.post("gcs-pubsub", message, **token)
    assert answer.status_code in ANSWERS, (message, answer.text)


@given(body=st.binary(max_size=200), header=_texts)
@MADE_UP
def test_strangers_may_send_anything_and_nothing_is_kept(hooks: Hooked, body: bytes, header: str) -> None:
    token = header.encode("latin-1", "replace").decode("latin-1").replace("\r", "").replace("\n", "")
    for hook in ("aws-sns", "azure-event-grid", "gcs-pubsub"):
        answer = hooks.post(hook, body, Authorization=f"Bearer {token}")
        assert answer.status_code in {400, 403}, (hook, answer.text)
    assert hooks.nothing_is_kept()
