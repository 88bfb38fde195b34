"""Blobs written and removed by Azure's own client, in one request each.

Arrow's writer shows an empty blob under the name until it is closed. To remove one Arrow takes a lease, puts a sign for
the folder and asks for the lease of what is gone; an answer to that which it could not read ended the process.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from azure.core.exceptions import AzureError, ResourceNotFoundError

from triggers.stores import azure_clients
from triggers.stores.access import AzureAccess
from triggers.stores.azure_errors import code_of, words
from triggers.stores.azure_names import place_of


def upload(uri: str, content: bytes, access: AzureAccess) -> None:
    """Write a blob, or replace it, so that readers see all of it or what was there before. Raises OSError."""
    place = place_of(uri)
    with _translated(uri):
        azure_clients.container(access, place).upload_blob(place.path, content, overwrite=True)


def remove(uri: str, access: AzureAccess) -> None:
    """Remove a blob, where it is there. Raises OSError."""
    place = place_of(uri)
    with _translated(uri), suppress(ResourceNotFoundError):
        azure_clients.container(access, place).delete_blob(place.path)


@contextmanager
def _translated(uri: str) -> Iterator[None]:
    try:
        yield
    except AzureError as error:
        raise OSError(f"Azure did not take {uri}: {code_of(error) or words(error)}") from error
