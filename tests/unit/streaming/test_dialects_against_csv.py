"""Whatever the dialect, a file holds what Python's own csv reads in it, cut anywhere and served in any pieces."""

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Made = Callable[..., Any]
LETTER = "\ue000"  # what a longer delimiter is to csv, which knows those of one character
NAMES = ["id", "account", "currency"]
CONSTANTS = {"symbol": "A", "price": "1", "quantity": "1", "event_time": "2025-01-31T09:30:00Z"}


@dataclass
class Written:
    """A file, the dialect that it is in, and what csv finds in it."""

    dialect: dict[str, Any]
    data: bytes = b""
    trades: list[tuple[int, str, str | None, str | None]] = field(default_factory=list)
    rejects: list[int] = field(default_factory=list)
    framing: int = 0
    lines: int = 0

    @property
    def may_be_cut(self) -> bool:
        return self.dialect["encoding"] == "utf-8" and not self.dialect["newlines_in_values"]

    def judge(self, text: str) -> None:
        """Book one line, or the lines of one record."""
        line, self.lines = self.lines + 1, self.lines + 1 + text.count("\n")
        if not text or (self.dialect["comment"] and text.startswith(self.dialect["comment"])):
            self.framing += 1
            return
        fields = self.fields(text)
        if len(fields) != 3 or not fields[0]:
            self.rejects.append(line)
        else:
            self.trades.append((line, fields[0], fields[1] or None, fields[2] or None))

    def fields(self, text: str) -> list[str]:
        delimiter, quote = self.dialect["delimiter"], self.dialect["quote"]
        letter = delimiter if len(delimiter) == 1 else LETTER
        reader = csv.reader(
            [text.replace(delimiter, letter)], delimiter=letter, quotechar=quote or None, strict=True,
            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
            escapechar=None if self.dialect["escape"] == "double" else "\\",
        )  # fmt: skip
        try:
            return [value.replace(letter, delimiter) for value in next(reader)]
        except csv.Error:
            return []


@st.composite
def dialects(draw: st.DrawFn) -> dict[str, Any]:
    quote = draw(st.sampled_from(['"', "'", ""]))
    return {
        "delimiter": draw(st.sampled_from([",", ";", "\t", "|", "||", "::", "~|~", "§", "§§"])),
        "quote": quote,
        "escape": draw(st.sampled_from(["double", "\\"])),
        "newlines_in_values": bool(quote) and draw(st.booleans()),
        "encoding": draw(st.sampled_from(["utf-8", "utf-8", "utf-16", "cp1252"])),
        "comment": draw(st.sampled_from(["", "#", "%%"])),
        **draw(st.sampled_from([{"header": True}, {"header": False, "columns": NAMES}])),
    }


def pieces(dialect: dict[str, Any]) -> list[str]:
    """What lines are made of; a backslash that escapes nothing is text to us, and lost to csv."""
    delimiter, quote = dialect["delimiter"], dialect["quote"]
    plain = ["a", "b", " ", "é", "€", "#", "%%", "\x1f", delimiter, delimiter[0], quote]
    escaped = ["\\\\", "\\" + delimiter, "\\" + quote] if dialect["escape"] == "\\" else ["\\"]
    return [piece for piece in plain + escaped if piece not in ("", "\\")] + ["\\"] * (dialect["escape"] == "double")


def quoted(values: list[str], dialect: dict[str, Any]) -> str:
    """A record whose every value is quoted, and may hold anything."""
    quote, doubled = dialect["quote"], dialect["escape"] == "double"
    texts = (value.replace(quote, quote * 2) if doubled else value.replace("\\", "\\\\") for value in values)
    texts = texts if doubled else (text.replace(quote, "\\" + quote) for text in texts)
    return dialect["delimiter"].join(f"{quote}{text}{quote}" for text in texts)  # type: ignore[no-any-return]


@st.composite
def records(draw: st.DrawFn, dialect: dict[str, Any], end: str) -> str:
    kinds = pieces(dialect)
    if dialect["quote"] and (dialect["newlines_in_values"] or draw(st.booleans())):
        holds = [kind for kind in kinds if "\\" not in kind or kind == "\\"]
        holds += ["\n"] * (dialect["newlines_in_values"] and end != "\r")
        some = st.lists(st.sampled_from(holds), max_size=4).map("".join)
        return quoted([draw(some) for _ in range(draw(st.sampled_from([3, 3, 3, 2])))], dialect)
    parts = st.lists(st.sampled_from(kinds), max_size=4).map("".join)
    return dialect["delimiter"].join(draw(parts) for _ in range(3))  # type: ignore[no-any-return]


@st.composite
def files(draw: st.DrawFn) -> Written:
    dialect = draw(dialects())
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    made = Written(dialect)
    titles = draw(st.lists(st.sampled_from(['* a "title', "*", "* ''||"]), max_size=2))
    first = dialect["delimiter"].join(NAMES) if dialect["header"] else quoted_or_plain(dialect)
    dialect["preamble"] = draw(st.sampled_from([len(titles), {"until": "^[^*]"}]))
    others = st.sampled_from(["", dialect["comment"] and dialect["comment"] + " ' x"])
    lines = draw(st.lists(st.one_of(records(dialect, end), others), max_size=6))
    made.framing = made.lines = len(titles) + dialect["header"]
    for line in lines if dialect["header"] else [first, *lines]:
        made.judge(line)
    text = end.join([*titles, first, *lines])
    if lines and not lines[-1]:
        made.framing, made.lines = made.framing - 1, made.lines - 1
    elif draw(st.booleans()):
        text += end
    made.data = text.encode(dialect["encoding"])
    return made


def quoted_or_plain(dialect: dict[str, Any]) -> str:
    return quoted(NAMES, dialect) if dialect["quote"] else dialect["delimiter"].join(NAMES)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(file=files(), places=st.lists(st.integers(1, 200), max_size=4), most=st.sampled_from([None, 1, 7]))
def test_a_file_of_any_dialect_is_what_csv_says_it_is(
    read: Made, trades: Made, file: Written, places: list[int], most: int | None
) -> None:
    columns: dict[str, Any] = {key: {"const": text} for key, text in CONSTANTS.items()}
    columns |= {"account": {"column": "account"}, "currency": {"column": "currency"}, "side": None}
    cuts = [place for place in places if place < len(file.data)] if file.may_be_cut else []
    done = read(file.data, trades(dialect=file.dialect, columns=columns), cuts=cuts, most=most)
    seen = [(trade["line"], trade["trade_id"], trade["account"], trade["currency"]) for trade in done.trades]
    assert (seen, [reject["line"] for reject in done.rejects]) == (file.trades, file.rejects)
    assert (done.counts.lines, done.counts.framing_lines) == (file.lines, file.framing)
