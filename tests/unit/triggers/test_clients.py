"""What is said where a cloud's client is not installed."""

import subprocess
import sys
from pathlib import Path

import pytest

from triggers.clients import client_of
from triggers.errors import ClientMissing

ROOT = Path(__file__).parents[3]
WITHOUT = """
import sys
sys.modules.update(dict.fromkeys(sys.argv[1].split(",")))
from triggers.stores import Stores
Stores().of(sys.argv[2])
"""


@pytest.mark.parametrize(
    ("missing", "uri", "extra"),
    [
        ("boto3,botocore", "s3://bucket/a.csv", "aws"),
        ("azure", "abfss://c@a.dfs.core.windows.net/a.csv", "azure"),
        ("google.cloud.storage,google.auth,google.api_core", "gs://bucket/a.csv", "gcp"),
    ],
)
def test_a_store_without_its_client_names_what_to_install(missing: str, uri: str, extra: str) -> None:
    ran = subprocess.run([sys.executable, "-c", WITHOUT, missing, uri], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 1
    assert f"ClientMissing: {uri.partition(':')[0]}: its client is not installed" in ran.stderr
    assert f"pip install 'tradewind[{extra}]'" in ran.stderr


def test_another_module_that_is_missing_is_no_client_s_matter() -> None:
    with pytest.raises(ModuleNotFoundError, match="ours"), client_of("aws", "s3"):
        raise ModuleNotFoundError("No module named 'ours'", name="ours")
    with pytest.raises(ClientMissing), client_of("gcp", "gs"):
        raise ModuleNotFoundError("No module named 'google.api_core'", name="google.api_core")
