"""What a denial is about: one object (its own key of encryption, its owner), all of them, or none that is there.

Without the right to list, what is missing is denied as well:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
"""

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


def is_unlisted(client: Any, bucket: str, key: str) -> bool:
    """True where a listing shows that there is no such object; asked only after it was denied."""
    try:
        page = client.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
    except FAILURES:
        return False
    return all(each["Key"] != key for each in page.get("Contents", ()))


def _readable(client: Any, bucket: str, key: str) -> bool:
    try:
        client.get_object(Bucket=bucket, Key=key, Range="bytes=0-0")["Body"].close()
    except FAILURES:
        return False
    return True
