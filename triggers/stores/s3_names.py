"""S3's uris: `s3://bucket/key`, the key raw, so a `%`, a `#` or a double slash is just that."""

from triggers.errors import BadUri

SCHEME = "s3://"
#: Spark's and older Hadoop's spellings.
SPELLINGS = (SCHEME, "s3a://", "s3n://")
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html, in bytes of UTF-8
LONGEST_KEY = 1_024

#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-bucket-naming-rules.html
_DIRECTORY_BUCKET = "--x-s3"


def named(uri: str) -> tuple[str, str]:
    """(bucket, key); the key is "" for a bucket itself. Raises BadUri."""
    scheme = next((each for each in SPELLINGS if uri.startswith(each)), None)
    if scheme is None:
        raise BadUri(uri, "not a place in S3: write s3://bucket/key")
    bucket, _, key = uri[len(scheme) :].partition("/")
    if not bucket:
        raise BadUri(uri, "the bucket is missing: write s3://bucket/key")
    return bucket, key


def uri_of(bucket: str, key: str) -> str:
    """The one spelling that the ledger keeps."""
    return f"{SCHEME}{bucket}/{key}"


def folder(uri: str) -> tuple[str, str]:
    """(bucket, prefix of keys): a prefix is a folder, so `trades` does not take in `trades-old/`. Raises BadUri."""
    bucket, key = named(uri)
    if bucket.endswith(_DIRECTORY_BUCKET):
        raise BadUri(uri, "a directory bucket lists its keys in no order: use a general purpose bucket")
    return bucket, key if not key or key.endswith("/") else f"{key}/"
