"""What the files' names tell: a date, and what may be the symbol."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from streaming.profiles.profile import PathRule
from streaming.profiles.time_rules import day

_DATE = re.compile(r"(?<!\d)(?:\d{4}-\d{2}-\d{2}|\d{8})(?!\d)")
_QUOTES = r"(?:USD[TCDP]?|BUSD|TUSD|DAI|EUR|GBP|JPY|CHF|CAD|AUD|KRW|TRY|BRL|BTC|ETH|BNB|PERP)"
_TOKEN = re.compile(rf"[A-Z][A-Z0-9]{{0,11}}(?:-[A-Z]{{2,5}}|_{_QUOTES})?(?![A-Za-z0-9])")
_NO_SYMBOLS = re.compile(
    r"(?:TRADES?|TICKS?|DATA|EXPORT|FILE|CSV|TXT|TSV|PSV|DAT|TXN|TRANSACTIONS?|HISTORY|REPORT|FILLS?|EXECUTIONS?|ALL|"
    r"DAILY|TIME|SALES|EOD|UTC|ASCII|V\d*|T|US|EU|USA|[A-Z]*MESSAGE|NEW|SAMPLE|TEST|DUMP|FULL|PART\d*|LOG)"
)


@dataclass(frozen=True, slots=True)
class Told:
    """A pattern for [path] with the groups that are wanted and found, and the first file's values of them."""

    pattern: str
    values: dict[str, str]


def told(uris: Sequence[str], *, date: bool, symbol: bool) -> Told | None:
    """The pattern that finds a date or a symbol in the names of all the files; None if there is none."""
    name = _name(uris[0])
    spots = dict[str, re.Match[str]]()
    if date and (found := next((one for one in _DATE.finditer(name) if day(one[0])), None)):
        spots["date"] = found
    if symbol and (ticker := _ticker(name, spots.get("date"))):
        spots["symbol"] = ticker
    if not spots:
        return None
    pattern = _pattern(name, spots)
    values = [_values(pattern, uri) for uri in uris]
    return Told(pattern, values[0]) if all(set(spots) <= set(one) for one in values) else None


def date_in(uri: str) -> str | None:
    """The date in a file's name."""
    return next((one[0] for one in _DATE.finditer(_name(uri)) if day(one[0])), None)


def _name(uri: str) -> str:
    return uri.replace("!", "/").rsplit("/", 1)[-1]


def _ticker(name: str, date: re.Match[str] | None) -> re.Match[str] | None:
    stem = name.split(".")[0]
    found = [one for one in _TOKEN.finditer(stem) if not one.start() or not stem[one.start() - 1].isalnum()]
    apart = [one for one in found if not date or one.end() <= date.start() or one.start() >= date.end()]
    return next((one for one in apart if len(one[0]) > 1 and not _NO_SYMBOLS.fullmatch(one[0])), None)


def _pattern(name: str, spots: dict[str, re.Match[str]]) -> str:
    made, at = "[/!]", 0
    for group, spot in sorted(spots.items(), key=lambda item: item[1].start()):
        form = _form(spot[0]) if group == "symbol" else re.sub(r"\d+", lambda run: rf"\d{{{len(run[0])}}}", spot[0])
        made += _literal(name[at : spot.start()]) + f"(?P<{group}>{form})"
        at = spot.end()
    return made + (r"[^A-Za-z0-9/][^/!]*$" if at < len(name) else "$")


def _form(symbol: str) -> str:
    return r"[A-Z][A-Z0-9]*_[A-Z]{3,4}" if "_" in symbol else r"[A-Z][A-Z0-9-]*"


def _literal(text: str) -> str:
    escaped = re.sub(r"\\([-_ ])", r"\1", re.escape(text))
    return re.sub(r"\d+", r"\\d+", escaped)


def _values(pattern: str, uri: str) -> dict[str, str]:
    found = re.search(PathRule(pattern=pattern).pattern, uri)
    return {key: text for key, text in found.groupdict().items() if text} if found else {}
