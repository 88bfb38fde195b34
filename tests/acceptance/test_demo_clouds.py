"""The demo over stand-ins for the clouds, as `make demo CLOUD=…` runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow(30)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("cloud", ["s3", "azure", "gcs"])
def test_the_demo_over_a_cloud_ends_with_every_file_as_it_was_meant(tmp_path: Path, cloud: str) -> None:
    books, folder = tmp_path / "books.json", tmp_path / "run"
    command = [sys.executable, "-m", "tests.clouds.demo", cloud, "--duration", "10"]
    ran = subprocess.run(
        [*command, "--folder", str(folder), "--books", str(books)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=250,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    sent = [json.loads(line) for line in (folder / "sent.jsonl").read_text().splitlines()]
    states = {(file["uri"], file["version"]): file["state"] for file in json.loads(books.read_text())["files"]}
    # Overwritten before it was read a version has vanished; replaced, it is superseded.
    meant = {(one["uri"], one["version"]): {one["state"], "vanished", "superseded"} for one in sent if one["version"]}
    assert len(sent) > 10
    assert {key: state for key, state in states.items() if state not in meant.get(key, {"vanished"})} == {}
    newest = {one["uri"]: (one["uri"], one["version"]) for one in sent}
    assert {uri for uri, key in newest.items() if states.get(key) in ("vanished", None)} == set()
    # The demo sweeps too, and would end just so without its queue.
    journaled = [file.read_text().splitlines() for file in (folder / "state" / "journal").rglob("*.json")]
    assert "events" in {json.loads(line)["seen_by"] for lines in journaled for line in lines}
