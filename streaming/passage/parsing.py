"""Read a split: every record of it becomes a staged trade, a reject, or is declared to be no trade.

Plain Python over Arrow: the same pass serves Spark's tasks, the driver's small batches, notebooks and tests.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from sinks.trade import CANCEL, CORRECT, REJECTS
from streaming.errors import BooksError, FileBroken
from streaming.kernels import pc
from streaming.passage.fields import parse
from streaming.passage.frame import Frame
from streaming.passage.framing import frames
from streaming.passage.layout import Layout
from streaming.passage.normalise import normalise
from streaming.passage.rows import Fault
from streaming.passage.trailers import Totals
from streaming.profiles.dialects import Dialect, Until
from streaming.profiles.profile import Profile
from streaming.reading.beginnings import Head, after_preamble, without_lines
from streaming.reading.chunks import read_head, split_chunks
from streaming.reading.splits import Split
from triggers.stores.port import Store

NO_REJECTS = pa.RecordBatch.from_pylist([], REJECTS)


@dataclass(slots=True)
class SplitCounts:
    """The books of one split.

    lines (counted as line ends) = lines of records + framing_lines; records = trades + rejected + ignored.
    `trades` are all staged rows, `corrections` and `cancels` among them; dates are trade dates.
    """

    lines: int = 0
    framing_lines: int = 0  # preamble, header, comments, trailers and blank lines
    records: int = 0
    trades: int = 0
    rejected: int = 0
    ignored: int = 0  # declared to be no trade
    ignored_by: dict[str, int] = field(default_factory=dict)  # of these so many by reason
    corrections: int = 0
    cancels: int = 0
    min_date: date | None = None
    max_date: date | None = None

    def ignore(self, more: Mapping[str, int]) -> None:
        """Count lines that are declared to be no trades, by their reason."""
        self.ignored += sum(more.values())
        self.ignored_by = {**self.ignored_by, **{why: self.ignored_by.get(why, 0) + n for why, n in more.items()}}


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a split's trades (sinks.trade.STAGED) and rejects (REJECTS), in the order of their lines."""

    trades: pa.RecordBatch
    rejects: pa.RecordBatch


def read_split(split: Split, profile: Profile, store: Store) -> "SplitReader":
    """Iterate over the split's pages; when all were taken, `.counts` holds its books.

    Raises FileBroken (nothing of the file may be merged) and the errors of Store.open, also on the last step.
    """
    return SplitReader(split, profile, store)


class SplitReader:
    """One pass over a split; `counts` is complete when the iteration is."""

    def __init__(self, split: Split, profile: Profile, store: Store) -> None:
        self.counts = SplitCounts()
        self._split, self._profile, self._store = split, profile, store
        self._layout: Layout | None = None
        self._head: Head | None = None
        trailer = profile.dialect.trailer
        self._totals = Totals(trailer, profile.columns.rules().values()) if trailer else None
        self._record_lines = 0
        self._unended = False

    @property
    def record_lines(self) -> int:
        """Physical lines that belong to records, counted apart from the framing lines."""
        return self._record_lines

    def __iter__(self) -> Iterator[Page]:
        if not self._prepare():
            return
        dialect = self._profile.dialect
        with ExitStack() as stack:
            chunks = self._counted(split_chunks(self._split, self._store, stack, dialect))
            self._bind()
            skipped, chunks = self._after_preamble(chunks)
            self.counts.framing_lines += skipped
            for frame in frames(chunks, dialect, skipped + 1, self._spares_first_line()):
                page = self._page(frame)
                if page is not None:
                    yield page
            self._close_books()

    def _prepare(self) -> bool:
        """Learn of the file's beginning what is not in this split; False if nothing is left to be read."""
        dialect, split = self._profile.dialect, self._split
        if not split.start and (split.end is None or not dialect.preamble):
            return True
        head = read_head(split, self._store, dialect)
        if head.uncut:
            return not split.start
        self._head = head
        if dialect.header and head.line is not None and head.offset < split.start:
            self._layout = self._named(head.line)
        return True

    def _bind(self) -> None:
        """Where there is no header the columns are known, once the bytes have turned out to be text."""
        dialect = self._profile.dialect
        if not dialect.header:
            self._layout = Layout.of(self._profile, dialect.columns, self._split.uri)

    def _after_preamble(self, chunks: Iterator[bytes]) -> tuple[int, Iterator[bytes]]:
        if self._head is None:
            return after_preamble(chunks, self._profile.dialect)
        skipped = self._head.preamble_lines(self._split)
        return skipped, without_lines(chunks, skipped)

    def _spares_first_line(self) -> bool:
        """Whether the first line after the preamble, found by what it says, begins in this split."""
        at_header = self._head is None or self._head.offset >= self._split.start
        return isinstance(self._profile.dialect.preamble, Until) and at_header

    def _counted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.counts.lines += chunk.count(b"\n")
            if chunk:
                self._unended = not chunk.endswith(b"\n")
            yield chunk
        self.counts.lines += self._unended

    def _named(self, header: bytes) -> Layout:
        return Layout.headed(self._profile, header, self._split.uri)

    def _page(self, frame: Frame) -> Page | None:
        first = 0
        if self._totals:
            self._totals.see(frame)
        if self._layout is None and len(frame.lines):
            if 0 in frame.faults:
                raise FileBroken(f"the header (line {frame.lines[0]}) cannot be read: {frame.faults[0]}")
            self._layout, first = self._named(frame.text(0)), 1
            header_lines = _lines_of(frame, 0)
            frame.record_lines -= header_lines
            frame.framing_lines += header_lines
        self._record_lines += frame.record_lines
        self.counts.framing_lines += frame.framing_lines
        if self._layout is None or len(frame.lines) == first:
            return None
        return self._judged(frame, first, self._layout)

    def _judged(self, frame: Frame, first: int, layout: Layout) -> Page:
        records, columns, faults = parse(frame, first, layout)
        blank = _blank(frame, faults, self._profile.dialect) if faults else set()
        if blank:
            faults = [fault for fault in faults if fault.row not in blank]
            self._pass_over(frame, blank)
        lines = frame.lines[records]
        if self._totals:
            self._totals.add(columns)
        done = normalise(columns, lines, layout)
        faults += [fault._replace(row=int(records[fault.row])) for fault in done.faults]
        page = Page(done.trades, _rejects(frame, faults))
        self._count(page, len(frame.lines) - first - len(blank))
        if done.ignored:
            self.counts.ignore(done.ignored.counts())
        return page

    def _pass_over(self, frame: Frame, blank: set[int]) -> None:
        lines = sum(_lines_of(frame, record) for record in blank)
        self._record_lines -= lines
        self.counts.framing_lines += lines

    def _count(self, page: Page, records: int) -> None:
        counts, trades = self.counts, page.trades
        counts.records += records
        counts.trades += trades.num_rows
        counts.rejected += page.rejects.num_rows
        if self._profile.columns.action:
            action = trades.column("action")
            counts.corrections += pc.sum(pc.equal(action, CORRECT)).as_py() or 0
            counts.cancels += pc.sum(pc.equal(action, CANCEL)).as_py() or 0
        dates = pc.min_max(trades.column("trade_date")).as_py()
        if dates["min"] is not None:
            counts.min_date = min(counts.min_date or dates["min"], dates["min"])
            counts.max_date = max(counts.max_date or dates["max"], dates["max"])

    def _close_books(self) -> None:
        counts = self.counts
        if self._totals:
            self._totals.check(counts.records)
        if counts.lines != self._record_lines + counts.framing_lines:
            raise BooksError(
                f"{self._split.uri}: {counts.lines} line ends, but {self._record_lines} lines of records "
                f"and {counts.framing_lines} of framing"
            )
        if counts.records != counts.trades + counts.rejected + counts.ignored:
            raise BooksError(
                f"{self._split.uri}: {counts.records} records, but {counts.trades} trades, "
                f"{counts.rejected} rejects, {counts.ignored} ignored"
            )


def _blank(frame: Frame, faults: list[Fault], dialect: Dialect) -> set[int]:
    """Lines of nothing but blanks, which are no records. Looked for only among what does not fit anyway."""
    delimiter = dialect.delimiter.encode()
    texts = ((fault.row, frame.text(fault.row)) for fault in faults if fault.column is None)
    return {row for row, text in texts if not text.strip() and delimiter not in text}


def _lines_of(frame: Frame, record: int) -> int:
    return frame.data.count(b"\n", frame.starts[record], frame.edges[record])


def _rejects(frame: Frame, faults: list[Fault]) -> pa.RecordBatch:
    if not faults:
        return NO_REJECTS
    faults.sort(key=lambda fault: fault.row)
    raws = [printable(frame.text(fault.row)) for fault in faults]
    return pa.record_batch(
        [
            pa.array([int(frame.lines[fault.row]) for fault in faults], pa.int64()),
            pa.array([fault.column for fault in faults], pa.string()),
            pa.array([fault.reason for fault in faults], pa.string()),
            pa.array([text for text, _ in raws], pa.string()),
            pa.array([escaped for _, escaped in raws], pa.bool_()),
        ],
        schema=REJECTS,
    )


def printable(raw: bytes) -> tuple[str, bool]:
    """The line as text, and whether it had to be escaped as Python bytes (NUL, or not UTF-8).

    The bytes come back by text.encode().decode("unicode_escape").encode("latin-1").
    """
    try:
        if b"\0" not in raw:
            return raw.decode(), False
    except UnicodeDecodeError:
        pass
    return raw.decode("latin-1").encode("unicode_escape").decode("ascii"), True
