"""The clouds' own clients: each is an extra, and takes half a second to import, so only who needs it imports it."""

from collections.abc import Iterator
from contextlib import contextmanager

from triggers.errors import ClientMissing

#: The packages that an extra of setup.cfg brings, by the beginning of their modules' names.
PACKAGES = {"aws": ("boto3", "botocore"), "azure": ("azure",), "gcp": ("google",)}


@contextmanager
def client_of(extra: str, place: str) -> Iterator[None]:
    """Around an import: ClientMissing, naming `place` and the extra, where its packages are not installed."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if not (missing.name or "").startswith(PACKAGES[extra]):
            raise
        raise ClientMissing(place, extra) from missing
