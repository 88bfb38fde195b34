"""Whole blobs by Azure's own client: Arrow's writer shows an empty blob under the name until it is closed."""

from azure.core.exceptions import AzureError

from triggers.stores import azure_clients
from triggers.stores.access import AzureAccess
from triggers.stores.azure_errors import code_of, words
from triggers.stores.azure_names import place_of


def upload(uri: str, content: bytes, access: AzureAccess) -> None:
    """Write a blob, or replace it, so that readers see all of it or what was there before. Raises OSError."""
    place = place_of(uri)
    try:
        azure_clients.container(access, place).upload_blob(place.path, content, overwrite=True)
    except AzureError as error:
        raise OSError(f"Azure did not take {uri}: {code_of(error) or words(error)}") from error
