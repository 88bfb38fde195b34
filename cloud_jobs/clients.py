"""The services' official clients are an extra: who has not installed it is told so, and by what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cloud_jobs.errors import MissingClient


@contextmanager
def needed() -> Iterator[None]:
    """Around an import. Raises MissingClient."""
    try:
        yield
    except ModuleNotFoundError as missing:
        raise MissingClient(f"{missing.name} is not installed: `pip install 'tradewind[jobs]'`") from missing
