"""The local Spark session: quiet, in UTC, on the Python and Java it was given."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from streaming.session import local_session
from streaming.settings import Settings
from tests import quick_java

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SCRIPT = """
import sys
from streaming.session import local_session
from streaming.settings import Settings
settings = Settings.model_validate({"state": {"dir": sys.argv[1]}, "spark": {"master": "local[1]"}})
spark = local_session(settings)
print(spark.range(3).count(), spark.conf.get("spark.sql.session.timeZone"))
spark.stop()
"""


@pytest.mark.slow
def test_it_starts_on_the_java_of_the_wheel_and_says_nothing(tmp_path: Path) -> None:
    of_tests = ("JAVA_HOME", *quick_java.NAMES)
    environ = {name: value for name, value in os.environ.items() if name not in of_tests}
    for tool in ("bash", "sh", "dirname", "ps", "env", "cat", "ls", "readlink", "uname", "basename"):
        for folder in ("/bin", "/usr/bin"):
            if Path(folder, tool).exists() and not (tmp_path / "bin" / tool).exists():
                (tmp_path / "bin").mkdir(exist_ok=True)
                (tmp_path / "bin" / tool).symlink_to(Path(folder, tool))
    ran = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(tmp_path / "state")],
        env={**environ, "PATH": str(tmp_path / "bin"), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("3 UTC\n", "", 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", "state"], "it left something in the folder"


def test_an_active_session_is_used_as_it_is(spark: "SparkSession", tmp_path: Path) -> None:
    settings = Settings.model_validate({"state": {"dir": str(tmp_path)}, "spark": {"master": "local[7]"}})
    assert local_session(settings) is spark


def test_tasks_run_on_the_same_python_with_arrow(spark: "SparkSession") -> None:
    def interpreter(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for _ in batches:
            yield pa.RecordBatch.from_pydict({"python": [sys.executable]})

    rows = spark.range(1).mapInArrow(interpreter, "python string").collect()
    assert [row.python for row in rows] == [sys.executable]
