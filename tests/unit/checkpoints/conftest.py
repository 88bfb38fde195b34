"""Checkpoints as Spark 4.3 writes them."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from triggers.folders import LocalFolder

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class State:
    """A state folder, and a stand-in for Spark that leaves there what Spark leaves."""

    now = NOW

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @property
    def checkpoints(self) -> LocalFolder:
        return LocalFolder(self.directory / "checkpoints")

    @property
    def journals(self) -> LocalFolder:
        return LocalFolder(self.directory / "journal")

    def place(self, feed: str, mode: str) -> Path:
        return self.directory / "checkpoints" / feed / mode

    def spark(self, feed: str, mode: str, planned: int, committed: int, age: float = 60.0) -> Path:
        place, at = self.place(feed, mode), NOW - timedelta(seconds=age)
        self._write(place / "metadata", '{"id":"a2266ecd-e685-488e-b86c-0fdd8e88ee57"}', at)
        for batch in range(planned + 1):
            metadata = {"batchWatermarkMs": 0, "batchTimestampMs": round(at.timestamp() * 1000), "conf": {}}
            text = f'v1\n{json.dumps(metadata)}\n{{"logOffset":{batch}}}'
            self._write(place / "offsets" / str(batch), text, at)
            self._write(place / "offsets" / f".{batch}.crc", "crc", at)
            entry = {"path": f"file:///journal/{batch}.json", "timestamp": 1, "batchId": batch}
            self._write(place / "sources" / "0" / str(batch), f"v1\n{json.dumps(entry)}", at)
        for batch in range(committed + 1):
            self._write(place / "commits" / str(batch), 'v1\n{"nextBatchWatermarkMs":0}', at)
        for folder in (place, *place.rglob("*")):
            os.utime(folder, (at.timestamp(), at.timestamp()))
        return place

    def _write(self, path: Path, text: str, at: datetime) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "state")
