"""Patterns for times, as "%m/%d/%Y %H:%M": cut into directives and literal text, and checked."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

# How many digits each number may have.
NUMBERS = {"Y": (4, 4), "y": (2, 2), "m": (1, 2), "d": (1, 2), "j": (1, 3), "H": (1, 2), "I": (1, 2)}
NUMBERS |= {"M": (2, 2), "S": (2, 2), "f": (1, 9)}
WORDS = ("b", "B", "p", "z")
# One of each group at most: they would say the same twice.
RIVALS = ("Yy", "mbB", "HI")


@dataclass(frozen=True, slots=True)
class Directive:
    """One %-letter, the literal text before it, and how many digits it takes if it is a number.

    `%.f` is the letter f with `optional`: its point may be missing together with its digits.
    """

    letter: str
    before: str
    optional: bool = False
    digits: tuple[int, int] = (0, 0)

    @property
    def begins_with_digit(self) -> bool:
        text = self.before[:1]
        return text.isdigit() if text else self.letter in NUMBERS and not self.optional


@dataclass(frozen=True, slots=True)
class Pattern:
    """The directives of a pattern in their order, and the literal text after the last one."""

    parts: tuple[Directive, ...]
    end: str

    @property
    def letters(self) -> frozenset[str]:
        return frozenset(part.letter for part in self.parts)


@lru_cache(maxsize=64)
def pattern_of(text: str) -> Pattern:
    """The pattern in a text.

    Raises ValueError for an unknown letter, one that stands twice, two that say the same, and where the end of
    a number could not be known.
    """
    parts, end = _cut(text)
    _check_letters(text, [part.letter for part in parts])
    _check_ends(text, parts)
    return Pattern(tuple(_sized(parts, n, end) for n in range(len(parts))), end)


def _cut(text: str) -> tuple[list[Directive], str]:
    parts: list[Directive] = []
    literal, place = "", 0
    while place < len(text):
        if text[place] != "%":
            literal, place = literal + text[place], place + 1
            continue
        optional = text.startswith("%.f", place)
        letter = text[place + 1 + optional : place + 2 + optional]
        place += 2 + optional
        if letter == "%":
            literal += "%"
            continue
        if letter not in NUMBERS and letter not in WORDS:
            raise ValueError(f'"{text}": %{letter} is not known; there are {_known()}, and %% for a percent sign')
        parts.append(Directive(letter, literal, optional))
        literal = ""
    return parts, literal


def _known() -> str:
    return " ".join(f"%{letter}" for letter in (*NUMBERS, ".f", *WORDS))


def _check_letters(text: str, letters: list[str]) -> None:
    if not letters:
        raise ValueError(f'format "{text}" is not known: iso, epoch, midnight, clock, or a pattern as "%d/%m/%Y %H:%M"')
    for letter in letters:
        if letters.count(letter) > 1:
            raise ValueError(f'"{text}" holds %{letter} twice')
    for rivals in RIVALS:
        if len(said := [f"%{one}" for one in rivals if one in letters]) > 1:
            raise ValueError(f'"{text}" says the same twice: {" and ".join(said)}')
    for one, other in (("I", "p"), ("p", "I"), ("f", "S"), ("S", "M")):
        if one in letters and other not in letters:
            raise ValueError(f'"{text}": %{one} needs %{other}')


def _check_ends(text: str, parts: list[Directive]) -> None:
    for part, follower in pairwise(parts):
        if part.letter in "fz" and follower.begins_with_digit:
            raise ValueError(f'"{text}": %{part.letter} is of any length, so no digit may follow it at once')


def _sized(parts: list[Directive], n: int, end: str) -> Directive:
    """With its digits: where another digit may stand beside a number, it has all of its own."""
    part = parts[n]
    if part.letter not in NUMBERS:
        return part
    least, most = NUMBERS[part.letter]
    follower = parts[n + 1].begins_with_digit if n + 1 < len(parts) else end[:1].isdigit()
    beside = part.before[-1:].isdigit() or (n > 0 and not part.before and parts[n - 1].letter in NUMBERS)
    fixed = part.letter != "f" and (beside or follower)
    return Directive(part.letter, part.before, part.optional, (most if fixed else least, most))
