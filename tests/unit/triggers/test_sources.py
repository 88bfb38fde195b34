import pickle

import pytest

from triggers.errors import BadUri
from triggers.sources import Source


@pytest.mark.parametrize(
    ("text", "prefix", "glob"),
    [
        ("file:///data/in", "file:///data/in/", None),
        ("file:///data/in/", "file:///data/in/", None),
        ("file:/data/in", "file:///data/in/", None),
        ("file:///data/*/trades-*.csv*", "file:///data/", "*/trades-*.csv*"),
        ("file:///data/a b/**/x.csv", "file:///data/a b/", "**/x.csv"),
        ("file:///*.csv", "file:///", "*.csv"),
        ("s3a://bucket/spot/", "s3a://bucket/spot/", None),
        ("s3a://bucket/*/x?.csv", "s3a://bucket/", "*/x?.csv"),
    ],
)
def test_a_source_is_its_fixed_part_and_a_glob(text: str, prefix: str, glob: str | None) -> None:
    assert (Source.parse(text).prefix, Source.parse(text).glob) == (prefix, glob)


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("s3://bucket/spot/", "s3://bucket/spot/"),
        ("s3://bucket/spot", "s3://bucket/spot"),
        ("s3://bucket/a.csv", "s3://bucket/a.csv"),
        ("s3://bucket/spot/*.csv", "s3://bucket/spot/"),
        ("file:/data/in", "file:///data/in"),
    ],
)
def test_what_may_be_one_files_name_is_listed_without_a_last_slash(text: str, listed: str) -> None:
    assert Source.parse(text).listed == listed


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        (None, "any/depth/at.all", True),
        ("*.csv", "a.csv", True),
        ("*.csv", "b/a.csv", False),
        ("*.csv", "A.CSV", False),
        ("*/trades-*.csv*", "x/trades-1.csv.gz", True),
        ("*/trades-*.csv*", "x/y/trades-1.csv", False),
        ("**/*.csv", "a.csv", True),
        ("**/*.csv", "x/y/z/a.csv", True),
        ("**/*.csv", "x/y/z/a.txt", False),
        ("x/**", "x/y/z", True),
        ("x/**/y/*.csv", "x/y/a.csv", True),
        ("x/**/y/*.csv", "x/1/2/y/a.csv", True),
        ("x/**/y/*.csv", "x/1/2/a.csv", False),
        ("[ab].csv", "b.csv", True),
        ("[ab].csv", "c.csv", False),
        ("*.csv", "line\nbreak.csv", True),
    ],
)
def test_a_glob_matches_part_by_part(glob: str | None, path: str, expected: bool) -> None:
    assert Source("file:///in/", glob).matches("file:///in/" + path) is expected


def test_what_lies_beside_the_prefix_is_not_the_feeds() -> None:
    assert not Source("file:///in/").matches("file:///in2/a.csv")
    assert not Source("file:///in/").matches("file:///a.csv")


def test_a_source_may_be_one_file() -> None:
    assert Source.parse("file:///in/a.csv").matches("file:///in/a.csv")


def test_a_relative_source_is_refused_with_the_cure() -> None:
    with pytest.raises(BadUri, match="file:///folder"):
        Source.parse("file:in/here")


def test_a_source_is_pickled() -> None:
    source = Source.parse("file:///data/*.csv")
    assert pickle.loads(pickle.dumps(source)) == source
