"""What acceptance tests share: a folder that is a feed, with its own database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.desk import Desk
from tests.acceptance.feeds import FEEDS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.acceptance.cloud_feed import CloudFeed


@pytest.fixture
def desk(tmp_path: Path, migrated_postgres: str, spark: SparkSession) -> Desk:
    """A feed over an empty folder, with a database of its own."""
    for name in ("in", "state"):
        (tmp_path / name).mkdir()
    return Desk(tmp_path / "in", tmp_path / "state", migrated_postgres, spark)


@pytest.fixture
def bucket(request: pytest.FixtureRequest, tmp_path: Path, migrated_postgres: str, spark: SparkSession) -> CloudFeed:
    """A feed over an empty bucket with a queue and a database of its own; in S3 where a test names no cloud."""
    for name in ("in", "state"):
        (tmp_path / name).mkdir()
    return FEEDS[getattr(request, "param", "s3")](request.getfixturevalue, tmp_path, migrated_postgres, spark)
