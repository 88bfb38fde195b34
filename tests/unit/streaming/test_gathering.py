"""Small files read together become exactly what each becomes alone; what is not plain is left to be read alone."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streaming.passage.gathering import Read, gather
from streaming.passage.parsing import SplitCounts, read_split
from streaming.profiles.profile import Profile
from streaming.reading.splits import SourceFile, Split, whole
from triggers.stores import Stores
from triggers.stores.local import LocalStore, uri_of

HEADER = b"id,symbol,time,side,price,qty\n"
GOOD = b"%s,AAPL,2025-01-%02dT09:30:00Z,B,1.5,2\n"
Made = Callable[..., Any]
Rows = dict[int, list[dict[str, Any]]]


def written(folder: Path, *texts: bytes, names: str = "f%d.csv") -> list[Split]:
    splits = []
    for number, text in enumerate(texts, 1):
        path = folder / (names % number)
        path.write_bytes(text)
        listed = LocalStore().stat(uri_of(path))
        assert listed is not None
        splits.append(whole(SourceFile(number, listed.uri, listed.version, listed.size)))
    return splits


def together(splits: list[Split], profile: Profile) -> tuple[Rows, dict[int, SplitCounts]]:
    rows: Rows = {}
    counts: dict[int, SplitCounts] = {}
    for part in gather(splits, profile, Stores()):
        if isinstance(part, Read):
            continue
        for file_id, row in zip(part.files.to_pylist(), part.trades.to_pylist(), strict=True):
            rows.setdefault(int(file_id or 0), []).append(row)
        counts |= {read.split.file_id: books for read, books in part.counts}
    return rows, counts


def alone(split: Split, profile: Profile) -> tuple[list[dict[str, Any]], SplitCounts, int]:
    reader = read_split(split, profile, LocalStore())
    rows = [row for page in reader for row in page.trades.to_pylist()]
    return rows, reader.counts, reader.record_lines


LINES = st.sampled_from([GOOD % (b"a", 1), GOOD % (b"b", 31), b"\n", b"\r\n", (GOOD % (b'"q"', 2))[:-1] + b"\r\n"])
ODD = st.sampled_from([b"short,row\n", b"x,AAPL,never,B,1.5,2\n", b'"open,AAPL,\n', b"\xff\n", b"\0\n", b"a\rb\n"])
TEXTS = st.builds(
    lambda lines, ended: HEADER + (b"".join(lines) if ended else b"".join(lines)[:-1]),
    st.lists(st.one_of(LINES, LINES, LINES, ODD), min_size=1, max_size=5),
    st.booleans(),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=6))
def test_together_each_file_becomes_what_it_becomes_alone(trades: Made, tmp_path: Path, texts: list[bytes]) -> None:
    profile = Profile.model_validate(trades())
    splits = written(tmp_path, *texts)
    rows, counts = together(splits, profile)
    for split in splits:
        if split.file_id in counts:
            assert (rows[split.file_id], counts[split.file_id], counts[split.file_id].records) == alone(split, profile)
    plain = [s for s in splits if _is_plain(s, profile)]
    assert set(counts) == ({s.file_id for s in plain} if len(plain) > 1 else set(counts))


DIALECTS: list[dict[str, Any]] = [
    {"preamble": 1},
    {"preamble": {"until": "^id"}},
    {"comment": "#"},
    {"comment": "#", "preamble": {"until": "^#?id"}},
    {"delimiter": "||", "trailing_empty": 1},
    {"escape": "\\", "header_case": "ignore"},
    {"shapes": [{"fields": 7, "columns": ["id", "symbol", "time", "side", "price", "qty", "note"]}]},
    {"header": False, "columns": ["id", "symbol", "time", "side", "price", "qty"], "preamble": {"until": "^[a-w]"}},
    {"header": False, "columns": ["id", "symbol", "time", "side", "price", "qty"], "comment": "#"},
    {"trailer": {"pattern": "^END", "count": "^END([0-9]*)"}},
]
ODDITIES = st.sampled_from(
    [b"a title\n", b"#\n", b'# "said\n', b"#" + HEADER, HEADER, HEADER.upper(), b"\n", b"END1\n", b"a\rb\n", b"\xff\n",
     GOOD % (b"a", 1), GOOD % (b"b", 2), GOOD % (rb"a\,b", 3), GOOD % (b'"a\x1f"', 4),
     (GOOD % (b"n", 5))[:-1] + b",x\n",
     (GOOD % (b"r", 6))[:-1] + b"\r"]
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dialect=st.sampled_from(DIALECTS),
    begins=st.sampled_from([b"", HEADER, b"a title\n" + HEADER, b"#\n" + HEADER]),
    texts=st.lists(st.lists(ODDITIES, max_size=4).map(b"".join), min_size=2, max_size=4),
    ended=st.booleans(),
)
def test_together_each_file_of_any_dialect_becomes_what_it_becomes_alone(
    trades: Made, tmp_path: Path, dialect: dict[str, Any], begins: bytes, texts: list[bytes], ended: bool
) -> None:
    profile = Profile.model_validate(trades(dialect=dialect))
    files = [begins + text if ended else (begins + text)[:-1] for text in texts]
    if "delimiter" in dialect:
        files = [file.replace(b"2\n", b"2,\n").replace(b",", b"||") for file in files]
    splits = written(tmp_path, *files)
    rows, counts = together(splits, profile)
    for split in splits:
        if split.file_id in counts:
            books = counts[split.file_id]
            assert (rows.get(split.file_id, []), books, books.records) == alone(split, profile)


@pytest.mark.parametrize("dialect", [DIALECTS[0], DIALECTS[1], DIALECTS[2]])
def test_preambles_and_comments_are_read_together(trades: Made, tmp_path: Path, dialect: dict[str, Any]) -> None:
    first = b"" if "comment" in dialect else b"a title\n"
    texts = [first + HEADER + GOOD % (b"t", 1) + b"#\n" * ("comment" in dialect) + GOOD % (b"u", 2) for _ in range(2)]
    _, counts = together(written(tmp_path, *texts), Profile.model_validate(trades(dialect=dialect)))
    assert [(counts[n].lines, counts[n].framing_lines, counts[n].records) for n in (1, 2)] == [(4, 2, 2)] * 2


def _is_plain(split: Split, profile: Profile) -> bool:
    rows, counts, _ = alone(split, profile)
    return bool(rows) and not counts.rejected


def test_a_file_with_a_bad_line_is_left_alone_and_the_others_are_not(trades: Made, tmp_path: Path) -> None:
    good, bad = HEADER + GOOD % (b"t", 1), HEADER + b"t,AAPL,never,B,1,2\n"
    rows, counts = together(written(tmp_path, good, bad, good, good), Profile.model_validate(trades()))
    assert set(counts) == set(rows) == {1, 3, 4}


def test_other_headers_are_read_in_groups_of_their_own(trades: Made, tmp_path: Path) -> None:
    turned = b"qty,price,side,time,symbol,id\n2,1.5,S,2025-01-02T00:00:00Z,MSFT,u\n"
    texts = (HEADER + GOOD % (b"t", 1), turned) * 2
    rows, _ = together(written(tmp_path, *texts), Profile.model_validate(trades()))
    assert [rows[n][0]["symbol"] for n in (1, 2, 3, 4)] == ["AAPL", "MSFT", "AAPL", "MSFT"]


def test_values_of_the_path_are_each_files_own(trades: Made, tmp_path: Path) -> None:
    profile = Profile.model_validate(
        trades(columns={"symbol": {"path": "symbol"}}, path={"pattern": r"(?P<symbol>[a-z0-9]+)\.csv"})
    )
    header, line = b"id,time,side,price,qty\n", b"t,2025-01-02T00:00:00Z,B,1,2\n"
    assert together(written(tmp_path, header + line, header + line), profile) == ({}, {})
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    splits = written(folders[0], header + line, names="x%d.csv") + written(folders[1], header + line, names="x%d.csv")
    second = Split(2, splits[1].uri, splits[1].version, splits[1].size)
    rows, _ = together([splits[0], second], profile)
    assert [rows[n][0]["symbol"] for n in (1, 2)] == ["x1", "x1"]


@pytest.mark.parametrize(
    "odd",
    [
        gzip.compress(HEADER + GOOD % (b"t", 1), mtime=0),
        b"\xef\xbb\xbf" + HEADER + GOOD % (b"t", 1),
        HEADER,
        b"",
        b"\n" + HEADER + GOOD % (b"t", 1),
        b"PK\x03\x04" + HEADER,
    ],
)
def test_what_is_not_plain_is_left_alone(trades: Made, tmp_path: Path, odd: bytes) -> None:
    good = HEADER + GOOD % (b"t", 1)
    _, counts = together(written(tmp_path, good, odd, good), Profile.model_validate(trades()))
    assert set(counts) == {1, 3}


def test_a_file_that_is_gone_is_left_alone(trades: Made, tmp_path: Path) -> None:
    good = HEADER + GOOD % (b"t", 1)
    splits = written(tmp_path, good, good, good)
    (tmp_path / "f2.csv").unlink()
    _, counts = together(splits, Profile.model_validate(trades()))
    assert set(counts) == {1, 3}


def test_files_without_a_header_are_read_together(trades: Made, tmp_path: Path) -> None:
    headless = trades(dialect={"header": False, "columns": ["id", "symbol", "time", "side", "price", "qty"]})
    profile = Profile.model_validate(headless)
    rows, counts = together(written(tmp_path, GOOD % (b"t", 1), GOOD % (b"u", 2)), profile)
    assert [(rows[n][0]["line"], counts[n].framing_lines) for n in (1, 2)] == [(1, 0), (1, 0)]


def test_corrections_and_cancels_are_counted_by_file(trades: Made, tmp_path: Path) -> None:
    words = {"N": "new", "C": "correct", "X": "cancel"}
    profile = Profile.model_validate(trades(columns={"action": {"column": "what", "values": words}}))
    header, line = HEADER[:-1] + b",what\n", (GOOD % (b"t", 1))[:-1]
    texts = (header + line + b",N\n" + line + b",C\n", header + line + b",X\n")
    _, counts = together(written(tmp_path, *texts), profile)
    assert [(counts[n].corrections, counts[n].cancels) for n in (1, 2)] == [(1, 0), (0, 1)]


def test_lines_that_are_no_trades_are_counted_by_file_and_reason(trades: Made, tmp_path: Path) -> None:
    rules = [{"column": "what", "values": [word], "reason": word} for word in ("order", "quote")]
    profile = Profile.model_validate(trades(ignore=rules))
    header, line = HEADER[:-1] + b",what\n", (GOOD % (b"t", 1))[:-1]
    texts = (
        header + line + b",trade\n" + b",,,,,,order\n" + line + b",trade\n",
        header + b",,,,,,quote\n" * 3 + line + b",trade\n" + b",,,,,,order\n",
        header + b",,,,,,quote\n",
        header + line + b",trade\n",
    )
    splits = written(tmp_path, *texts)
    rows, counts = together(splits, profile)
    assert [counts[n].ignored_by for n in (1, 2, 3, 4)] == [{"order": 1}, {"order": 1, "quote": 3}, {"quote": 1}, {}]
    for split in splits:
        assert (rows.get(split.file_id, []), counts[split.file_id]) == alone(split, profile)[:2]
