import io
import pickle
import zipfile
from datetime import UTC, datetime

import pytest

from triggers.errors import PrefixMissing, Unreadable, VersionChanged, VersionVanished
from triggers.stores import Stores
from triggers.stores.spark import HeldRows, Row, SparkStore

AT = 1_767_225_600_123  # 2026-01-01T00:00:00.123Z
FILE = Row("dbfs:/Volumes/c/s/v/a b.csv", AT, 10, b"0123456789")


def read(stores: Stores, uri: str, version: str, start: int = 0, end: int | None = None) -> bytes:
    with stores.of(uri).open(uri, version, start, end) as stream:
        return stream.read()


def test_a_version_is_the_time_in_milliseconds_and_the_length() -> None:
    listed = Stores.held([FILE]).of(FILE.uri).stat(FILE.uri)
    assert listed is not None
    assert (listed.version, listed.size) == (f"{AT}-10", 10)
    assert listed.modified_at == datetime(2026, 1, 1, 0, 0, 0, 123_000, UTC)


def test_bytes_are_those_of_the_version_and_its_ranges() -> None:
    stores = Stores.held([FILE])
    assert read(stores, FILE.uri, f"{AT}-10") == b"0123456789"
    assert read(stores, FILE.uri, f"{AT}-10", 3, 7) == b"3456"
    assert read(stores, FILE.uri, f"{AT}-10", 8) == b"89"


@pytest.mark.parametrize("version", [f"{AT - 1}-10", f"{AT}-11"])
def test_another_time_or_length_is_another_version(version: str) -> None:
    with pytest.raises(VersionChanged, match=f"{AT}-10"):
        read(Stores.held([FILE]), FILE.uri, version)


def test_bytes_that_do_not_have_the_length_they_came_with_do_not_count() -> None:
    torn = Row(FILE.uri, AT, 11, b"0123456789")
    with pytest.raises(VersionChanged, match=f"{AT}-10"):
        read(Stores.held([torn]), torn.uri, f"{AT}-11")


def test_what_spark_does_not_bring_has_vanished() -> None:
    with pytest.raises(VersionVanished):
        read(Stores.held([]), FILE.uri, f"{AT}-10")


def test_members_of_an_archive_are_read_from_its_bytes() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("x/b.csv", b"in it")
    row = Row("hdfs:///in/a.zip", AT, len(held.getvalue()), held.getvalue())
    stores, member = Stores.held([row]), "hdfs:///in/a.zip!x/b.csv"
    assert stores.archive_of(member) == row.uri
    assert read(stores, member, row.listed.version) == b"in it"


def test_a_place_that_is_not_there_is_told() -> None:
    class Nowhere(HeldRows):
        def below(self, prefix_uri: str, after: str | None) -> None:
            return None

    with pytest.raises(PrefixMissing):
        list(SparkStore(Nowhere([])).list("dbfs:/Volumes/x/"))


def test_nothing_is_removed_or_moved_through_spark() -> None:
    store = SparkStore(HeldRows([FILE]))
    with pytest.raises(Unreadable, match="after_load"):
        store.remove(FILE.uri, f"{AT}-10")
    with pytest.raises(Unreadable, match="after_load"):
        store.move(FILE.uri, f"{AT}-10", "dbfs:/x")


def test_the_way_through_spark_goes_to_the_tasks() -> None:
    from streaming.through_spark import ThroughSpark

    stores = Stores(reader=ThroughSpark())
    assert pickle.loads(pickle.dumps(stores)) == stores
    assert stores.of("dbfs:/x") is stores.of("hdfs:///y")
