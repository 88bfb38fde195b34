"""Unity Catalog volumes as a place for packages, by Databricks' own client; its environment says which workspace."""

from __future__ import annotations

import io
from typing import Any

from cloud_jobs.errors import MissingClient


class VolumeDepot:
    """A folder of a volume: `dbfs:/Volumes/CATALOG/SCHEMA/VOLUME/folder`. What fails raises OSError."""

    def __init__(self, place: str, workspace: Any = None) -> None:
        self._folder = place.removeprefix("dbfs:").rstrip("/")
        self._workspace = workspace or _workspace()

    def sizes(self, folder: str) -> dict[str, int]:
        """What is in a folder of it: bytes by name; nothing where there is no such folder."""
        from databricks.sdk.errors import NotFound

        try:
            found = list(self._workspace.files.list_directory_contents(f"{self._folder}/{folder}"))
        except NotFound:
            return {}
        return {one.name: one.file_size for one in found if not one.is_directory}

    def write(self, name: str, content: bytes) -> None:
        """Whole, over what is there."""
        path = f"{self._folder}/{name}"
        self._workspace.files.create_directory(path.rpartition("/")[0])
        self._workspace.files.upload(path, io.BytesIO(content), overwrite=True)

    def read(self, name: str) -> bytes | None:
        """A file's content; None where there is none."""
        from databricks.sdk.errors import NotFound

        try:
            return bytes(self._workspace.files.download(f"{self._folder}/{name}").contents.read())
        except NotFound:
            return None


def _workspace() -> Any:
    try:
        from databricks.sdk import WorkspaceClient
    except ImportError:
        raise MissingClient("databricks-sdk is not installed here: `pip install 'tradewind[jobs]'`") from None
    return WorkspaceClient()
