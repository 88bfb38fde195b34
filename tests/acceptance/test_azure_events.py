"""What Azure's hierarchical accounts tell beside what every cloud does, from the event to rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.acceptance.desk import row, table

if TYPE_CHECKING:
    from tests.acceptance.azure_feeds import AzureFeed

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("bucket", ["storage queue", "event grid"], indirect=True)]


def test_a_file_that_is_told_of_before_its_first_byte_is_loaded_once_it_is_written(bucket: AzureFeed) -> None:
    with bucket.streaming():
        bucket.until_swept()
        bucket.begin("a.csv")
        bucket.until_acknowledged()
        bucket.finish("a.csv", table(row(1)))
        bucket.until_rows(1)
    assert bucket.states() == {"a.csv": ["loaded"]}


def test_a_file_renamed_into_its_name_is_loaded_under_it(bucket: AzureFeed) -> None:
    with bucket.streaming():
        bucket.until_swept()
        bucket.finish("a.csv.tmp", table(row(1)))
        bucket.rename("a.csv.tmp", "a.csv")
        bucket.until_rows(1)
        bucket.until_acknowledged()
    assert bucket.states() == {"a.csv": ["loaded"]}
