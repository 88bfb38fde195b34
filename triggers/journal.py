"""The journal: arrivals made durable, many in one file, for Spark's JSON file source to pick up."""

import json
import os
import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from triggers.arrival import Arrival
from triggers.errors import JournalUnwritable


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _token() -> str:
    return secrets.token_hex(6)


class Journal:
    """A folder of JSON-lines files; `clock` and `token` make their names.

    A name sorts by time; the token keeps apart the writers that share the folder. Spark never sees the file
    while it is written, because its name begins with a dot until all of it is on the disk.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        clock: Callable[[], datetime] = _utc_now,
        token: Callable[[], str] = _token,
    ) -> None:
        self.directory = Path(directory)
        self._clock, self._token = clock, token

    def append(self, arrivals: Iterable[Arrival]) -> Path | None:
        """Write all of them as one file, durable on return; None when there was nothing to write.

        Raises JournalUnwritable (no room, no permission); then no part of the file is left behind.
        """
        text = "".join(json.dumps(arrival.to_json(), ensure_ascii=False) + "\n" for arrival in arrivals)
        if not text:
            return None
        name = f"{self._clock():%Y%m%dT%H%M%S%fZ}-{self._token()}.json"
        try:
            return self._write(name, text.encode())
        except OSError as cause:
            raise JournalUnwritable(str(self.directory), cause.strerror or str(cause)) from cause

    def prune(self, older_than: timedelta) -> int:
        """Remove files (left-over temporary ones too) that were last written longer ago; how many went."""
        if not self.directory.is_dir():
            return 0
        limit = (self._clock() - older_than).timestamp()
        old = [path for path in self.directory.iterdir() if _is_ours(path) and path.stat().st_mtime < limit]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _write(self, name: str, content: bytes) -> Path:
        self.directory.mkdir(parents=True, exist_ok=True)
        hidden, path = self.directory / f".{name}.tmp", self.directory / name
        try:
            _write_through(hidden, content)
            hidden.rename(path)
        except OSError:
            hidden.unlink(missing_ok=True)
            raise
        _sync_folder(self.directory)
        return path


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(directory: Path) -> None:
    # Without this the rename itself may be lost with the power.
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_ours(path: Path) -> bool:
    return path.name.endswith((".json", ".json.tmp")) and not path.is_dir()
