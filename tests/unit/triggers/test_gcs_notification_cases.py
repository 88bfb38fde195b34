"""What real messages of Google say, file by file of the folder of real cases; without the folder these skip."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from triggers.notifications.gcs import parse
from triggers.notifications.port import Appeared, Notification, NotOurs

CASES: dict[str, list[Notification]] = {
    # The body of a CloudEvent in binary mode: its type stands in headers that are not in the file.
    "gcs-cloudevents-StorageObjectData-simple": [
        Appeared(
            "gs://sample-bucket/folder/Test.cs",
            None,
            "1587627537231057",
            352,
            datetime(2020, 4, 23, 7, 38, 57, tzinfo=UTC),
        )
    ],
    "gcs-cloudevents-StorageObjectData-complex": [
        NotOurs("a version that is gone: deleted, or overwritten by one that is told of by itself")
    ],
    # The type says finalized, whatever `timeDeleted` says.
    "gcs-cloudevents-structured-StorageObjectDataWorkflows": [
        Appeared("gs://sample-bucket/MyFile", None, "96883251", 0, datetime(2020, 5, 6, 15, 14, 15, tzinfo=UTC))
    ],
    "gcs-pubsub-MessagePublishedData-complex": [NotOurs("no event of Cloud Storage")],
    "gcs-pull-attributes-python-storage": [Appeared("gs://mybucket/myobject", None, "1234567", 12345, None)],
}


@pytest.mark.parametrize("name", CASES)
def test_a_real_message_says_exactly_this(name: str, cases: Path) -> None:
    assert parse((cases / "notifications" / f"{name}.json").read_bytes()) == CASES[name]


def test_no_case_of_google_is_left_out(cases: Path) -> None:
    assert {path.stem for path in (cases / "notifications").glob("gcs-*.json")} == set(CASES)
