import pytest

from triggers.names import ignored_reason


@pytest.mark.parametrize(
    "name",
    [
        "_x",
        ".x",
        "_SUCCESS",
        "a.tmp",
        "A.TMP",
        "a.csv.tmp",
        "a.part",
        "a.csv.filepart",
        "a.crdownload",
        "a.partial",
        "a.csv._COPYING_",
        "a.csv~",
        ".a.csv.swp",
        "a.csv.sha256",
        "2026_$folder$",
        "a.md5",
        "a.zip.CHECKSUM",
    ],
)
def test_an_unfinished_hidden_or_sidecar_name_is_ignored_with_a_reason(name: str) -> None:
    assert ignored_reason(f"file:///in/{name}")


@pytest.mark.parametrize(
    "name", ["a.csv", "a.csv.gz", "a_b.csv", "part-0.csv", "tmp.csv", "a.tmp.csv", "a", "x.done", "_d=1"]
)
def test_any_other_name_is_taken(name: str) -> None:
    assert ignored_reason(f"file:///in/{name}") is None


def test_markers_and_manifests_are_ignored_only_where_the_feed_uses_them() -> None:
    assert ignored_reason("file:///in/a.csv.done", "marker:.done")
    assert ignored_reason("file:///in/a.csv", "marker:.done") is None
    assert ignored_reason("file:///in/files.txt", "manifest:files.txt")
    assert ignored_reason("file:///in/other.txt", "manifest:files.txt") is None


def test_hidden_folders_count_below_the_prefix_and_never_above_it() -> None:
    uri = "file:///home/.me/in/_temporary/0/a.csv"
    assert ignored_reason(uri, "auto", "file:///home/.me/in/") == "the folder '_temporary' begins with '_'"
    assert ignored_reason(uri, "auto", "file:///home/.me/in/_temporary/") is None
    assert ignored_reason(uri) is None


def test_a_partition_folder_is_not_hidden() -> None:
    assert ignored_reason("file:///in/_date=2026-01-02/a.csv", "auto", "file:///in/") is None
