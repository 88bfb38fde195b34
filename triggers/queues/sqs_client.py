"""Where a queue of SQS is, and the client that reaches it. Credentials come from AWS's default chain."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from triggers.stores.access import S3Access

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

OF_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
LONGEST_POLL = 20  # seconds; SQS's own limit

# A poll waits for its answer that long, and a dead connection should not be waited for much longer.
CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=5, read_timeout=LONGEST_POLL + 10
)


def client_of(queue: str, access: S3Access) -> "SQSClient":
    """A client in the queue's region. `anonymous` is for public buckets: queues have no such thing."""
    session = boto3.Session(profile_name=access.profile, region_name=region_of(queue) or access.region)
    return session.client("sqs", endpoint_url=endpoint_of(queue, access), config=CONFIG)


def region_of(queue: str) -> str | None:
    """The region in a queue's url: `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`, and the older spellings."""
    match _host(queue).split("."):
        case [*_, "sqs" | "sqs-fips", region, _, _] | [*_, "sqs" | "sqs-fips", region, _, _, _]:
            return region
        case [region, "queue", "amazonaws", *_]:
            return region
        case ["queue", "amazonaws", *_]:
            return "us-east-1"
    return None


def endpoint_of(queue: str, access: S3Access) -> str | None:
    """Where to ask: the url's own host; a stand-in for AWS that `[s3] endpoint` names; else AWS (None)."""
    own = f"{urlsplit(queue).scheme}://{urlsplit(queue).netloc}" if _host(queue) else None
    stand_in = access.endpoint if access.endpoint and not _host(access.endpoint).endswith(OF_AWS) else None
    # An endpoint of AWS's own is one of S3, such as a VPC's: SQS has another.
    return own if own and not _host(queue).endswith(OF_AWS) else stand_in or own


def _host(url: str) -> str:
    return urlsplit(url).hostname or "" if "://" in url else ""
