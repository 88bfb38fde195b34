import pytest

from triggers.errors import BadUri
from triggers.stores.s3_names import folder, named, uri_of


@pytest.mark.parametrize(
    ("uri", "bucket", "key"),
    [
        ("s3://bucket/a b+c%20#?.csv", "bucket", "a b+c%20#?.csv"),
        ("s3a://bucket/é/🚀", "bucket", "é/🚀"),
        ("s3n://bucket/a//b/../c", "bucket", "a//b/../c"),
        ("s3://bucket//rooted", "bucket", "/rooted"),
        ("s3://bucket/", "bucket", ""),
        ("s3://bucket", "bucket", ""),
    ],
)
def test_a_uri_is_a_bucket_and_a_raw_key(uri: str, bucket: str, key: str) -> None:
    assert named(uri) == (bucket, key)
    assert uri_of(*named(uri)) == f"s3://{bucket}/{key}"


@pytest.mark.parametrize("uri", ["s3:///key", "s3://", "s3:bucket/key", "gs://bucket/key", "/bucket/key"])
def test_what_names_no_bucket_is_refused_with_the_way_to_write_it(uri: str) -> None:
    with pytest.raises(BadUri, match="write s3://bucket/key"):
        named(uri)


@pytest.mark.parametrize(
    ("uri", "prefix"), [("s3://b", ""), ("s3://b/", ""), ("s3://b/in", "in/"), ("s3://b/in/", "in/")]
)
def test_a_prefix_is_a_folder(uri: str, prefix: str) -> None:
    assert folder(uri) == ("b", prefix)


def test_a_bucket_that_lists_in_no_order_is_refused() -> None:
    with pytest.raises(BadUri, match="general purpose bucket"):
        folder("s3://trades--euc1-az1--x-s3/in/")
