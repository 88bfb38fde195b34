"""The key of Azurite's account, as the clients' chain finds it. The account is the same wherever Azurite runs."""

import pytest

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="  # in its documentation
VARIABLE = "AZURE_STORAGE_CONNECTION_STRING"
ENVIRONMENT = {
    VARIABLE: f"AccountName={ACCOUNT};AccountKey={KEY};DefaultEndpointsProtocol=https;EndpointSuffix=core.windows.net"
}


def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key where the clients look for it, for this process and those it starts."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
