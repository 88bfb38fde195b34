"""AWS's side of EMR: how its clients are made, and what their errors mean here. boto3 is imported when it is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from cloud_jobs.errors import CloudJobError, MissingClient, Refused, TargetError, Unreachable
from cloud_jobs.job_settings import JobSettings
from cloud_jobs.shapes import shape

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

Region = Annotated[str, shape(r"[a-z]{2,}(-[a-z]+)+-\d", "a region, such as eu-central-1")]
RoleArn = Annotated[
    str, shape(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", "the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME")
]
S3Folder = Annotated[
    str, shape(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/\S*)?", "a folder in a bucket, s3://BUCKET/FOLDER")
]
Address = Annotated[str, shape(r"https?://[^\s/]+(/\S*)?", "an address, https://HOST")]
#: A program of the service's machines.
Interpreter = Annotated[str, shape(r"[\w./-]+", "the name or path of a Python there, such as /usr/bin/python3.11")]

CONNECT_SECONDS, READ_SECONDS = 5, 30
#: The service was there and had no time: the same call may succeed later.
#: https://docs.aws.amazon.com/emr-serverless/latest/APIReference/CommonErrors.html
_BUSY = frozenset({"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"})
_CREDENTIALS = "check AWS's credentials: the environment, ~/.aws, `profile`, or the machine's role"
_TOKEN = re.compile(r"[A-Za-z0-9._-]{1,64}")


class AwsSettings(JobSettings):
    """What every service of AWS is asked: where it is, and as whom."""

    brings = frozenset({"s3"})
    takes = ("s3://",)

    region: Region  # eu-central-1
    profile: str | None = Field(None, min_length=1)  # one of ~/.aws; else boto3's own chain
    endpoint: Address | None = None  # a VPC's own, or a stand-in's


def client(service: str, settings: AwsSettings) -> Any:
    """A client of boto3. Raises MissingClient, and Refused for a profile that is not there."""
    try:
        import boto3
        from botocore.config import Config
    except ModuleNotFoundError as missing:
        raise MissingClient(f"boto3 is not installed: `pip install 'tradewind[jobs]'` ({missing.name})") from missing
    # Three attempts, unless AWS_MAX_ATTEMPTS or the profile says otherwise.
    config = Config(retries={"mode": "standard"}, connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS)
    with translating(f"making a client of {service}"):
        session: Any = boto3.Session(profile_name=settings.profile, region_name=settings.region)
        return session.client(service, endpoint_url=settings.endpoint, config=config)


@contextmanager
def translating(doing: str) -> Iterator[None]:
    """Around a call: what botocore raises becomes Refused, Unreachable or TargetError, by its code or kind."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _answered(doing, error) from error
    except BotoCoreError as error:
        raise _unanswered(doing, error) from error


def _answered(doing: str, error: ClientError) -> CloudJobError:
    code = str(error.response.get("Error", {}).get("Code", "unknown"))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    told = f"{doing}: {code}: {error.response.get('Error', {}).get('Message', '')}".rstrip(": ")
    if code in _BUSY or status == 429 or status >= 500:
        return Unreachable(told)
    return Refused(told)


def _unanswered(doing: str, error: Exception) -> CloudJobError:
    from botocore import exceptions

    told = f"{doing}: {error}"
    match error:
        case exceptions.ParamValidationError():
            return TargetError(told)
        case exceptions.HTTPClientError() | exceptions.ConnectionError() | exceptions.IncompleteReadError():
            return Unreachable(told)
        case _:  # no credentials, an expired sign-on, a profile or region that is not there
            return Refused(f"{told}; {_CREDENTIALS}")


def accepted_token(token: str) -> str:
    """A token as AWS takes it, 64 letters, digits, dots, dashes: itself, else its digest."""
    return token if _TOKEN.fullmatch(token) else sha256(token.encode()).hexdigest()


def console(region: str) -> str:
    """The web console of a region, by the partition that the region is in."""
    if region.startswith("cn-"):
        return f"https://{region}.console.amazonaws.cn"
    if region.startswith("us-gov-"):
        return f"https://{region}.console.amazonaws-us-gov.com"
    return f"https://{region}.console.aws.amazon.com"


def bucket_page(region: str, folder: str) -> str:
    """A folder of S3 as a page of the console."""
    bucket, _, prefix = folder.removeprefix("s3://").partition("/")
    return f"{console(region)}/s3/buckets/{bucket}?prefix={prefix.rstrip('/')}/"
