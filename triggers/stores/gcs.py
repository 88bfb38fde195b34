"""Google Cloud Storage as a store. A version is the object's generation."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, BinaryIO

from google.api_core import exceptions as api
from google.cloud.storage.retry import DEFAULT_RETRY

from triggers.errors import BadUri, StoreUnavailable, TriggerError, VersionChanged, VersionVanished
from triggers.stores import gcs_client
from triggers.stores.access import GcsAccess
from triggers.stores.gcs_body import body
from triggers.stores.gcs_errors import FAILURES, PASSED, translated, translating
from triggers.stores.gcs_names import LONGEST_NAME, folder, named, uri_of
from triggers.stores.port import Listed, uncounted

# The rights that the calls need, as a role names them.
LIST, GET = "storage.objects.list", "storage.objects.get"
DELETE = "storage.objects.delete"
COPY = f"{GET}, and storage.objects.create where it is moved to"

PAGE = 1_000  # Cloud Storage's own limit
PATIENCE = 20.0  # seconds of the client's own retries; the caller tries again later
_TIMEOUTS = (10.0, 60.0)  # to connect, and between two bytes
_FIELDS = "nextPageToken,items(name,generation,size,timeCreated)"
# Without it Cloud Storage unpacks what is stored with `Content-Encoding: gzip`, and ranges would be of other bytes:
# https://cloud.google.com/storage/docs/transcoding
_AS_STORED = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True, slots=True)
class GcsStore:
    """Holds no client: each process has its own, so this may be pickled, and shared by threads."""

    access: GcsAccess = field(default_factory=GcsAccess)
    patience: float = PATIENCE

    def list(
        self, prefix_uri: str, after: str | None = None, counting: Callable[[], None] = uncounted
    ) -> Iterator[Listed]:
        """One LIST for 1,000 objects, the next one only when they are used up.

        Names that end in a slash and have no bytes are not listed: consoles and Hadoop make them to show an empty
        folder. A uri without a last slash may be the name of one object: where nothing lies below it a request looks,
        and whoever may not look there finds nothing.
        """
        bucket, prefix = folder(prefix_uri)
        empty = True
        for blob in self._blobs(uri_of(bucket, prefix), bucket, prefix, _name_in(bucket, after), counting):
            empty = False
            if blob.size or not blob.name.endswith("/"):
                yield _listed(bucket, blob)
        if empty and not prefix_uri.endswith("/") and after is None and (single := self._single(bucket, prefix[:-1])):
            yield single

    def stat(self, uri: str) -> Listed | None:
        """One request; None for what is gone, for a folder's marker, and where the bucket is not there."""
        with translating(uri, GET):
            return self._looked_at(*named(uri))

    @contextmanager
    def open(self, uri: str, version: str, start: int = 0, end: int | None = None) -> Iterator[BinaryIO]:
        """One GET of exactly this generation. Where the bucket keeps old generations, one that was replaced can still
        be read."""
        if not _is_generation(version):
            raise self._other(uri, version)
        if end is not None and start >= end:
            if not self._is(uri, version):
                raise self._other(uri, version)
            yield BytesIO()
            return
        with closing(self._get(uri, version, start, end)) as answer:
            # Nothing lies that far, but this version does: another one would not have been found.
            past = answer.status_code == api.RequestRangeNotSatisfiable.code
            yield BytesIO() if past else body(uri, answer)

    def remove(self, uri: str, version: str) -> bool:
        """A DELETE on the condition of the generation; where an `endpoint` is set it is looked at before, since
        not every stand-in knows the condition. A bucket with versions keeps the bytes, as its owner chose."""
        if not _is_generation(version) or (self.access.endpoint and not self._is(uri, version)):
            return False
        bucket, name = named(uri)
        try:
            self._gcs().bucket(bucket).blob(name).delete(
                if_generation_match=int(version), retry=self._retry(), timeout=_TIMEOUTS
            )
        except FAILURES as cause:
            return _passed_over(uri, cause, DELETE)
        return True

    def move(self, uri: str, version: str, to_uri: str) -> bool:
        """Copied by Cloud Storage itself, on the condition of the generation. A source that is replaced after it was
        copied stays, and so does the copy, which is of this version."""
        (bucket, name), (to_bucket, to_name) = named(uri), named(to_uri)
        if (bucket, name) == (to_bucket, to_name):
            raise BadUri(to_uri, "an object cannot be moved onto itself: choose another place")
        if not self._is(uri, version):
            return False
        try:
            self._copy(bucket, name, int(version), to_bucket, to_name)
        except FAILURES as cause:
            # Where the source is there still, it is the other bucket that is not.
            return _passed_over(uri, cause, COPY, to_uri if self._is(uri, version) else None)
        return self.remove(uri, version)

    def _looked_at(self, bucket: str, name: str) -> Listed | None:
        if not name or len(name.encode()) > LONGEST_NAME:  # no object has it, but a member of an archive may
            return None
        blob = self._gcs().bucket(bucket).get_blob(name, retry=self._retry(), timeout=_TIMEOUTS)
        if blob is None or (name.endswith("/") and not blob.size):
            return None
        return _listed(bucket, blob)

    def _single(self, bucket: str, name: str) -> Listed | None:
        with translating(uri_of(bucket, name), GET), suppress(api.Forbidden):
            return self._looked_at(bucket, name)
        return None

    def _gcs(self) -> Any:
        return gcs_client.client(self.access)

    def _retry(self) -> Any:
        return DEFAULT_RETRY.with_timeout(self.patience)

    def _blobs(self, uri: str, bucket: str, prefix: str, after: str, counting: Callable[[], None]) -> Iterator[Any]:
        with translating(uri, LIST):
            found = self._gcs().list_blobs(
                bucket,
                prefix=prefix or None,
                start_offset=after or None,
                page_size=PAGE,
                fields=_FIELDS,
                retry=self._retry(),
                timeout=_TIMEOUTS,
            )
            pages = iter(found.pages)
        while (page := self._page(uri, pages)) is not None:
            counting()
            # The offset is inclusive.
            yield from (blob for blob in page if not after or blob.name.encode() > after.encode())

    def _page(self, uri: str, pages: Iterator[Any]) -> Any:
        with translating(uri, LIST):
            return next(pages, None)

    def _get(self, uri: str, version: str, start: int, end: int | None) -> Any:
        bucket, name = named(uri)
        wanted = {"Range": f"bytes={start}-{'' if end is None else end - 1}"} if start or end is not None else {}
        try:
            client = self._gcs()
            url = gcs_client.media_url(client, bucket, name, version)
            return self._retry()(_answered)(gcs_client.session(client), url, {**_AS_STORED, **wanted})
        except PASSED as cause:
            raise self._other(uri, version) from cause
        except FAILURES as cause:
            raise translated(uri, cause, GET) from cause

    def _copy(self, bucket: str, name: str, generation: int, to_bucket: str, to_name: str) -> None:
        gcs = self._gcs()
        source = gcs.bucket(bucket)
        source.copy_blob(
            source.blob(name),
            gcs.bucket(to_bucket),
            to_name,
            source_generation=generation,
            if_source_generation_match=generation,
            retry=self._retry(),
            timeout=_TIMEOUTS,
        )

    def _is(self, uri: str, version: str) -> bool:
        found = self.stat(uri)
        return found is not None and found.version == version

    def _other(self, uri: str, version: str) -> TriggerError:
        found = self.stat(uri)
        if found is None:
            return VersionVanished(uri, version)
        if found.version == version:
            return StoreUnavailable(uri, "it was not found, and then it was")
        return VersionChanged(uri, version, found.version)


def moment(created: datetime) -> datetime:
    """A version's time: when this generation was made, in whole seconds, as the answer to a GET tells it."""
    return created.astimezone(UTC).replace(microsecond=0)


def _answered(session: Any, url: str, headers: dict[str, str]) -> Any:
    answer = session.get(url, headers=headers, stream=True, timeout=_TIMEOUTS)
    if answer.status_code >= 400 and answer.status_code != api.RequestRangeNotSatisfiable.code:
        with closing(answer):
            raise api.from_http_response(answer)  # type: ignore[no-untyped-call]
    return answer


def _is_generation(version: str) -> bool:
    return version.isascii() and version.isdigit()


def _name_in(bucket: str, after: str | None) -> str:
    if after is None:
        return ""
    other, name = named(after)
    if other != bucket:
        raise BadUri(after, f"a listing of the bucket {bucket} cannot begin there")
    return name


def _listed(bucket: str, blob: Any) -> Listed:
    return Listed(uri_of(bucket, blob.name), str(blob.generation), blob.size, moment(blob.time_created))


def _passed_over(uri: str, cause: Exception, right: str, missing: str | None = None) -> bool:
    """False for what is not this version any more; raises for everything else, of `missing` where something is."""
    if isinstance(cause, PASSED) and missing is None:
        return False
    raise translated(missing or uri, cause, right) from cause
