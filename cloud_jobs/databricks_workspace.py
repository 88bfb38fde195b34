"""A workspace of Databricks: how it is reached, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cloud_jobs import clients
from cloud_jobs.errors import Refused, TargetError, Unreachable

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient


def workspace(host: str | None, profile: str | None, patience: int = 20) -> WorkspaceClient:
    """Its client. Raises TargetError where nothing says which one, or who asks; MissingClient."""
    with clients.needed():
        from databricks.sdk import WorkspaceClient
        from databricks.sdk.core import Config
    try:
        config = Config(host=host, profile=profile, http_timeout_seconds=30, retry_timeout_seconds=patience)
        return WorkspaceClient(config=config)
    except ValueError as unusable:
        raise TargetError(f"databricks: {str(unusable).splitlines()[0]}") from unusable


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raises Refused and Unreachable for what the client raises, by its classes, which stand for codes."""
    with clients.needed():
        from databricks.sdk import errors
        from databricks.sdk.errors.base import DatabricksError

    later = (errors.TooManyRequests, errors.TemporarilyUnavailable, errors.DeadlineExceeded, errors.InternalError)
    try:
        yield
    except later as failed:
        raise Unreachable(f"{doing}: {failed}") from failed
    except DatabricksError as failed:
        raise Refused(f"{doing}: {failed} ({failed.error_code})") from failed
    except OSError as failed:  # requests' own, and the client's TimeoutError
        raise Unreachable(f"{doing}: the workspace does not answer ({failed})") from failed
