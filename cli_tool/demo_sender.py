"""The demo's sender: drops its files as vendors do, moved in whole or written slowly, and notes each one."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cli_tool.demo_files import Drop
from triggers.folders import folder_of
from triggers.stores import Stores
from triggers.stores.access import Access
from triggers.stores.local import uri_of

PAUSE = 0.2  # seconds between two files
HESITATION = 0.4  # seconds that a slow writer stops in the middle


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where each feed's files lie, and the way there. An upload is whole: nobody writes slowly into a bucket."""

    prefixes: Mapping[str, str]
    access: Access

    def holds(self, feed: str) -> bool:
        """Whether the feed's files lie in a bucket, and not on a disk."""
        return not self.prefixes[feed].startswith("file:")

    def put(self, drop: Drop) -> str:
        """Upload a file; its uri."""
        folder_of(self.prefixes[drop.feed], self.access).write(drop.name, drop.content)
        return self.prefixes[drop.feed] + drop.name


class Sender(threading.Thread):
    """Sends until `stop` is set or `seconds` have passed; a failure is kept for whoever started it.

    Every file sent is a line of `note`: feed, name, kind, uri, version, and the state that it should end in.
    """

    def __init__(
        self, files: Iterator[Drop], folder: Path, note: Path, seconds: float | None, stop: threading.Event,
        bucket: Bucket,
    ) -> None:  # fmt: skip
        super().__init__(name="demo-sender", daemon=True)
        self.failure: Exception | None = None
        self.ended_at: datetime | None = None
        self._files, self._folder, self._note, self._seconds, self._stop_asked = files, folder, note, seconds, stop
        self._bucket = bucket

    def run(self) -> None:
        try:
            self._send_all()
        except Exception as error:  # noqa: BLE001 - raised by `check` in the thread that waits for it
            self.failure = error
        self.ended_at = datetime.now(UTC)

    def check(self) -> None:
        """Raises what ended the sender, if it was not its time."""
        if self.failure is not None:
            raise self.failure

    def _send_all(self) -> None:
        end = time.monotonic() + self._seconds if self._seconds is not None else float("inf")
        with self._note.open("a", encoding="utf-8") as note:
            for drop in self._files:
                if time.monotonic() >= end or self._stop_asked.is_set():
                    return
                note.write(json.dumps(self._send(drop)) + "\n")
                note.flush()
                self._stop_asked.wait(PAUSE)

    def _send(self, drop: Drop) -> dict[str, str]:
        uri = self._bucket.put(drop) if self._bucket.holds(drop.feed) else self._put(drop)
        seen = Stores(self._bucket.access).of(uri).stat(uri)
        version = seen.version if seen else ""
        sent = {"feed": drop.feed, "name": drop.name, "kind": drop.kind, "state": drop.state}
        return {**sent, "uri": uri, "version": version}

    def _put(self, drop: Drop) -> str:
        target = self._folder / drop.feed / drop.name
        self._write_slowly(target, drop.content) if drop.kind == "slow" else self._move_in(target, drop.content)
        return uri_of(target)

    def _move_in(self, target: Path, content: bytes) -> None:
        beside = self._folder.parent / "outbox" / target.name
        beside.write_bytes(content)
        beside.replace(target)

    def _write_slowly(self, target: Path, content: bytes) -> None:
        half = len(content) // 2
        with target.open("wb") as file:
            file.write(content[:half])
            file.flush()
            self._stop_asked.wait(HESITATION)
            file.write(content[half:])
