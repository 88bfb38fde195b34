"""What acceptance tests share: a folder that is a feed, with its own database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sinks import migrate
from tests.acceptance.bucket import Bucket
from tests.acceptance.desk import Desk

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.clouds.moto_server import MotoServer


@pytest.fixture
def desk(tmp_path: Path, postgres: str, spark: SparkSession) -> Desk:
    """A feed over an empty folder, with a database of its own."""
    migrate.migrate(postgres)
    for name in ("in", "state"):
        (tmp_path / name).mkdir()
    return Desk(tmp_path / "in", tmp_path / "state", postgres, spark)


@pytest.fixture
def bucket(tmp_path: Path, postgres: str, spark: SparkSession, aws: MotoServer) -> Bucket:
    """A feed over an empty bucket, with a queue and a database of its own."""
    migrate.migrate(postgres)
    for name in ("in", "state"):
        (tmp_path / name).mkdir()
    return Bucket(tmp_path, postgres, spark, aws)
