"""Where a Google Cloud SDK lies on this machine."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path


def found(pattern: str, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The newest file of this name in an SDK: that of `gcloud` on the PATH, of a package, or in the home folder."""
    return next((path for root in _roots(environ) for path in sorted(root.glob(pattern), reverse=True)), None)


def _roots(environ: Mapping[str, str]) -> Iterator[Path]:
    if gcloud := shutil.which("gcloud", path=environ.get("PATH")):
        yield Path(gcloud).resolve().parent.parent
    yield from (Path("/usr/lib/google-cloud-sdk"), Path("/usr/share/google-cloud-sdk"))
    yield Path.home() / "google-cloud-sdk"
