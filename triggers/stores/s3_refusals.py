"""What a refusal means to an operator, by the error's code, never by its text.

Codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
"""

from botocore import exceptions as aws
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

#: All that calling AWS, or reading its answer, may raise.
FAILURES = (BotoCoreError, ClientError, HTTPError, OSError)

_KEYS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the profile, and that they belong to this endpoint"
_EXPIRED = "the credentials have expired: sign in again (`aws sso login`), or renew the token or the role's session"
_REGION = "it lies in another region: set `region` in [s3], or AWS_REGION"
_DENIED = "access is denied: give these credentials the right {right}, and look for a policy that denies it"

_REFUSALS = {
    "InvalidAccessKeyId": f"the access key is not known: {_KEYS}",
    "SignatureDoesNotMatch": f"the secret key does not fit the access key: {_KEYS}",
    "ExpiredToken": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "InvalidToken": "the session token is not valid: renew AWS_SESSION_TOKEN together with the two keys",
    "RequestTimeTooSkewed": "this machine's clock is wrong by more than 15 minutes: set it (NTP)",
    "RequestExpired": "this machine's clock is wrong by more than 15 minutes: set it (NTP)",
    "AccountProblem": "the account is closed or suspended: ask AWS",
    "NotSignedUp": "the account is not signed up for this service",
    "AllAccessDisabled": "the bucket is disabled: ask its owner",
    "AccessDenied": _DENIED,
    "403": _DENIED,
    # HEAD has no body to tell why; an expired token is answered like this.
    "400": f"the request was refused without a reason (400). Perhaps {_EXPIRED}",
    "PermanentRedirect": _REGION,
    "301": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
}
_NONE = (
    "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `profile` in [s3], or give the machine a "
    "role; for what everybody may read set `anonymous = true` in [s3]"
)
_LOCAL = (
    (aws.NoCredentialsError, _NONE),
    (aws.PartialCredentialsError, f"only one half of the credentials is there: {_KEYS}"),
    (aws.ProfileNotFound, "correct `profile` in [s3] or AWS_PROFILE, or add it to ~/.aws/config"),
    (aws.SSOError, _EXPIRED),
    (aws.TokenRetrievalError, _EXPIRED),
    (aws.CredentialRetrievalError, "the credentials could not be fetched: check the role or process that gives them"),
)


def code(cause: BaseException) -> str:
    """The service's code (`NoSuchKey`; of a HEAD, which has no body, `404`), or ""."""
    return str(cause.response.get("Error", {}).get("Code", "")) if isinstance(cause, ClientError) else ""


def refusal(cause: BaseException, right: str) -> str | None:
    """What to check where AWS, or this side for want of credentials, refuses; None for any other failure.

    `right` is the one that the call needs, as policies name it: `s3:GetObject`.
    """
    if (told := code(cause)) in _REFUSALS:
        return f"{told}: {_REFUSALS[told].format(right=right)}"
    return next((f"{words} ({cause})" for kind, words in _LOCAL if isinstance(cause, kind)), None)


def words(cause: BaseException) -> str:
    """The failure in one line."""
    if isinstance(cause, ClientError):
        status = cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
        message = cause.response.get("Error", {}).get("Message", "")
        return f"{status} {code(cause)}: {message}".strip(": ")
    return str(cause) or type(cause).__name__
