"""Cloud Storage's uris: `gs://bucket/name`, the name raw, so a `%`, a `#` or a double slash is just that."""

from triggers.errors import BadUri

SCHEME = "gs://"
#: https://cloud.google.com/storage/docs/objects#naming, in bytes of UTF-8
LONGEST_NAME = 1_024


def named(uri: str) -> tuple[str, str]:
    """(bucket, name); the name is "" for a bucket itself. Raises BadUri."""
    if not uri.startswith(SCHEME):
        raise BadUri(uri, "not a place in Google Cloud Storage: write gs://bucket/name")
    bucket, _, name = uri[len(SCHEME) :].partition("/")
    if not bucket:
        raise BadUri(uri, "the bucket is missing: write gs://bucket/name")
    return bucket, name


def uri_of(bucket: str, name: str) -> str:
    """The one spelling that the ledger keeps."""
    return f"{SCHEME}{bucket}/{name}"


def folder(uri: str) -> tuple[str, str]:
    """(bucket, prefix of names): a prefix is a folder, so `trades` does not take in `trades-old/`. Raises BadUri."""
    bucket, name = named(uri)
    return bucket, name if not name or name.endswith("/") else f"{name}/"
