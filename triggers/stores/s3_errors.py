"""S3's errors in this room's words; the one place where they are translated."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ParamValidationError

from triggers.errors import BadUri, PrefixMissing, StoreRefused, StoreUnavailable, TriggerError, Unreadable
from triggers.stores import s3_client
from triggers.stores.s3_refusals import FAILURES, code, refusal, words

GONE = {"NoSuchKey", "NoSuchVersion", "404", "NotFound", "KeyTooLongError"}
DENIED = {"AccessDenied", "403"}
CHANGED = {"PreconditionFailed", "412"}
_BUCKET = "the bucket does not exist: create it, or correct the feed's `source` and `endpoint` in [s3]"
_OF_ONE_OBJECT = {
    "InvalidObjectState": "it lies in an archive tier: restore it (`aws s3api restore-object`), then retry the file",
    "KMS.DisabledException": "the key that it is encrypted with is disabled: enable it, then retry the file",
    "KMS.NotFoundException": "the key that it is encrypted with is gone",
    "KMS.KMSInvalidStateException": "the key that it is encrypted with is being deleted",
}


@contextmanager
def translating(uri: str, right: str) -> Iterator[None]:
    """Around a call to S3; `right` is what it needs, to be told where it is missing."""
    try:
        yield
    except FAILURES as cause:
        raise translated(uri, cause, right) from cause


def translated(uri: str, cause: Exception, right: str) -> TriggerError:
    """By code; after a refusal the next call looks for credentials anew."""
    if (told := code(cause)) == "NoSuchBucket":
        return PrefixMissing(uri, _BUCKET)
    if told in _OF_ONE_OBJECT:
        return Unreadable(uri, _OF_ONE_OBJECT[told])
    if isinstance(cause, ParamValidationError):  # a name that no bucket can have
        return BadUri(uri, words(cause))
    if refused := refusal(cause, right):
        s3_client.forget()
        return StoreRefused(uri, refused)
    return StoreUnavailable(uri, words(cause))
