"""Cloud Storage's errors in this room's words; the one place where they are translated."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests
import urllib3
from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.cloud.storage.exceptions import InvalidResponse

from triggers.errors import BadUri, PrefixMissing, StoreRefused, StoreUnavailable, TriggerError
from triggers.stores import gcs_client

#: All that a call may raise; a plain OSError is the reader's own.
FAILURES = (
    api.GoogleAPIError,
    auth.GoogleAuthError,
    InvalidResponse,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
)
#: Not this version any more.
PASSED = (api.NotFound, api.PreconditionFailed)
CREDENTIALS = (
    "check Google's credentials: GOOGLE_APPLICATION_CREDENTIALS, `gcloud auth application-default login`, or the "
    "machine's service account"
)
_BUCKET = (
    "the bucket does not exist: create it (`gcloud storage buckets create`), or correct the feed's `source` and "
    "`endpoint` in [gcs]"
)


@contextmanager
def translating(uri: str, right: str) -> Iterator[None]:
    """Around a call to Cloud Storage; `right` is what it needs, to be told where it is missing."""
    try:
        yield
    except FAILURES as cause:
        raise translated(uri, cause, right) from cause


def translated(uri: str, cause: Exception, right: str) -> TriggerError:
    """By status; after a refusal the next call looks for credentials anew."""
    if isinstance(cause, api.RetryError) and cause.cause is not None:
        cause = cause.cause
    match cause:
        case api.NotFound():
            return PrefixMissing(uri, _BUCKET)
        case api.BadRequest():
            return BadUri(uri, words(cause))
        case api.Unauthorized():
            gcs_client.forget()
            return StoreRefused(uri, f"{words(cause)}: {CREDENTIALS}")
        case api.Forbidden():
            gcs_client.forget()
            return StoreRefused(uri, f"{words(cause)}: the account needs the right {right}")
        case auth.GoogleAuthError() if not isinstance(cause, auth.TransportError):
            gcs_client.forget()
            return StoreRefused(uri, f"{words(cause)}: {CREDENTIALS}")
    return StoreUnavailable(uri, words(cause))


def words(cause: Exception) -> str:
    """One line, without the address that was asked."""
    told = getattr(cause, "message", None) or str(cause) or type(cause).__name__
    return " ".join(str(told).split())[:300]
