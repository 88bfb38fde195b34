"""One stream a feed: the locks that say so, across machines."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from sinks import database, runs
from streaming.errors import StreamingError
from streaming.settings import Settings

log = structlog.get_logger()


class Alone:
    """Holds the feeds' locks for the time of the block, on a connection that no pooler gives to others."""

    def __init__(self, settings: Settings, feeds: Sequence[str], *, wait: bool = False, cure: str) -> None:
        """Raises StreamingError, which ends with `cure`, where a feed has a stream and it is not waited for."""
        self._connection = database.connect(settings.direct_dsn(), "tradewind stream")
        self._wait, self._cure = wait, cure
        for feed in feeds:
            self._lock(feed)

    def _lock(self, feed: str) -> None:
        if runs.lock_feed(self._connection, feed):
            return
        if not self._wait:
            self._connection.close()
            raise StreamingError(f"{feed}: another stream of this feed is running; {self._cure}")
        log.warning("Another stream of this feed is running; waiting for its end", feed=feed)
        runs.lock_feed(self._connection, feed, wait=True)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        self._connection.close()
