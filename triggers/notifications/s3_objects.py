"""What S3 tells of one object, the same in every wrapping; what cannot be true counts as not told."""

import re
from datetime import datetime

from triggers.arrival import utc_of
from triggers.notifications.port import Appeared, NotOurs

SEQUENCE_DIGITS = 32  # S3's sequencers have 16 or 18
LARGEST = 2**63 - 1

_HEX = re.compile(r"[0-9A-Fa-f]+")
# Neither can stand in a journal line or in PostgreSQL's text.
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")


def uri_of(bucket: object, key: object) -> str | None:
    """`s3://bucket/key`, never percent-encoded; None where one of them is missing or holds what no text can."""
    if not (isinstance(bucket, str) and isinstance(key, str) and bucket and key):
        return None
    uri = f"s3://{bucket}/{key}"
    return None if _UNKEEPABLE.search(uri) else uri


def appeared(uri: str, etag: object, size: object, sequencer: object, at: object) -> Appeared | NotOurs:
    """An object that came: `version` as a listing shows it, where ETag and size are both told."""
    known = size if isinstance(size, int) and not isinstance(size, bool) and 0 <= size <= LARGEST else None
    if known == 0 and uri.endswith("/"):
        return NotOurs("the mark of an empty folder, which no listing shows either")
    return Appeared(uri, _sequence(sequencer), _version(etag, known), known, _moment(at))


def _version(etag: object, size: int | None) -> str | None:
    bare = etag.strip('"') if isinstance(etag, str) else ""
    return f"{bare}-{size}" if bare and size is not None and not _UNKEEPABLE.search(bare) else None


def _sequence(sequencer: object) -> str | None:
    """Padded on the left, so that texts sort as the hex numbers do.

    AWS's documents pad on the right instead; where lengths are equal, as in every event seen, both agree.
    """
    if not isinstance(sequencer, str) or not _HEX.fullmatch(sequencer) or len(sequencer) > SEQUENCE_DIGITS:
        return None
    return sequencer.upper().zfill(SEQUENCE_DIGITS)


def _moment(at: object) -> datetime | None:
    try:
        return utc_of(at) if isinstance(at, str) else None
    except (ValueError, OverflowError):
        return None
