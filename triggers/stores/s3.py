"""S3, and what speaks its protocol, as a store. A version is the etag (its quotes taken off) and the size."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, BinaryIO

from boto3.s3.transfer import TransferConfig

from triggers.errors import (
    BadUri,
    ListingIncomplete,
    StoreUnavailable,
    TriggerError,
    Unreadable,
    VersionChanged,
    VersionVanished,
)
from triggers.stores import s3_client
from triggers.stores.access import S3Access
from triggers.stores.port import Listed, uncounted
from triggers.stores.s3_body import body
from triggers.stores.s3_denied import denied_alone, is_unlisted
from triggers.stores.s3_errors import CHANGED, DENIED, GONE, translated, translating
from triggers.stores.s3_names import LONGEST_KEY, folder, named, uri_of
from triggers.stores.s3_refusals import FAILURES, code

# The rights that the calls need, as a policy names them.
LIST = "s3:ListBucket"
READ = f"s3:GetObject (and {LIST}, without which a missing object looks like a denied one)"
DELETE, COPY = "s3:DeleteObject", "s3:GetObject, and s3:PutObject where it is moved to"
_QUOTE = '"'
_NUL = "its key holds a NUL, which no database can hold: copy it to another key"

#: One request copies up to 5 GiB; what is larger goes by parts.
_COPYING = TransferConfig(multipart_threshold=5 * 1024**3, multipart_chunksize=1024**3, use_threads=False)


@dataclass(frozen=True, slots=True)
class S3Store:
    """Holds no client: each process has its own, so this may be pickled, and shared by threads."""

    access: S3Access = field(default_factory=S3Access)

    def list(
        self, prefix_uri: str, after: str | None = None, counting: Callable[[], None] = uncounted
    ) -> Iterator[Listed]:
        """One LIST for 1,000 objects, the next one only when they are used up.

        Keys that end in a slash and have no bytes are not listed: consoles and Hadoop make them to show an empty
        folder, and there is no line in them to lose; with bytes such a key is an object as any other. A uri without
        a last slash may be the key of one object, as a path may be a file's: where nothing lies below it a HEAD looks,
        and whoever may not look there finds nothing.
        """
        bucket, prefix = folder(prefix_uri)
        empty, problems = True, []
        for entry in self._entries(uri_of(bucket, prefix), bucket, prefix, _key_in(bucket, after), counting):
            empty = False
            if "\0" in entry["Key"]:
                problems.append(Unreadable(uri_of(bucket, entry["Key"]).replace("\0", "\\0"), _NUL))
            elif entry["Size"] or not entry["Key"].endswith("/"):
                yield _listed(bucket, entry["Key"], entry["ETag"], entry["Size"], entry["LastModified"])
        if empty and not prefix_uri.endswith("/") and after is None and (single := self._single(bucket, prefix[:-1])):
            yield single
        if problems:
            raise ListingIncomplete(prefix_uri, problems)

    def stat(self, uri: str) -> Listed | None:
        """One HEAD; None for what is gone, for a folder's marker, and where the bucket is not there.

        Who may list one prefix alone is denied what is not there: then a LIST tells whether it is.
        """
        bucket, key = named(uri)
        try:
            return self._head(bucket, key)
        except FAILURES as cause:
            if code(cause) in GONE or (code(cause) in DENIED and is_unlisted(self._s3(), bucket, key)):
                return None
            raise translated(uri, cause, READ) from cause

    @contextmanager
    def open(self, uri: str, version: str, start: int = 0, end: int | None = None) -> Iterator[BinaryIO]:
        """One GET on the condition of the etag; for a range without bytes a HEAD tells whether it is this version."""
        etag, size = _parts(version)
        stop = size if end is None else min(end, size)
        if start >= stop and size:
            if not self._is(uri, version):
                raise self._other(uri, version)
            yield BytesIO()
            return
        answer = self._get(uri, version, etag, {} if stop - start == size else {"Range": f"bytes={start}-{stop - 1}"})
        with closing(answer["Body"]) as raw:
            _check(uri, version, answer, stop - start)
            yield body(uri, raw, stop - start, _time(answer["LastModified"]))

    def remove(self, uri: str, version: str) -> bool:
        """A DELETE on the condition of the etag; not every store but AWS's knows it, so those are asked by a HEAD too.

        In a bucket with versions the bytes stay behind a delete marker, as its owner chose.
        """
        if self.access.endpoint and not self._is(uri, version):
            return False
        bucket, key = named(uri)
        try:
            self._s3().delete_object(Bucket=bucket, Key=key, IfMatch=_quoted(version))
        except FAILURES as cause:
            return _passed_over(uri, cause, DELETE)
        return True

    def move(self, uri: str, version: str, to_uri: str) -> bool:
        """Copied by S3 itself, on the condition of the etag. A source that is replaced after it was copied stays, and
        so does the copy, which is of this version."""
        (bucket, key), (to_bucket, to_key) = named(uri), named(to_uri)
        if (bucket, key) == (to_bucket, to_key):
            raise BadUri(to_uri, "an object cannot be moved onto itself: choose another place")
        if not self._is(uri, version):
            return False
        source, only = {"Bucket": bucket, "Key": key}, {"CopySourceIfMatch": _quoted(version)}
        try:
            self._s3().copy(source, to_bucket, to_key, ExtraArgs=only, Config=_COPYING)
        except FAILURES as cause:
            return _passed_over(uri, cause, COPY)
        return self.remove(uri, version)

    def _head(self, bucket: str, key: str) -> Listed | None:
        if not key or len(key.encode()) > LONGEST_KEY:  # no object has it, but a member of an archive may
            return None
        head = self._s3().head_object(Bucket=bucket, Key=key)
        if key.endswith("/") and not head["ContentLength"]:
            return None
        return _listed(bucket, key, head["ETag"], head["ContentLength"], head["LastModified"])

    def _single(self, bucket: str, key: str) -> Listed | None:
        try:
            return self._head(bucket, key)
        except FAILURES as cause:
            if code(cause) in GONE | DENIED:
                return None
            raise translated(uri_of(bucket, key), cause, READ) from cause

    def _s3(self) -> Any:
        return s3_client.client(self.access)

    def _entries(self, uri: str, bucket: str, prefix: str, after: str, counting: Callable[[], None]) -> Iterator[Any]:
        wanted = {"Bucket": bucket, "Prefix": prefix, **({"StartAfter": after} if after else {})}
        while True:
            counting()
            with translating(uri, LIST):
                page = self._s3().list_objects_v2(**wanted)
            # Some stores do not know StartAfter.
            yield from (each for each in page.get("Contents", ()) if each["Key"].encode() > after.encode())
            if not page.get("IsTruncated"):
                return
            wanted["ContinuationToken"] = page["NextContinuationToken"]

    def _get(self, uri: str, version: str, etag: str, how: dict[str, str]) -> Any:
        bucket, key = named(uri)
        try:
            return self._s3().get_object(Bucket=bucket, Key=key, IfMatch=_in_quotes(etag), **how)
        except FAILURES as cause:
            raise self._why_not(uri, version, cause) from cause

    def _why_not(self, uri: str, version: str, cause: Exception) -> TriggerError:
        told = code(cause)
        if told in GONE or (told in DENIED and is_unlisted(self._s3(), *named(uri))):
            return VersionVanished(uri, version)
        if told in CHANGED:
            return self._other(uri, version)
        if told in DENIED and denied_alone(self._s3(), *named(uri)):
            return Unreadable(uri, f"{told} to it, but not to others beside it: check its owner, ACL and key")
        return translated(uri, cause, READ)

    def _is(self, uri: str, version: str) -> bool:
        found = self.stat(uri)
        return found is not None and found.version == version

    def _other(self, uri: str, version: str) -> TriggerError:
        found = self.stat(uri)
        if found is None:
            return VersionVanished(uri, version)
        if found.version == version:
            return StoreUnavailable(uri, "it was replaced, and put back, while it was asked for")
        return VersionChanged(uri, version, found.version)


def version_of(etag: str, size: int) -> str:
    """What makes an object's bytes identical, whoever saw it: a listing, an event or a GET."""
    return f"{etag.replace(_QUOTE, '')}-{size}"


def _parts(version: str) -> tuple[str, int]:
    # A version that another store made: no etag is like it, and what is there will be told.
    etag, _, size = version.rpartition("-")
    return (etag, int(size)) if size.isascii() and size.isdigit() else (version, 0)


def _quoted(version: str) -> str:
    return _in_quotes(_parts(version)[0])


def _in_quotes(etag: str) -> str:
    return f"{_QUOTE}{etag}{_QUOTE}"


def _key_in(bucket: str, after: str | None) -> str:
    if after is None:
        return ""
    other, key = named(after)
    if other != bucket:
        raise BadUri(after, f"a listing of the bucket {bucket} cannot begin there")
    return key


def _listed(bucket: str, key: str, etag: str, size: int, modified_at: datetime) -> Listed:
    return Listed(uri_of(bucket, key), version_of(etag, size), size, _time(modified_at))


def _time(told: datetime) -> datetime:
    # A GET's header has whole seconds; some stores' listings have more, and one version has one time.
    return told.astimezone(UTC).replace(microsecond=0)


def _check(uri: str, version: str, answer: Any, length: int) -> None:
    total = str(answer.get("ContentRange", "")).rpartition("/")[2]
    found = version_of(answer["ETag"], int(total) if total.isdigit() else answer["ContentLength"])
    if found != version:
        raise VersionChanged(uri, version, found)
    if answer["ContentLength"] != length:
        raise StoreUnavailable(uri, f"{answer['ContentLength']:,} bytes came where {length:,} were asked for")


def _passed_over(uri: str, cause: Exception, right: str) -> bool:
    """False for what is not this version any more; raises for everything else."""
    if code(cause) in CHANGED | GONE:
        return False
    raise translated(uri, cause, right) from cause
