"""What Spark is asked for where only it has the rights."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from streaming.through_spark import ThroughSpark
from triggers.stores.local import uri_of
from triggers.stores.spark import Row


@dataclass(frozen=True, slots=True)
class Watched(ThroughSpark):
    """Notes the frames of its listings."""

    frames: list[Any] = field(default_factory=list)

    def _rows(self, frame: Any, prefix_uri: str, after: str | None) -> Iterator[Row]:
        self.frames.append(frame)
        return ThroughSpark._rows(self, frame, prefix_uri, after)


@pytest.mark.usefixtures("spark")
def test_a_listing_reads_no_files_content(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_bytes(b"bytes that nobody asked for")
    reader = Watched()
    (row,) = list(reader.below(uri_of(tmp_path), None) or [])
    assert (row.length, row.content) == (27, None)
    (frame,) = reader.frames
    assert frame.columns == ["path", "modified_ms", "length"]
    frame.explain()
    plan = capsys.readouterr().out
    assert "ReadSchema: struct<path:string,modificationTime:timestamp,length:bigint>" in plan
