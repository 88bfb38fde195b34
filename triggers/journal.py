"""The journal: arrivals made durable, many in one file, for Spark's JSON file source to pick up."""

import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from triggers.arrival import Arrival
from triggers.errors import JournalUnwritable
from triggers.folders import Folder, LocalFolder

_TIME = "%Y%m%dT%H%M%S%fZ"  # in UTC; what a file's name begins with


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _token() -> str:
    return secrets.token_hex(6)


class Journal:
    """JSON-lines files in a folder, on a disk or in a bucket; `clock` and `token` make their names.

    A name sorts by time; the token keeps apart the writers that share the folder. Spark never sees a part of a
    file: on a disk its name begins with a dot until it is whole, in a bucket it is not there until then.
    """

    def __init__(
        self,
        folder: Folder | str | os.PathLike[str],
        clock: Callable[[], datetime] = _utc_now,
        token: Callable[[], str] = _token,
    ) -> None:
        self.folder: Folder = LocalFolder(Path(folder)) if isinstance(folder, str | os.PathLike) else folder
        self._clock, self._token = clock, token

    def append(self, arrivals: Iterable[Arrival]) -> str | None:
        """Write all of them as one file, durable on return, and give its name; None when there was nothing to write.

        Raises JournalUnwritable (no room, no permission, no bucket); then no part of the file is left behind.
        """
        text = "".join(json.dumps(arrival.to_json(), ensure_ascii=False) + "\n" for arrival in arrivals)
        if not text:
            return None
        name = f"{self._clock():{_TIME}}-{self._token()}.json"
        try:
            self.folder.write(name, text.encode())
        except OSError as cause:
            raise JournalUnwritable(self.folder.place, cause.strerror or str(cause)) from cause
        return name

    def prune(self, older_than: timedelta) -> int:
        """Remove files (left-over temporary ones too) that were last written longer ago; how many went.

        Raises JournalUnwritable.
        """
        limit = self._clock() - older_than
        try:
            old = [kept.name for kept in self.folder.files() if _is_ours(kept.name) and kept.modified_at < limit]
            for name in old:
                self.folder.delete(name)
        except OSError as cause:
            raise JournalUnwritable(self.folder.place, cause.strerror or str(cause)) from cause
        return len(old)

    def since(self, name: str) -> Iterator[tuple[str, list[Arrival]]]:
        """The files whose names sort after `name`, in their order, with what was written into each.

        Raises JournalUnwritable where the folder does not answer.
        """
        for one in self.names():
            if one > name and (arrivals := self.read(one)) is not None:
                yield one, arrivals

    def names(self) -> list[str]:
        """The names of all whole files, in their order. Raises JournalUnwritable where the folder does not answer."""
        try:
            return sorted(kept.name for kept in self.folder.files() if _is_whole(kept.name))
        except OSError as cause:
            raise JournalUnwritable(self.folder.place, cause.strerror or str(cause)) from cause

    def read(self, name: str) -> list[Arrival] | None:
        """What was written into a file; None where it is not there, as it may be pruned meanwhile.

        Raises JournalUnwritable where the folder does not answer.
        """
        try:
            content = self.folder.read(name)
        except OSError as cause:
            raise JournalUnwritable(self.folder.place, cause.strerror or str(cause)) from cause
        if content is None:
            return None
        return [Arrival.from_row(json.loads(line)) for line in content.decode().split("\n") if line]


def earlier(name: str, by: timedelta) -> str:
    """A name that sorts before those of the files made since `by` before this one; itself where it tells no time."""
    try:
        made = datetime.strptime(name.partition("-")[0], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return name
    return f"{made - by:{_TIME}}"


def _is_ours(name: str) -> bool:
    return "/" not in name and name.endswith((".json", ".json.tmp"))


def _is_whole(name: str) -> bool:
    return _is_ours(name) and name.endswith(".json")
