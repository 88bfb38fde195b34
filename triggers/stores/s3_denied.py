"""Whether a denial is about one object (its own key of encryption, its owner) or about all of them."""

from typing import Any

from triggers.stores.s3_refusals import FAILURES

_NEIGHBOURS = 5


def denied_alone(client: Any, bucket: str, key: str) -> bool:
    """True where a neighbour in the same folder can be read; asked only after a GET was denied, so it costs nothing
    while all is well."""
    folder = key[: key.rfind("/") + 1]
    try:
        page = client.list_objects_v2(Bucket=bucket, Prefix=folder, MaxKeys=_NEIGHBOURS)
    except FAILURES:
        return False
    others = [each["Key"] for each in page.get("Contents", ()) if each["Key"] != key and each["Size"]]
    return any(_readable(client, bucket, other) for other in others)


def _readable(client: Any, bucket: str, key: str) -> bool:
    try:
        client.get_object(Bucket=bucket, Key=key, Range="bytes=0-0")["Body"].close()
    except FAILURES:
        return False
    return True
