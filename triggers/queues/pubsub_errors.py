"""Errors of Pub/Sub's client as errors of queues: what passes by itself, and what somebody has to put right."""

from collections.abc import Iterator
from contextlib import contextmanager

from google.api_core import exceptions as api
from google.auth import exceptions as auth

from triggers.errors import QueueMissing, QueueUnavailable, QueueUnusable, TriggerError

FAILURES = (api.GoogleAPIError, auth.GoogleAuthError)
#: A stream is ended by Pub/Sub every half hour or so; that is no failure.
ENDED = (api.ServiceUnavailable, api.Aborted, api.InternalServerError, api.DeadlineExceeded, api.Cancelled)
RIGHT = "pubsub.subscriptions.consume (roles/pubsub.subscriber)"
CREDENTIALS = (
    "check Google's credentials: GOOGLE_APPLICATION_CREDENTIALS, `gcloud auth application-default login`, or the "
    "machine's service account"
)


@contextmanager
def translating(subscription: str) -> Iterator[None]:
    """Around a call. Raises QueueMissing, QueueUnusable, else QueueUnavailable.

    Credentials may come back and rights may be given while we wait: both are tried again.
    """
    try:
        yield
    except FAILURES as cause:
        raise translated(cause, subscription) from cause


def translated(cause: Exception, subscription: str) -> TriggerError:
    """By the kind of the error."""
    if isinstance(cause, api.RetryError) and cause.cause is not None:
        cause = cause.cause
    match cause:
        case api.NotFound():
            return QueueMissing(subscription, "Pub/Sub")
        case api.InvalidArgument() | api.FailedPrecondition():
            return QueueUnusable(subscription, _words(cause))
        case api.PermissionDenied():
            return QueueUnavailable(subscription, f"the account needs the right {RIGHT} on it")
        case api.Unauthenticated() | auth.GoogleAuthError():
            return QueueUnavailable(subscription, f"{_words(cause)}: {CREDENTIALS}")
    return QueueUnavailable(subscription, _words(cause))


def _words(cause: Exception) -> str:
    told = getattr(cause, "message", None) or str(cause) or type(cause).__name__
    return " ".join(str(told).split())[:300]
