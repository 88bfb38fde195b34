from pathlib import Path

import pytest

from streaming.locations import DATABRICKS, canonical, spark_path, spark_uri, uri_of_spark
from triggers.errors import BadUri

ODD = ["a b", "plus+", "100%", "%20", "hash#f", "q?a=1", "é 🚀", "{a}[b]*", "back\\slash", "bang!", "a:b"]

FOLDERS = [
    "s3://bucket/in",
    "abfss://spot@acc.dfs.core.windows.net/in",
    "file:///in",
    "gs://b/in",
    "dbfs:/Volumes/c/s/v",
    "hdfs:///in",
]


def known(source: str, **environ: str) -> str:
    return canonical(source, Path("/conf"), environ)


@pytest.mark.parametrize(
    ("source", "uri"),
    [
        ("in/a b", "file:///conf/in/a b"),
        ("file:/data/%20", "file:///data/%20"),
        ("s3://bucket/x/", "s3://bucket/x"),
        ("s3a://bucket/x #1", "s3://bucket/x #1"),
        ("S3N://Bucket", "s3://Bucket"),
        ("abfs://spot@account.dfs.core.windows.net/x #1", "abfss://spot@account.dfs.core.windows.net/x #1"),
        ("wasbs://spot@account.blob.core.windows.net/x/", "abfss://spot@account.dfs.core.windows.net/x"),
        (
            "https://account.blob.core.windows.net/spot/a%20/*.csv",
            "abfss://spot@account.dfs.core.windows.net/a /*.csv",
        ),
        ("gs://bucket/x%", "gs://bucket/x%"),
        ("dbfs:/Volumes/c/s/v/", "dbfs:/Volumes/c/s/v"),
        ("dbfs:///Volumes/c/s/v", "dbfs:/Volumes/c/s/v"),
        ("hdfs://name:8020/x/", "hdfs://name:8020/x"),
        ("hdfs:///x", "hdfs:///x"),
        ("hdfs:/x", "hdfs:///x"),
        ("/Volumes/Disk/x", "file:///Volumes/Disk/x"),
    ],
)
def test_a_place_has_one_spelling(source: str, uri: str) -> None:
    assert known(source) == uri
    assert known(uri) == uri


def test_on_databricks_a_volumes_folder_is_a_volume() -> None:
    assert known("/Volumes/c/s/v", **{DATABRICKS: "17.3"}) == "dbfs:/Volumes/c/s/v"


@pytest.mark.parametrize("source", ["abfss:/x", "abfss://account/x", "https://example.com/x"])
def test_a_place_without_its_container_and_account_is_refused(source: str) -> None:
    with pytest.raises(BadUri, match="container and account"):
        known(source)


def test_a_glob_sign_that_https_takes_for_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match="abfss://"):
        known("https://account.blob.core.windows.net/spot/a?.csv")


@pytest.mark.parametrize("source", ["s3:bucket/x", "s3:///x", "gs:"])
def test_a_place_without_its_bucket_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="names no bucket"):
        known(source)


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize(
    "folder",
    [
        "s3://bucket/in",
        "abfss://spot@acc.dfs.core.windows.net/in",
        "file:///in",
        "gs://b/in",
        "dbfs:/Volumes/c/s/v",
        "hdfs:///in",
    ],
)
def test_what_spark_reports_of_a_name_is_the_name_again(folder: str, name: str) -> None:
    # It reports raw paths; a local one with a single slash, and a cluster's own with its node.
    reported = spark_uri(f"{folder}/{name}").replace("file:///", "file:/").replace("hdfs:///", "hdfs://node:8020/")
    assert uri_of_spark(reported, f"{folder}/") == f"{folder}/{name}"


def test_glob_signs_stand_for_themselves() -> None:
    assert spark_path("s3://b/{a}[b]*?\\.csv") == r"s3a://b/\{a\}\[b\]\*\?\\.csv"
    assert spark_uri("s3://b/{a}") == "s3a://b/{a}"
