"""The notebooks are run as a user runs them, top to bottom; and a job shows its state in one."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pyspark
import pytest
from nbclient import NotebookClient

from sinks import database
from tests.acceptance.desk import Desk, row, table

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
#: What Databricks gives a notebook: a session, here one of Connect, and `dbutils`.
ON_DATABRICKS = """
import os, sys
from pathlib import Path
from pyspark.sql import SparkSession
from streaming.session import prepare_environment

class Widgets:
    def __init__(self, given): self.given, self.known = given, {}
    def text(self, name, default, label): self.known[name] = self.given.get(name, default)
    def get(self, name): return self.known[name]

class Dbutils:
    def __init__(self, given): self.widgets = Widgets(given)

script, volume, state = sys.argv[1:]
prepare_environment(Path(state))
spark = SparkSession.builder.remote("local[2]").getOrCreate()
given = {"volume": volume, "profile": "demo-exchange", "state": state}
names = {"__name__": "__main__", "spark": spark, "dbutils": Dbutils(given)}
exec(compile(Path(script).read_text(), script, "exec"), names)
again = names["backfill"]("volume", names["config"])  # of a session that nobody names the active one is taken
assert again.session is spark, again.session
assert spark.range(3).count() == 3, "the notebook's session is used, and not stopped"
spark.stop()
"""


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a short path: that of a server's socket may have 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="tradewind-") as folder:
        Path(folder).chmod(0o711)  # the embedded server is not root's
        yield Path(folder)


@pytest.mark.slow(40)
def test_the_quickstart_runs_from_top_to_bottom(tmp_path: Path, short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(short))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(NOTEBOOKS / "quickstart.ipynb", as_version=4)
    NotebookClient(
        notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    told = "\n".join(_texts(notebook))
    assert "10 of 10 files" in told
    assert "4,998" in told, "trades of ten files of 500 lines, two of which have no price"
    assert "acme-2026-01-08.csv" in told
    assert "n/a" in told, "the line that is no trade is explained"
    assert any("image/png" in output.get("data", {}) for output in _outputs(notebook)), "the plot is drawn"


def test_the_notebooks_are_kept_without_outputs() -> None:
    for path in NOTEBOOKS.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert not any(cell.outputs or cell.execution_count for cell in code), path.name


@pytest.mark.slow(30)
@pytest.mark.skipif(pyspark.__version__.startswith("3."), reason="Spark 3.5's wheel holds no Connect server")
def test_the_databricks_quickstart_loads_a_volume_through_spark_connect(tmp_path: Path, migrated_postgres: str) -> None:
    (tmp_path / "volume").mkdir()
    desk = Desk(tmp_path / "volume", tmp_path, migrated_postgres, None)
    desk.drop("a-2026-01-05.csv", table(row(1), row(2), row(3, price="n/a"), *map(row, range(4, 150))))
    done = subprocess.run(
        [sys.executable, "-c", ON_DATABRICKS, NOTEBOOKS / "databricks_quickstart.py", desk.folder, tmp_path / "state"],
        env={**os.environ, "TRADEWIND_DATABASE_URL": migrated_postgres, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    with database.transaction(database.connect(migrated_postgres, "test")) as cursor:
        cursor.execute("SELECT state, records, inserted, rejected FROM tradewind.files")
        assert cursor.fetchall() == [("loaded", 149, 148, 1)]
    assert "loaded" in done.stdout


def _outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def _texts(notebook: Any) -> list[str]:
    return [
        str(output.get("text", "")) + "".join(map(str, output.get("data", {}).values()))
        for output in _outputs(notebook)
    ]
