"""The same job under Spark Connect, where no driver shares memory with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyspark
import pytest

from tests.acceptance.desk import Desk, row, table

CONFIGURATION = """
[feeds.x]
source = "in"
profile = "demo-exchange"

[batch]
driver_files = 0

[spark]
"spark.remote" = "local[2]"
"""


@pytest.mark.slow
@pytest.mark.skipif(pyspark.__version__.startswith("3."), reason="Spark 3.5's wheel holds no Connect server")
def test_a_backfill_runs_on_a_connect_session(tmp_path: Path, migrated_postgres: str) -> None:
    (tmp_path / "in").mkdir()
    desk = Desk(tmp_path / "in", tmp_path, migrated_postgres, None)
    desk.drop("a.csv", table(row(1), row(2)))
    (tmp_path / "tradewind.toml").write_text(CONFIGURATION)
    done = subprocess.run(
        [sys.executable, "-m", "cli_tool.run", "backfill", "x", "--json", "--config", str(tmp_path / "tradewind.toml")],
        env={**os.environ, "TRADEWIND_DATABASE_URL": migrated_postgres, "PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert desk.prices() == {"1": "10.5", "2": "10.5"}
    assert desk.books("a.csv") == {"inserted": 2}
