"""An error of S3 becomes one of ours by its code, with the way out in its message; no server is asked."""

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    UnauthorizedSSOTokenError,
)
from urllib3.exceptions import ProtocolError

from triggers.errors import PrefixMissing, StoreRefused, StoreUnavailable, TriggerError, Unreadable
from triggers.stores.s3_errors import translated, translating

URI = "s3://bucket/a.csv"


def told(code: str, status: int = 403) -> ClientError:
    answer = {"Error": {"Code": code, "Message": "words"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetObject")  # type: ignore[arg-type] # no more of an answer is read


@pytest.mark.parametrize(
    ("code", "kind", "cure"),
    [
        ("NoSuchBucket", PrefixMissing, "create it"),
        ("InvalidObjectState", Unreadable, "restore it"),
        ("KMS.DisabledException", Unreadable, "enable it"),
        ("AccessDenied", StoreRefused, "the right s3:GetObject"),
        ("403", StoreRefused, "the right s3:GetObject"),
        ("400", StoreRefused, "expired"),
        ("ExpiredToken", StoreRefused, "aws sso login"),
        ("InvalidAccessKeyId", StoreRefused, "AWS_ACCESS_KEY_ID"),
        ("SignatureDoesNotMatch", StoreRefused, "AWS_SECRET_ACCESS_KEY"),
        ("RequestTimeTooSkewed", StoreRefused, "NTP"),
        ("AuthorizationHeaderMalformed", StoreRefused, "AWS_REGION"),
        ("SlowDown", StoreUnavailable, "SlowDown: words"),
        ("WhoKnows", StoreUnavailable, "WhoKnows: words"),
    ],
)
def test_a_code_has_one_meaning(code: str, kind: type[TriggerError], cure: str) -> None:
    error = translated(URI, told(code), "s3:GetObject")
    assert type(error) is kind
    assert cure in str(error)
    assert URI in str(error)


@pytest.mark.parametrize(
    ("cause", "kind", "cure"),
    [
        (NoCredentialsError(), StoreRefused, "anonymous = true"),
        (PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), StoreRefused, "one half"),
        (ProfileNotFound(profile="nobody"), StoreRefused, "nobody"),
        (UnauthorizedSSOTokenError(), StoreRefused, "aws sso login"),
        (CredentialRetrievalError(provider="process", error_msg="exit 1"), StoreRefused, "exit 1"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), StoreUnavailable, "127.0.0.1:1"),
        (ReadTimeoutError(endpoint_url="http://127.0.0.1:1"), StoreUnavailable, "timeout"),
        (IncompleteReadError(actual_bytes=1, expected_bytes=2), StoreUnavailable, "1 read"),
        (ProtocolError("Connection broken"), StoreUnavailable, "Connection broken"),
        (ConnectionResetError(104, "Connection reset by peer"), StoreUnavailable, "reset"),
        (BotoCoreError(), StoreUnavailable, "unspecified"),
    ],
)
def test_what_fails_on_this_side_has_one_meaning_too(cause: Exception, kind: type[TriggerError], cure: str) -> None:
    with pytest.raises(TriggerError, match=cure) as raised, translating(URI, "s3:GetObject"):
        raise cause
    assert type(raised.value) is kind
    assert raised.value.__cause__ is cause


def test_what_is_not_s3s_passes() -> None:
    with pytest.raises(ValueError, match="own"), translating(URI, "s3:GetObject"):
        raise ValueError("own")
