"""What Azure's clients raise, as this room's errors, each with the way out.

By status and error code: https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
"""

from collections.abc import Iterator
from contextlib import contextmanager

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

from triggers.errors import BadUri, StoreRefused, StoreUnavailable, TriggerError, Unreadable

_COLD = {
    "BlobArchived": "it is in the archive tier: rehydrate it, or have new files put in a tier that is online",
    "BlobBeingRehydrated": "it is on its way out of the archive tier",
}
_RIGHTS = (
    "check who this process is to Azure (az login, managed identity, or AZURE_STORAGE_CONNECTION_STRING for this "
    "account), that it has the role Storage Blob Data Reader on the container, and the account's firewall"
)


def status_of(error: AzureError) -> int | None:
    """The HTTP status, where there was an answer."""
    return error.status_code if isinstance(error, HttpResponseError) else None


def code_of(error: AzureError) -> str:
    """Azure's own name for what went wrong; empty where there is none."""
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code) or "")


def gone(error: AzureError) -> bool:
    """There is no such blob, or no such container."""
    return status_of(error) == 404


def other_version(error: AzureError) -> bool:
    """The condition on the ETag does not hold; a lease that bars the way has the same status."""
    return status_of(error) == 412 and not code_of(error).startswith("Lease")


def no_name(error: AzureError) -> bool:
    """Azure takes this for no blob's name at all: longer than 1,024 characters, for one."""
    return status_of(error) == 400 and code_of(error) in ("", "InvalidUri", "OutOfRangeInput", "InvalidResourceName")


def translated(uri: str, error: AzureError) -> TriggerError:
    """The error to raise for one that has no other meaning to the caller."""
    status, code = status_of(error), code_of(error)
    if code in _COLD:
        return Unreadable(uri, _COLD[code])
    if isinstance(error, ClientAuthenticationError) or status in (401, 403):
        return StoreRefused(uri, f"the credentials ({code or words(error)}): {_RIGHTS}")
    if status is None or status >= 500 or status in (408, 429):
        return StoreUnavailable(uri, code or words(error))
    return Unreadable(uri, f"Azure answers {status} {code or words(error)}")


@contextmanager
def translating(uri: str) -> Iterator[None]:
    """Whatever Azure's client raises in here comes out as one of ours."""
    try:
        yield
    except AzureError as error:
        raise translated(uri, error) from error
    except ValueError as error:  # an address or a key that the client cannot make sense of
        raise BadUri(uri, f"Azure's client refuses it: {words(error)}") from error


def words(error: Exception) -> str:
    """The first line of what it says."""
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__
