"""Credentials for the AWS of this machine, as a client's default chain finds them."""

import pytest

REGION = "eu-central-1"
#: The whole of what a client's default chain may find: neither a developer's keys nor this machine's own.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "tests",
    "AWS_SECRET_ACCESS_KEY": "tests",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "2",  # tests of faults wait for no more
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}
UNSET = ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_RETRY_MODE")


def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials as a client's default chain finds them, for this process and those it starts."""
    for name in UNSET:
        monkeypatch.delenv(name, raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
