"""How each cloud is reached. No secrets: credentials come from the clouds' own default chains."""

from dataclasses import dataclass, field

#: The environment variable with an Azure account's name and its key or signature.
AZURE_CONNECTION = "AZURE_STORAGE_CONNECTION_STRING"


@dataclass(frozen=True, slots=True)
class S3Access:
    """S3 and what speaks its protocol. `endpoint` None is AWS; `profile` is one of ~/.aws/config."""

    endpoint: str | None = None
    region: str | None = None
    profile: str | None = None
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class AzureAccess:
    """Azure Blob and Queue storage; the endpoints replace the addresses made of the account's name."""

    endpoint: str | None = None
    queue_endpoint: str | None = None
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class GcsAccess:
    """Google Cloud Storage and Pub/Sub. `endpoint` and `pubsub_endpoint` None are Google's own."""

    endpoint: str | None = None
    pubsub_endpoint: str | None = None
    project: str | None = None
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """All clouds; picklable, so that tasks reach what the driver reaches."""

    s3: S3Access = field(default_factory=S3Access)
    azure: AzureAccess = field(default_factory=AzureAccess)
    gcs: GcsAccess = field(default_factory=GcsAccess)
