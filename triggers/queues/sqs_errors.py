"""Errors of boto3 as errors of queues: what passes by itself, and what somebody has to put right."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botocore import exceptions as boto

from triggers.errors import QueueMissing, QueueUnavailable, QueueUnusable, TriggerError

MISSING = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}
DENIED = {"AccessDenied", "AccessDeniedException"}
KEY_DENIED = {"KMS.AccessDeniedException", "KmsAccessDenied"}
REFUSED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSecurity",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
CREDENTIALS = "check AWS's credentials: the environment, ~/.aws, the machine's role"

_Unusable = (
    boto.ConfigNotFound,
    boto.ConfigParseError,
    boto.InvalidConfigError,
    boto.InvalidRegionError,
    boto.NoRegionError,
    boto.ParamValidationError,
    boto.ProfileNotFound,
    ValueError,  # an endpoint that is no url
)
_NoCredentials = (
    boto.CredentialRetrievalError,
    boto.LoginError,
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.SSOError,
    boto.TokenRetrievalError,
)


@contextmanager
def translated(queue: str, right: str, looked_in: str, forget: Callable[[], None]) -> Iterator[None]:
    """Raises QueueMissing, QueueUnusable, else QueueUnavailable, which names the `right` where it is that that lacks.

    Credentials may come back and rights may be given while we wait: both are tried again. A client reads keys of
    the environment and of ~/.aws only once, so after a refusal it is to `forget` itself.
    """
    try:
        yield
    except boto.ClientError as cause:
        if _code(cause) in REFUSED | DENIED:
            forget()
        raise _answer(cause, queue, right, looked_in) from cause
    except _Unusable as cause:
        raise QueueUnusable(queue, str(cause)) from cause
    except _NoCredentials as cause:
        forget()
        raise QueueUnavailable(queue, f"{cause}: {CREDENTIALS}") from cause
    except boto.BotoCoreError as cause:
        raise QueueUnavailable(queue, str(cause)) from cause


def _answer(cause: boto.ClientError, queue: str, right: str, looked_in: str) -> TriggerError:
    code = _code(cause)
    if code in MISSING:
        return QueueMissing(queue, looked_in)
    if code in DENIED:
        return QueueUnavailable(queue, f"{code}: the credentials need the right {right} on this queue")
    if code in KEY_DENIED:
        return QueueUnavailable(queue, f"{code}: the queue is encrypted, the credentials need kms:Decrypt on its key")
    if code in REFUSED:
        return QueueUnavailable(queue, f"{code}: {CREDENTIALS}")
    return QueueUnavailable(queue, str(cause))


def _code(cause: boto.ClientError) -> str:
    return cause.response.get("Error", {}).get("Code", "")
