"""Lines at the end of a file that claim something of it: how many records it holds, what a column sums up to."""

import re
from collections.abc import Iterable, Mapping
from decimal import Context, Decimal
from functools import reduce

import pyarrow as pa

from streaming.errors import FileBroken
from streaming.kernels import Texts, pc
from streaming.passage.frame import Frame
from streaming.profiles.dialects import Trailer
from streaming.profiles.number_rules import NumberRule
from streaming.profiles.origins import Rule
from streaming.values.numbers import decimals
from streaming.values.texts import drawn

_EXACT = pa.decimal256(76, 30)
_ALL_DIGITS = Context(prec=4000)  # of numbers of 1,000 characters with exponents of three digits
_UNTRUE = "the file is cut short or lines are missing: have it sent again, or set trailer.check = false in the profile"


class Totals:
    """What a file's trailer says, against what was read before it."""

    def __init__(self, trailer: Trailer, rules: Iterable[Rule] = ()) -> None:
        """`rules`: those of the profile's columns; the sum is written as the one over its column says."""
        self._trailer = trailer
        self._rule = _written_as(trailer, rules)
        self._lines: list[tuple[int, str]] = []
        self._sum = Decimal(0)
        self._no_numbers = 0

    def see(self, frame: Frame) -> None:
        """Note the frame's trailer lines; raises FileBroken where a record follows one."""
        self._lines += frame.trailers
        if self._lines and len(frame.lines) and frame.lines[-1] > self._lines[0][0]:
            raise FileBroken(
                f"a trailer stands on line {self._lines[0][0]} ({self._lines[0][1][:60]!r}), but records follow it: "
                "have the file sent again, or make trailer.pattern in the profile match nothing but trailers"
            )

    def add(self, columns: Mapping[str, Texts]) -> None:
        """Add up the column whose sum the trailer gives."""
        if self._trailer.sum is None or not self._trailer.check:
            return
        texts, bad = decimals(drawn(self._rule, columns, {}, 0).texts, self._rule)
        if bad is not None:
            texts, self._no_numbers = texts.filter(pa.array(~bad)), self._no_numbers + int(bad.sum())
        self._sum = _ALL_DIGITS.add(self._sum, _exact_sum(texts))

    def check(self, records: int) -> None:
        """Raises FileBroken where the trailer is missing or tells other figures."""
        trailer = self._trailer
        if not self._lines:
            raise FileBroken(
                f"the trailer is missing: no line at the end matches {trailer.pattern!r}; "
                "the file is cut short, have it sent again, or correct trailer.pattern in the profile"
            )
        if not trailer.check:
            return
        if trailer.count is not None:
            self._compare("records", trailer.count, Decimal(records), NumberRule(column=""))
        if trailer.sum is not None:
            self._compare(f"as the sum of {trailer.sum.column}", trailer.sum.pattern, self._sum, self._rule)

    def _compare(self, what: str, pattern: str, found: Decimal, rule: NumberRule) -> None:
        number, text = self._claim(what, pattern)
        claimed = _number(text, rule)
        if claimed is None:
            raise FileBroken(f"the trailer on line {number} gives {text!r} {what}, which is no number")
        if claimed != found:
            blanks = f" ({self._no_numbers} records hold no number)" if "sum" in what and self._no_numbers else ""
            actual = f"{found.normalize(_ALL_DIGITS):f}{blanks}"
            raise FileBroken(
                f"the trailer on line {number} says {claimed:f} {what}, the file holds {actual}: {_UNTRUE}"
            )

    def _claim(self, what: str, pattern: str) -> tuple[int, str]:
        for number, line in self._lines:
            if found := re.search(pattern, line):
                return number, found.group(1)
        number, line = self._lines[0]
        raise FileBroken(
            f"the trailer on line {number} ({line[:60]!r}) gives nothing {what}: "
            f"correct the pattern {pattern!r} in the profile"
        )


def _written_as(trailer: Trailer, rules: Iterable[Rule]) -> NumberRule:
    """How the vendor writes the numbers that are summed up: in its own units, and with their signs."""
    column = trailer.sum.column if trailer.sum else ""
    over = (rule for rule in rules if isinstance(rule, NumberRule) and rule.column == column)
    written = next(over, NumberRule(column=column))
    return written.model_copy(update={"scale": 1, "absolute": False}) if not written.plain else written


def _number(text: str, rule: NumberRule) -> Decimal | None:
    """The figure of a trailer, which stands in no field: no `pattern` is to be looked for in it."""
    texts, bad = decimals(pa.array([text.strip()]), rule)
    return None if bad is not None and bad.any() else Decimal(texts[0].as_py())


def _exact_sum(texts: Texts) -> Decimal:
    try:
        return pc.sum(texts.cast(_EXACT)).as_py() or Decimal(0)
    except pa.ArrowInvalid:  # more digits than a decimal256 has
        return reduce(_ALL_DIGITS.add, map(Decimal, texts.to_pylist()), Decimal(0))
