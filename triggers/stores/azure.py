"""Azure Blob storage, flat and hierarchical accounts. A version is the ETag without quotes, and the size in bytes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Any, BinaryIO, cast

from azure.core import MatchConditions
from azure.core.exceptions import AzureError
from azure.storage.blob import BlobClient, BlobProperties

from triggers.errors import (
    BadUri,
    PrefixMissing,
    StoreRefused,
    StoreUnavailable,
    TriggerError,
    Unreadable,
    VersionChanged,
    VersionVanished,
)
from triggers.stores import azure_clients
from triggers.stores.access import AzureAccess
from triggers.stores.azure_body import Body, Parts
from triggers.stores.azure_errors import (
    code_of,
    gone,
    no_name,
    other_version,
    status_of,
    translated,
    translating,
)
from triggers.stores.azure_listing import Listing, is_copying, is_folder, is_marker
from triggers.stores.azure_names import Place, place_of
from triggers.stores.port import Listed, uncounted

COPY_WITHIN = 300.0  # seconds; copies within one account are done at once, or nearly
_NEIGHBOURS = 5
_MISSING = "the container does not exist: create it, or correct the feed's `source` and `endpoint` in [azure]"


def version_of(etag: str, size: int) -> str:
    """The version, whoever tells of it: a listing, a header (with quotes) or an event (mostly without)."""
    return f"{etag.strip(chr(34))}-{size}"


class AzureStore:
    """Blobs as the settings reach them; it holds no client and can be pickled.

    Any spelling of a uri is taken, the canonical one is given. Left out are folders, and blobs that are still
    being copied into.
    """

    def __init__(self, access: AzureAccess | None = None) -> None:
        self._access = access or AzureAccess()

    def list(
        self, prefix_uri: str, after: str | None = None, counting: Callable[[], None] = uncounted
    ) -> Iterator[Listed]:
        """One request for 5,000 blobs; one for each folder where the account is hierarchical, or `after` is given.

        A uri without a last slash may be the name of one blob: where nothing lies below it a request looks, and whoever
        may not look there finds nothing.
        """
        place, empty = place_of(prefix_uri).folder, True
        for blob in self._blobs(prefix_uri, place, after, counting):
            empty = False
            if not is_copying(blob) and not is_marker(blob.name, blob.size):
                yield _listed(place, blob)
        if empty and not prefix_uri.endswith("/") and after is None and (single := self._single(prefix_uri)):
            yield single

    def stat(self, uri: str) -> Listed | None:
        """None for folders too. Unreadable while a copy into it is under way: ask again."""
        place = place_of(uri)
        if not place.path:
            return None
        try:
            found = self._blob(place).get_blob_properties()
        except AzureError as error:
            if gone(error) or no_name(error):
                return None
            raise translated(uri, error) from error
        if is_copying(found):
            raise Unreadable(uri, "a copy into it is under way; it is looked at again")
        return None if is_folder(found) or is_marker(place.path, found.size) else _listed(place, found)

    @contextmanager
    def open(self, uri: str, version: str, start: int = 0, end: int | None = None) -> Iterator[BinaryIO]:
        """If-Match on every request; one request where 8 MiB or less are wanted, else one for each 8 MiB."""
        place, (etag, size) = place_of(uri), _parts(version)
        stop = size if end is None else min(end, size)
        blob = self._blob(place)
        try:
            if start < stop:
                got = blob.download_blob(start, stop - start, **_if_match(etag))
                parts = Parts(uri, got.chunks(), stop - start, lambda error: self._failed(uri, version, error))
                yield Body(parts, got.properties.last_modified)
            else:
                # No byte is wanted, and no range can say so: only whether the version is there.
                yield Body(BytesIO(), blob.get_blob_properties(**_if_match(etag)).last_modified)
        except AzureError as error:
            raise self._failed(uri, version, error) from error

    def remove(self, uri: str, version: str) -> bool:
        """On the condition of the ETag. Unreadable where a lease, snapshots or a policy forbid it."""
        return self._removed(uri, place_of(uri), _parts(version)[0])

    def move(self, uri: str, version: str, to_uri: str) -> bool:
        """Copied by the service within the account; what was copied goes again if the source has changed by then."""
        place, target, etag = place_of(uri), place_of(to_uri), _parts(version)[0]
        if place == target:
            raise BadUri(to_uri, "a file cannot be moved onto itself: choose another place")
        if place.account != target.account:
            raise BadUri(to_uri, f"a file is moved within its account, which is {place.account}: choose a place there")
        source, copy = self._blob(place), self._blob(target)
        try:
            begun = copy.start_copy_from_url(source.url, **_if_source_matches(etag))
            made = self._copied(to_uri, copy, begun)
        except AzureError as error:
            if code_of(error) == "ContainerNotFound":
                raise PrefixMissing(to_uri, _MISSING) from error
            if gone(error) or other_version(error):
                return False
            raise translated(to_uri, error) from error
        if self._removed(uri, place, etag):
            return True
        self._removed(to_uri, target, made)
        return False

    def _single(self, uri: str) -> Listed | None:
        with suppress(StoreRefused):
            return self.stat(uri)
        return None

    def _denied_alone(self, place: Place) -> bool:
        """Whether a neighbour in the same folder can be read; asked only once something is denied."""
        folder = place.path[: place.path.rfind("/") + 1]
        with suppress(AzureError):
            listed = self._container(place).list_blobs(folder, results_per_page=_NEIGHBOURS)
            others = [blob for blob in next(listed.by_page(), ()) if blob.name != place.path and blob.size]
            for other in others:
                with suppress(AzureError):
                    self._blob(place.at(other.name)).download_blob(0, 1)
                    return True
        return False

    def _failed(self, uri: str, version: str, error: AzureError) -> TriggerError:
        if gone(error):
            return VersionVanished(uri, version)
        if status_of(error) == 403 and self._denied_alone(place_of(uri)):
            cause = f"{code_of(error)}: it alone is denied, others beside it are not: check its access list"
            return Unreadable(uri, cause)
        if not other_version(error):
            return translated(uri, error)
        try:
            found = self.stat(uri)
        except Unreadable as being_copied:
            return being_copied
        return VersionChanged(uri, version, found.version) if found else VersionVanished(uri, version)

    def _container(self, place: Place) -> Any:
        return azure_clients.container(self._access, place)

    def _blob(self, place: Place) -> BlobClient:
        with translating(place.uri):
            return cast(BlobClient, self._container(place).get_blob_client(place.path))

    def _blobs(
        self, prefix_uri: str, place: Place, after: str | None, counting: Callable[[], None]
    ) -> Iterator[BlobProperties]:
        last = None if after is None else self._within(place, after)
        with translating(prefix_uri):
            blobs = Listing(self._container(place), counting=counting).below(place.path, last)
        while (blob := self._next(prefix_uri, blobs)) is not None:
            yield blob

    def _within(self, place: Place, after: str) -> str:
        other = place_of(after)
        if other.at("") != place.at(""):
            raise BadUri(after, f"a listing of {place.uri} cannot begin there")
        return other.path

    def _next(self, prefix_uri: str, blobs: Iterator[BlobProperties]) -> BlobProperties | None:
        try:
            return next(blobs, None)
        except AzureError as error:
            if gone(error):
                raise PrefixMissing(prefix_uri, _MISSING) from error
            raise translated(prefix_uri, error) from error

    def _removed(self, uri: str, place: Place, etag: str) -> bool:
        try:
            self._blob(place).delete_blob(**_if_match(etag))
        except AzureError as error:
            if gone(error) or other_version(error):
                return False
            raise translated(uri, error) from error
        return True

    def _copied(self, to_uri: str, copy: BlobClient, begun: Any) -> str:
        """The ETag of the finished copy."""
        status, etag, late = begun["copy_status"], str(begun["etag"]), time.monotonic() + COPY_WITHIN
        while status == "pending" and time.monotonic() < late:
            time.sleep(0.2)
            found = copy.get_blob_properties()
            status, etag = found.copy.status, str(found.etag)
        if status == "pending":
            copy.abort_copy(begun["copy_id"])
        if status != "success":
            raise StoreUnavailable(to_uri, f"the copy ended as {status!r} within {COPY_WITHIN:g} s")
        return etag.strip('"')


def _if_match(etag: str) -> dict[str, Any]:
    return {"etag": _quoted(etag), "match_condition": MatchConditions.IfNotModified}


def _if_source_matches(etag: str) -> dict[str, Any]:
    return {"source_etag": _quoted(etag), "source_match_condition": MatchConditions.IfNotModified}


def _quoted(etag: str) -> str:
    # Events tell it without quotes, and Azure takes it only with them.
    return f'"{etag}"'


def _parts(version: str) -> tuple[str, int]:
    # A version that another store made: no ETag is like it, and what is there will be told.
    etag, _, size = version.rpartition("-")
    return (etag, int(size)) if size.isascii() and size.isdigit() else (version, 0)


def _listed(place: Place, blob: BlobProperties) -> Listed:
    return Listed(place.at(blob.name).uri, version_of(str(blob.etag), blob.size), blob.size, blob.last_modified)
