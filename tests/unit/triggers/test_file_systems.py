"""Arrow's file systems reach the same places as the stores do, with what the stores were given."""

from __future__ import annotations

from typing import Any

import pytest
from pyarrow.fs import AzureFileSystem

from triggers.file_systems import file_system
from triggers.stores.access import AZURE_CONNECTION, Access, AzureAccess

AZURITE = AzureAccess(endpoint="http://127.0.0.1:10000")


def azure(bucket: str, access: AzureAccess | None = None) -> AzureFileSystem:
    file_system.cache_clear()
    made = file_system("abfss", bucket, Access(azure=access or AzureAccess()))
    assert isinstance(made, AzureFileSystem)
    return made


def hosts(blob: str, dfs: str, scheme: str = "https") -> dict[str, Any]:
    return {
        "blob_storage_authority": blob, "dfs_storage_authority": dfs,
        "blob_storage_scheme": scheme, "dfs_storage_scheme": scheme,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("bucket", "access", "meant"),
    [
        ("c-1@acc.dfs.core.windows.net", None, hosts(".blob.core.windows.net", ".dfs.core.windows.net")),
        ("c-1@acc.dfs.core.chinacloudapi.cn", None, hosts(".blob.core.chinacloudapi.cn", ".dfs.core.chinacloudapi.cn")),
        ("c-1@acc.z01.dfs.storage.azure.net", None, hosts(".z01.blob.storage.azure.net", ".z01.dfs.storage.azure.net")),
        (
            "c-1@acc.dfs.core.windows.net", AzureAccess(endpoint="https://acc.privatelink.blob.core.windows.net"),
            hosts(".privatelink.blob.core.windows.net", ".privatelink.dfs.core.windows.net"),
        ),
        ("c-1@acc.dfs.core.windows.net", AZURITE, hosts("127.0.0.1:10000", "127.0.0.1:10000", "http")),
    ],
    ids=["public", "of another cloud", "of a zone", "private", "of Azurite"],
)  # fmt: skip
def test_an_account_s_address_is_that_of_the_store(
    bucket: str, access: AzureAccess | None, meant: dict[str, Any]
) -> None:
    assert azure(bucket, access) == AzureFileSystem("acc", **meant)


@pytest.mark.parametrize(
    ("secret", "meant"),
    [
        ("AccountKey=a2V5", {"account_key": "a2V5"}),
        ("SharedAccessSignature=?sv=1&sig=2", {"sas_token": "sv=1&sig=2"}),
    ],
)
def test_the_connection_string_s_secret_is_used_for_its_own_account_alone(
    monkeypatch: pytest.MonkeyPatch, secret: str, meant: dict[str, Any]
) -> None:
    monkeypatch.setenv(AZURE_CONNECTION, f"AccountName=acc;{secret}")
    places = hosts("127.0.0.1:10000", "127.0.0.1:10000", "http")
    assert azure("c-1@acc.dfs.core.windows.net", AZURITE) == AzureFileSystem("acc", **places, **meant)
    assert azure("c-1@other.dfs.core.windows.net", AZURITE) == AzureFileSystem("other", **places)
