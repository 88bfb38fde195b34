"""What the file systems of Hadoop must be told of a cloud, from the same settings that the stores use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from streaming.hadoop import hadoop_version
from triggers.stores.access import AZURE_CONNECTION

if TYPE_CHECKING:
    from streaming.settings import Settings
    from streaming.tables import S3, Azure, Gcs

#: Values of Hadoop 3.5 that Google's connector cannot read ("64m"), in bytes as it wants them.
_GCS_SIZES = {
    "fs.gs.block.size": 64 << 20,
    "fs.gs.inputstream.inplace.seek.limit": 8 << 20,
    "fs.gs.inputstream.min.range.request.size": 2 << 20,
    "fs.gs.outputstream.buffer.size": 8 << 20,
    "fs.gs.rewrite.max.chunk.size": 512 << 20,
}


def options(cloud: str, settings: Settings) -> dict[str, str]:
    """Hadoop's options for a cloud, by their own names."""
    match cloud:
        case "s3":
            return _s3(settings.s3, hadoop_has_v2=_sdk_is_v2())
        case "azure":
            return _azure(settings.azure)
        case _:
            return _gcs(settings.gcs)


def secrets(cloud: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The key in the environment that Hadoop does not look for by itself: Azure's, of the account of the connection
    string. For a session that runs: what one is started with stands on Java's command line, for all to see.
    """
    given = dict(part.partition("=")[::2] for part in environ.get(AZURE_CONNECTION, "").split(";"))
    if cloud != "azure" or not given.get("AccountName") or not given.get("AccountKey"):
        return {}
    host = f"{given['AccountName']}.dfs.{given.get('EndpointSuffix') or 'core.windows.net'}"
    return {f"fs.azure.account.key.{host}": given["AccountKey"]}


def _sdk_is_v2() -> bool:
    # Hadoop 3.4 moved to the second AWS SDK, whose classes have other names.
    numbers = [int(part) for part in hadoop_version().split(".")[:2] if part.isdecimal()]
    return numbers >= [3, 4] or not numbers


def _s3(s3: S3, *, hadoop_has_v2: bool) -> dict[str, str]:
    found = {"fs.s3a.aws.credentials.provider": _s3_credentials(s3, hadoop_has_v2)}
    if s3.region:
        found["fs.s3a.endpoint.region"] = s3.region
    if s3.profile and hadoop_has_v2:
        found["fs.s3a.auth.profile.name"] = s3.profile
    if s3.endpoint:
        found["fs.s3a.endpoint"] = s3.endpoint
        found["fs.s3a.path.style.access"] = "true"  # what is not AWS itself seldom has a name for each bucket
        found["fs.s3a.connection.ssl.enabled"] = str(urlsplit(s3.endpoint).scheme == "https").lower()
        found.setdefault("fs.s3a.endpoint.region", "us-east-1")
    return found


def _s3_credentials(s3: S3, hadoop_has_v2: bool) -> str:
    if s3.anonymous:
        return "org.apache.hadoop.fs.s3a.AnonymousAWSCredentialsProvider"
    if hadoop_has_v2:
        own = "org.apache.hadoop.fs.s3a.auth.ProfileAWSCredentialsProvider"
        return own if s3.profile else "software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider"
    old = "com.amazonaws.auth"
    return f"{old}.profile.ProfileCredentialsProvider" if s3.profile else f"{old}.DefaultAWSCredentialsProviderChain"


def _azure(azure: Azure) -> dict[str, str]:
    if azure.endpoint is None:
        return {}
    at = urlsplit(azure.endpoint)
    # By `abfss` Hadoop speaks https whatever else is said, unless another class serves that scheme.
    plain = {"fs.abfss.impl": "org.apache.hadoop.fs.azurebfs.AzureBlobFileSystem"} if at.scheme == "http" else {}
    return plain | {
        "fs.azure.abfs.endpoint": at.netloc,
        "fs.azure.always.use.https": str(at.scheme == "https").lower(),
        "fs.azure.account.hns.enabled": "false",
        "fs.azure.fns.account.service.type": "BLOB",
        "fs.azure.networking.library": "JDK_HTTP_URL_CONNECTION",
    }


def _gcs(gcs: Gcs) -> dict[str, str]:
    found = {
        "fs.gs.impl": "com.google.cloud.hadoop.fs.gcs.GoogleHadoopFileSystem",
        "fs.AbstractFileSystem.gs.impl": "com.google.cloud.hadoop.fs.gcs.GoogleHadoopFS",
        **{name: str(size) for name, size in _GCS_SIZES.items()},
    }
    if gcs.project:
        found["fs.gs.project.id"] = gcs.project
    if gcs.endpoint:
        found["fs.gs.storage.root.url"] = gcs.endpoint
    if gcs.anonymous:
        found |= {"fs.gs.auth.service.account.enable": "false", "fs.gs.auth.null.enable": "true"}
    return found
