"""Arrow's file systems for the buckets that hold Tradewind's own files, reached as the settings say."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pyarrow as pa

from triggers.clients import client_of
from triggers.errors import ClientTooOld
from triggers.stores.access import Access
from triggers.stores.azure_names import place_of

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem


_NO_SIGNATURE = (
    f"pyarrow {pa.__version__} cannot sign in with a shared access signature: install pyarrow 20 or newer, or give an "
    "AccountKey in AZURE_STORAGE_CONNECTION_STRING, or a role"
)


@lru_cache(maxsize=64)
def file_system(scheme: str, bucket: str, access: Access) -> FileSystem:
    """The one of a scheme (s3, abfss, gs); `bucket` is what stands before the first slash of a uri. Kept and reused."""
    return _MADE[scheme](bucket, access)


def _s3(_bucket: str, access: Access) -> FileSystem:
    from pyarrow.fs import S3FileSystem

    s3 = access.s3
    if s3.profile:  # Arrow knows no other way to be told
        os.environ.setdefault("AWS_PROFILE", s3.profile)
    at = urlsplit(s3.endpoint or "")
    region = s3.region or ("us-east-1" if s3.endpoint else None)
    return S3FileSystem(
        anonymous=s3.anonymous, **_given(region=region, endpoint_override=at.netloc, scheme=at.scheme)
    )  # fmt: skip


def _azure(bucket: str, access: Access) -> FileSystem:
    from pyarrow.fs import AzureFileSystem

    with client_of("azure", bucket):
        from triggers.stores import azure_clients

    place = place_of(f"abfss://{bucket}/")
    at = urlsplit(azure_clients.address(access.azure, place, "blob"))
    places = _given(
        blob_storage_scheme=at.scheme, blob_storage_authority=_authority(at.netloc, place.key),
        dfs_storage_scheme=at.scheme, dfs_storage_authority=_authority(at.netloc.replace(".blob.", ".dfs."), place.key),
    )  # fmt: skip
    secrets = _given(**azure_clients.secrets(place.key))
    if "sas_token" in secrets and not knows_signatures():
        raise ClientTooOld(place.uri, _NO_SIGNATURE)
    return AzureFileSystem(place.key, **places, **secrets)


def knows_signatures() -> bool:
    """Whether this Arrow signs in with a shared access signature: since 20, https://github.com/apache/arrow/pull/45706."""
    return int(pa.__version__.partition(".")[0]) >= 20


def _authority(host: str, account: str) -> str:
    # Arrow sets the account's name before what begins with a dot, and behind anything else.
    return host.removeprefix(account) if host.startswith(f"{account}.") else host


def _gcs(_bucket: str, access: Access) -> FileSystem:
    from pyarrow.fs import GcsFileSystem

    gcs = access.gcs
    at = urlsplit(gcs.endpoint or "")
    told = _given(endpoint_override=at.netloc, scheme=at.scheme, project_id=gcs.project)
    return GcsFileSystem(anonymous=gcs.anonymous, **told)


_MADE: Mapping[str, Callable[[str, Access], FileSystem]] = {"s3": _s3, "abfss": _azure, "gs": _gcs}


def _given(**options: Any) -> dict[str, Any]:
    """Those that are set: the others are the client's own to find."""
    return {name: value for name, value in options.items() if value}
