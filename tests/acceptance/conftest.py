"""What acceptance tests share: a folder that is a feed, with its own database; clusters, and a package for them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli_tool.run import main
from tests.acceptance.desk import Desk
from tests.acceptance.feeds import FEEDS
from tests.acceptance.job_desk import SPARK

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


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the Spark and of the Python that clusters have."""
    return tmp_path_factory.mktemp("machines")


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package whose environment the tests share."""
    folder = tmp_path_factory.mktemp("packed")
    config = folder / "tradewind.toml"
    config.write_text(
        '[state]\njournal = "/shared/journal"\ncheckpoints = "/shared/checkpoints"\n'
        '[feeds.x]\nsource = "/in"\nprofile = "demo-exchange"\n'
    )
    assert main(["package", "--spark", SPARK, "--out", str(folder / "package"), "--json", "--config", str(config)]) == 0
    return folder / "package"
