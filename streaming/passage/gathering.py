"""Many small files in one pass: what opening, parsing and judging cost a call is paid once for all of them.

Only what is plain is gathered: whole files with the same header, whose every record is a trade or declared to be none.
Any other file is left to the pass that reads it alone and says what is wrong with it; what was read of it is at hand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

import numpy as np
import pyarrow as pa

from sinks.trade import CANCEL, CORRECT
from streaming.errors import FileBroken
from streaming.passage.fields import parse
from streaming.passage.frame import Frame
from streaming.passage.framing import frames
from streaming.passage.layout import Layout
from streaming.passage.lines import Ignored
from streaming.passage.normalise import Normalised, normalise
from streaming.passage.parsing import SplitCounts
from streaming.profiles.dialects import Dialect, Until
from streaming.profiles.profile import Profile
from streaming.reading.beginnings import preamble_end
from streaming.reading.quoting import Ints
from streaming.reading.signatures import is_plain
from streaming.reading.splits import Split
from triggers.errors import TriggerError
from triggers.stores import Stores
from triggers.stores.at_hand import AtHand, Noted
from triggers.stores.port import dated

SMALL = 256 * 1024  # bytes of a file that is worth gathering
TOGETHER = 4 * 1024 * 1024  # bytes that are read before they are parsed
READERS = 16  # requests under way at once where a file is not on the disk: each takes tens of milliseconds


@dataclass(frozen=True, slots=True)
class Read:
    """A split with the bytes that were read of it, if any; `modified_at` is the store's own time, where it tells."""

    split: Split
    data: bytes | None = None
    modified_at: datetime | None = None

    def store(self, stores: Stores) -> Noted:
        """The store to read the split from: what is at hand is not asked for again."""
        store = stores.of(self.split.uri)
        return Noted(store) if self.data is None else AtHand(store, self.data, self.modified_at)


@dataclass(frozen=True, slots=True)
class _Text:
    """A small file as it was read: its header without its line end, and the rest, which ends with one."""

    read: Read
    before: int  # lines before the body: preamble and header
    header: bytes
    body: bytes

    @property
    def split(self) -> Split:
        return self.read.split

    @property
    def lines(self) -> int:
        """Lines of the body."""
        return self.body.count(b"\n")


@dataclass(frozen=True, slots=True)
class Gathered:
    """Trades of several files (STAGED), with the number of each row's file, and each file's books."""

    trades: pa.RecordBatch
    files: pa.Int64Array
    counts: list[tuple[Read, SplitCounts]]


def gather(splits: Sequence[Split], profile: Profile, stores: Stores) -> Iterator[Gathered | Read]:
    """Every split once: among others in a Gathered, or by itself, for `read_split`."""
    together = profile.may_be_cut
    small = [split for split in splits if together and not split.start and split.end is None and split.size <= SMALL]
    yield from _gathered_groups(_read_all(small, stores), profile)
    taken = {id(split) for split in small}
    yield from (Read(split) for split in splits if id(split) not in taken)


def _gathered_groups(reads: Iterable[Read], profile: Profile) -> Iterator[Gathered | Read]:
    """Texts of about TOGETHER bytes with one header and the same values in their paths."""
    held: dict[tuple[bytes, tuple[tuple[str, str], ...]], list[_Text]] = defaultdict(list)
    for read in reads:
        text = _parted(read, profile.dialect)
        if text is None:
            yield read
            continue
        key = (text.header, tuple(sorted(profile.path_values(text.split.uri).items())))
        held[key].append(text)
        if sum(len(one.body) for one in held[key]) >= TOGETHER:
            yield from _together(held.pop(key), profile)
    for group in held.values():
        yield from _together(group, profile) if len(group) > 1 else [group[0].read]


def _read_all(splits: Sequence[Split], stores: Stores) -> Iterator[Read]:
    """The splits with their bytes, in order; from anywhere but a disk, several at a time."""
    if len(splits) < 2 or splits[0].uri.startswith("file:"):
        yield from (_read(split, stores) for split in splits)
        return
    with ThreadPoolExecutor(READERS) as readers:
        waiting = iter(splits)
        while some := list(islice(waiting, READERS * 4)):  # no more in memory than that
            yield from readers.map(lambda split: _read(split, stores), some)


def _read(split: Split, stores: Stores) -> Read:
    """Without its bytes where it cannot be read: the pass that reads it alone says why."""
    try:
        with stores.of(split.uri).open(split.uri, split.version) as stream:
            return Read(split, stream.read(), dated(stream))
    except TriggerError:
        return Read(split)


def _parted(read: Read, dialect: Dialect) -> _Text | None:
    """The file's text if it is plain."""
    data = read.data
    if data is None or not is_plain(data, read.split.uri):
        return None
    try:
        end = preamble_end(data, True, dialect) or 0
    except FileBroken:
        return None
    header, _, body = data[end:].partition(b"\n") if dialect.header else (b"", b"", data[end:])
    if not body.strip(b"\r\n") or bool(header.strip()) != dialect.header or _begins_oddly(header, dialect):
        return None
    before = data.count(b"\n", 0, end) + dialect.header
    return _Text(read, before, header.removesuffix(b"\r"), body if body.endswith(b"\n") else body + b"\n")


def _begins_oddly(header: bytes, dialect: Dialect) -> bool:
    """Whether the first line is a comment, or may be a header that looks like one."""
    comment = dialect.comment.encode()
    return bool(comment) and (header.startswith(comment) or isinstance(dialect.preamble, Until))


def _together(group: list[_Text], profile: Profile) -> Iterator[Gathered | Read]:
    """Parse the group at once; files with a line that is no trade are left out, and the others tried once more."""
    lines = np.array([text.lines for text in group])
    owners = np.repeat(np.arange(len(group)), lines)
    try:
        layout = _layout(group[0], profile)
        frame = next(frames(iter([b"".join(text.body for text in group)]), profile.dialect))
        owners = owners[frame.lines - 1]
        # The lines that stand before each file's own, less those of the file that were taken off.
        first = lines.cumsum() - lines - np.array([text.before for text in group])
        done, odd = _judged(frame, frame.lines - first[owners], layout)
    except FileBroken:
        yield from (text.read for text in group)
        return
    if not len(odd):
        yield _gathered(group, done, owners)
        return
    left_out = set(owners[odd].tolist())
    yield from (group[number].read for number in sorted(left_out))
    if rest := [text for number, text in enumerate(group) if number not in left_out]:
        yield from _together(rest, profile)


def _layout(text: _Text, profile: Profile) -> Layout:
    dialect = profile.dialect
    uri = text.split.uri
    return Layout.headed(profile, text.header, uri) if dialect.header else Layout.of(profile, dialect.columns, uri)


def _judged(frame: Frame, lines: Ints, layout: Layout) -> tuple[Normalised, Ints]:
    """What the rules make of the records, and the records that are rejects."""
    records, columns, faults = parse(frame, 0, layout)
    done = normalise(columns, lines[records], layout)
    odd = [fault.row for fault in faults] + records[[fault.row for fault in done.faults]].tolist()
    return done, np.array(odd, np.int64)


def _gathered(group: list[_Text], done: Normalised, owners: Ints) -> Gathered:
    """`owners` are those of all records; nothing among them was rejected."""
    records, trades = np.bincount(owners, minlength=len(group)).tolist(), done.trades
    others = _ignored(done.ignored, owners, len(group))
    if done.ignored:
        owners = owners[~done.ignored.rows]
    action = trades.column("action").to_numpy()
    corrections, cancels = (
        np.bincount(owners[action == kind], minlength=len(group)).tolist() for kind in (CORRECT, CANCEL)
    )
    dates = defaultdict(lambda: (None, None), _dates(trades, owners))
    counts = [
        SplitCounts(
            text.lines + text.before, text.lines + text.before - records[n], records[n],
            records[n] - sum(others[n].values()), ignored=sum(others[n].values()), ignored_by=others[n],
            corrections=corrections[n], cancels=cancels[n], min_date=dates[n][0], max_date=dates[n][1],
        )
        for n, text in enumerate(group)
    ]  # fmt: skip
    file_ids = np.array([text.split.file_id for text in group])
    return Gathered(trades, pa.array(file_ids[owners]), list(zip((t.read for t in group), counts, strict=True)))


def _ignored(ignored: Ignored | None, owners: Ints, files: int) -> list[dict[str, int]]:
    """Of each file, how many lines were ignored under which reason."""
    if ignored is None:
        return [{} for _ in range(files)]
    reasons, rows = ignored.reasons, ignored.rows
    places = owners[rows] * len(reasons) + ignored.codes[rows]
    table = np.bincount(places, minlength=files * len(reasons)).reshape(files, -1).tolist()
    return [{why: number for why, number in zip(reasons, row, strict=True) if number} for row in table]


def _dates(trades: pa.RecordBatch, owners: Ints) -> dict[int, tuple[date | None, date | None]]:
    """First and last trade date by the number of the file."""
    dated = pa.table({"owner": owners, "day": trades.column("trade_date")})
    found = dated.group_by("owner").aggregate([("day", "min"), ("day", "max")])
    columns = (found.column(name).to_pylist() for name in ("owner", "day_min", "day_max"))
    return {owner: (low, high) for owner, low, high in zip(*columns, strict=True)}
