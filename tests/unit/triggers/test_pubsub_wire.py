"""Pub/Sub's wire: what it hands on, what was refused, and where it connects in the clear."""

import json
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from google.api_core import exceptions as api
from google.auth.exceptions import DefaultCredentialsError
from google.pubsub_v1 import ReceivedMessage

from triggers.errors import QueueMissing, QueueUnavailable, QueueUnusable
from triggers.queues.pubsub_errors import translated
from triggers.queues.pubsub_wire import _failed, _is_plain, message_of

PLACE = "projects/p/subscriptions/s"


def test_a_delivery_is_written_as_the_body_of_a_push() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    told = {"data": b"\xff\x00", "attributes": {"objectId": "é"}, "message_id": "7", "publish_time": at}
    made = message_of(ReceivedMessage(ack_id="ack", delivery_attempt=3, message=told), PLACE)
    assert (made.id, made.receipt, made.deliveries) == ("7", "ack", 3)
    assert json.loads(made.body) == {
        "subscription": PLACE,
        "message": {"attributes": {"objectId": "é"}, "data": "/wA=", "messageId": "7", "publishTime": at.isoformat()},
    }


def test_deliveries_that_are_not_counted_are_the_first() -> None:
    assert message_of(ReceivedMessage(ack_id="ack", message={"message_id": "7"}), PLACE).deliveries == 1


class _Refused(api.FailedPrecondition):
    """As an exactly-once subscription says which ack ids it did not take."""

    metadata: ClassVar[dict[str, str]] = {
        "late": "PERMANENT_FAILURE_INVALID_ACK_ID",
        "soon": "TRANSIENT_FAILURE_OTHER",
        "reason": "other",
    }


def test_ack_ids_that_are_refused_by_name_are_the_only_ones_that_failed() -> None:
    def ask(**_: Any) -> None:
        raise _Refused("some")  # type: ignore[no-untyped-call]

    assert _failed(ask, ack_ids=["late", "soon", "fine"]) == {"late", "soon"}


def test_any_other_error_is_an_error() -> None:
    def ask(**_: Any) -> None:
        raise api.ServiceUnavailable("down")  # type: ignore[no-untyped-call]

    with pytest.raises(api.ServiceUnavailable):
        _failed(ask, ack_ids=["a"])


@pytest.mark.parametrize(
    ("cause", "kind", "told"),
    [
        (api.NotFound("x"), QueueMissing, PLACE),  # type: ignore[no-untyped-call]
        (api.InvalidArgument("x"), QueueUnusable, PLACE),  # type: ignore[no-untyped-call]
        (api.PermissionDenied("x"), QueueUnavailable, "pubsub.subscriptions.consume"),  # type: ignore[no-untyped-call]
        (api.Unauthenticated("x"), QueueUnavailable, "gcloud auth"),  # type: ignore[no-untyped-call]
        (DefaultCredentialsError("x"), QueueUnavailable, "gcloud auth"),  # type: ignore[no-untyped-call]
        (api.ServiceUnavailable("x"), QueueUnavailable, "tried again"),  # type: ignore[no-untyped-call]
    ],
)
def test_an_error_tells_what_to_do(cause: Exception, kind: type[Exception], told: str) -> None:
    made = translated(cause, PLACE)
    assert isinstance(made, kind)
    assert told in str(made)


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("127.0.0.1:8085", True),
        ("http://emulator:8085", True),
        ("https://pubsub.example.com", False),
        ("pubsub.googleapis.com", False),
        ("europe-west1-pubsub.googleapis.com:443", False),
        ("evilgoogleapis.com", True),
    ],
)
def test_only_a_stand_in_is_met_without_tls_and_credentials(address: str, plain: bool) -> None:
    assert _is_plain(address) == plain
