"""Clients of Azure storage: made once for each process, reused by its threads. No key stands in the settings."""

import os
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from azure.core.credentials import AzureNamedKeyCredential, AzureSasCredential, TokenCredential
from azure.core.utils import parse_connection_string
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient, ContainerClient

from triggers.stores.access import AZURE_CONNECTION, AzureAccess
from triggers.stores.azure_names import Place

# The client's own policy is right, its pauses of 15 s and more are not: whoever called tries again as well.
RETRIES: dict[str, Any] = {"retry_total": 3, "initial_backoff": 0.1, "increment_base": 1, "random_jitter_range": 0.1}
TIMEOUTS: dict[str, Any] = {"connection_timeout": 5, "read_timeout": 60}
# A part of a large blob is one request of this size and stands in memory; a small blob is one request.
PART: dict[str, Any] = {"max_single_get_size": 8 * 1024 * 1024, "max_chunk_get_size": 8 * 1024 * 1024}

Credential = AzureNamedKeyCredential | AzureSasCredential | TokenCredential


def container(access: AzureAccess, place: Place) -> ContainerClient:
    """The client of the place's container."""
    return service(access, place).get_container_client(place.container)


def service(access: AzureAccess, place: Place) -> BlobServiceClient:
    """The client of the place's account; it holds the connections."""
    return _blobs(os.getpid(), access, place.account, place.cloud, os.environ.get(AZURE_CONNECTION))


def address(access: AzureAccess, place: Place, service: str) -> str:
    """Where the account's `blob` or `queue` service answers: as set, as the connection string says, else Azure's."""
    endpoint = access.endpoint if service == "blob" else access.queue_endpoint
    if endpoint is None:
        return _of_account(place.key).get(f"{service.capitalize()}Endpoint", place.url(service)).rstrip("/")
    parts = urlsplit(endpoint.rstrip("/"))
    names_it = place.key in (parts.path.strip("/").rpartition("/")[2], (parts.hostname or "").partition(".")[0])
    return endpoint.rstrip("/") if names_it else f"{endpoint.rstrip('/')}/{place.key}"


def credential(access: AzureAccess, account: str) -> Credential | None:
    """None for anonymous access; the connection string's, where it is this account's; else Azure's default chain."""
    if access.anonymous:
        return None
    given = secrets(account)
    if key := given["account_key"]:
        return AzureNamedKeyCredential(account, key)
    if token := given["sas_token"]:
        return AzureSasCredential(token)
    return default_credential()


def secrets(account: str) -> dict[str, str]:
    """The connection string's, for this account: `account_key` and `sas_token`, each empty where it has none."""
    given = _of_account(account)
    token = given.get("SharedAccessSignature", "").removeprefix("?")
    return {"account_key": given.get("AccountKey", ""), "sas_token": token}


def default_credential() -> DefaultAzureCredential:
    """Environment, workload identity, managed identity, `az login`: whatever is there first; one for a process."""
    return _default(os.getpid())


# By process: a forked child must not write into its parent's connections. The dictionary's own lock is the
# interpreter's, so no child can inherit one that is held.
@lru_cache(maxsize=32)
def _blobs(
    process: int,  # noqa: ARG001
    access: AzureAccess,
    account: str,
    cloud: str,
    connection: str | None,  # noqa: ARG001 (another key is another client)
) -> BlobServiceClient:
    place = Place(account, "", "", cloud)
    secret = credential(access, place.key)
    return BlobServiceClient(address(access, place, "blob"), secret, **RETRIES, **TIMEOUTS, **PART)


@lru_cache(maxsize=1)
def _default(process: int) -> DefaultAzureCredential:  # noqa: ARG001
    return DefaultAzureCredential()


def _of_account(account: str) -> dict[str, str]:
    """What the connection string says, where it speaks of this account."""
    text = os.environ.get(AZURE_CONNECTION, "")
    given = dict(parse_connection_string(text, case_sensitive_keys=True)) if text else {}
    return given if account in (given.get("AccountName"), _host_of(given)) else {}


def _host_of(given: dict[str, str]) -> str | None:
    # A connection string with a signature names endpoints, not the account.
    endpoint = given.get("BlobEndpoint") or given.get("QueueEndpoint")
    return (urlsplit(endpoint).hostname or "").partition(".")[0] if endpoint else None
