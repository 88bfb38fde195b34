"""Errors of Azure's clients as errors of queues: what passes by itself, and what somebody has to put right."""

from collections.abc import Iterator
from contextlib import contextmanager

from azure.core.exceptions import AzureError, ClientAuthenticationError

from triggers.errors import BadUri, QueueMissing, QueueUnavailable, QueueUnusable, TriggerError
from triggers.stores.azure_errors import code_of, status_of, words

MISSING = {"QueueNotFound", "ResourceNotFound", ""}


@contextmanager
def translated(queue: str, role: str) -> Iterator[None]:
    """Raises QueueMissing, QueueUnusable, else QueueUnavailable, which names the `role` where rights lack.

    Credentials may come back and rights may be given while we wait: both are tried again.
    """
    try:
        yield
    except AzureError as cause:
        raise _answer(cause, queue, role) from cause
    except (BadUri, ValueError) as cause:  # an address or a key that makes no sense
        raise QueueUnusable(queue, words(cause)) from cause


def _answer(cause: AzureError, queue: str, role: str) -> TriggerError:
    status, code = status_of(cause), code_of(cause)
    if status == 404 and code in MISSING:
        return QueueMissing(queue, "Azure")
    if isinstance(cause, ClientAuthenticationError) or status in (401, 403):
        hint = f"check who this process is to Azure, that it has the role {role}, and the firewall"
        return QueueUnavailable(queue, f"Azure refuses the credentials ({code or words(cause)}): {hint}")
    return QueueUnavailable(queue, code or words(cause))
