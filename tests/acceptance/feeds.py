"""The clouds that end-to-end tests run over. One joins by an entry in FEEDS; its modules load when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.acceptance.cloud_feed import CloudFeed

#: Gives a fixture by its name.
Fixture = Callable[[str], Any]


def _s3(fixture: Fixture, folder: Path, dsn: str, session: Any) -> CloudFeed:
    from tests.acceptance.aws_feed import AwsFeed

    return AwsFeed(folder, dsn, session, fixture("aws"))


def _storage_queue(fixture: Fixture, folder: Path, dsn: str, session: Any) -> CloudFeed:
    from tests.acceptance.azure_feeds import StorageQueueFeed

    return StorageQueueFeed(folder, dsn, session, fixture("azure"))


def _event_grid(fixture: Fixture, folder: Path, dsn: str, session: Any) -> CloudFeed:
    from tests.acceptance.azure_feeds import EventGridFeed

    return EventGridFeed(folder, dsn, session, fixture("azure"), fixture("grid"))


def _pub_sub(fixture: Fixture, folder: Path, dsn: str, session: Any) -> CloudFeed:
    from tests.acceptance.google_feed import GoogleFeed

    return GoogleFeed(folder, dsn, session, fixture("google"))


#: Made of the test's folder, its database's address and its Spark session.
FEEDS: dict[str, Callable[[Fixture, Path, str, Any], CloudFeed]] = {
    "s3": _s3,
    "storage queue": _storage_queue,
    "event grid": _event_grid,
    "pub/sub": _pub_sub,
}
