"""Arrow's file systems reach the same places as the stores do, with what the stores were given."""

from __future__ import annotations

from typing import Any

import pytest
from pyarrow.fs import AzureFileSystem

from triggers.errors import ClientTooOld
from triggers.file_systems import file_system, knows_signatures
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


def test_the_connection_string_s_key_is_used_for_its_own_account_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(AZURE_CONNECTION, "AccountName=acc;AccountKey=a2V5")
    places = hosts("127.0.0.1:10000", "127.0.0.1:10000", "http")
    assert azure("c-1@acc.dfs.core.windows.net", AZURITE) == AzureFileSystem("acc", **places, account_key="a2V5")
    assert azure("c-1@other.dfs.core.windows.net", AZURITE) == AzureFileSystem("other", **places)


def test_a_signature_is_used_by_an_arrow_that_knows_them_and_refused_by_an_older_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(AZURE_CONNECTION, "AccountName=acc;SharedAccessSignature=?sv=1&sig=2")
    places: dict[str, Any] = hosts("127.0.0.1:10000", "127.0.0.1:10000", "http")
    if knows_signatures():
        signed = AzureFileSystem("acc", **places, sas_token="sv=1&sig=2")
        assert azure("c-1@acc.dfs.core.windows.net", AZURITE) == signed
    else:
        with pytest.raises(ClientTooOld, match="install pyarrow 20 or newer"):
            azure("c-1@acc.dfs.core.windows.net", AZURITE)
