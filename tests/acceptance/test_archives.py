"""A zip of several members through the program itself, with members read in Spark's tasks."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.acceptance.desk import Desk, row, table


@pytest.mark.slow
@pytest.mark.parametrize("driver_files", [16, 0])
def test_a_zip_of_three_members_one_of_them_bad_is_loaded_but_for_that_one(
    tmp_path: Path, migrated_postgres: str, driver_files: int
) -> None:
    for name in ("in", "state"):
        (tmp_path / name).mkdir()
    desk = Desk(tmp_path / "in", tmp_path / "state", migrated_postgres, None)
    desk.drop(
        "day.zip", _zipped({"a.csv": table(row(1), row(2)), "b/b.csv": b"no,such\n1,2\n", "c.csv": table(row(3))})
    )
    desk.drop("plain.csv", table(row(4)))
    summary = _backfill(desk, driver_files)
    assert (summary["listed"], summary["new"], summary["records"], summary["quarantined"]) == (2, 2, 4, 1)
    assert desk.prices().keys() == {"1", "2", "3", "4"}
    states = desk.ask("SELECT uri, state FROM tradewind.files")
    assert {uri.removeprefix(desk.plan.prefix): state for uri, state in states} == {
        "day.zip": "ignored", "day.zip!a.csv": "loaded", "day.zip!b/b.csv": "quarantined", "day.zip!c.csv": "loaded",
        "plain.csv": "loaded",
    }  # fmt: skip
    assert desk.owed() == []


def _zipped(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def _backfill(desk: Desk, driver_files: int) -> dict[str, int]:
    """Run `tradewind backfill`, which ends with 3 because of the bad member; its summary."""
    config = desk.state / "tradewind.toml"
    config.write_text(
        f'[state]\ndir = "{desk.state}"\n[batch]\ndriver_files = {driver_files}\n[spark]\nmaster = "local[2]"\n'
        f'[feeds.x]\nsource = "{desk.folder}"\nprofile = "demo-exchange"\ndiscovery = "sweep"\n'
    )
    ended = subprocess.run(
        [sys.executable, "-m", "cli_tool.run", "backfill", "x", "--json", "--config", str(config)],
        capture_output=True, text=True, check=False, timeout=200, cwd=Path(__file__).parents[2],
        env={**os.environ, "TRADEWIND_DATABASE_URL": desk.dsn},
    )  # fmt: skip
    assert ended.returncode == 3, ended.stderr
    summary: dict[str, int] = json.loads(ended.stdout.splitlines()[-1])
    return summary
