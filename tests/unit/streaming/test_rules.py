"""What a profile may say of its values, and what is refused before a file is read."""

from typing import Any

import pytest

from streaming.profiles.directives import pattern_of
from streaming.profiles.rules import DateRule, NumberRule, Rule, SideRule, TextRule, TimeRule


@pytest.mark.parametrize(
    ("rule", "reads", "groups"),
    [
        (TextRule(columns=("a", "b")), ("a", "b"), ()),
        (TextRule(path="symbol"), (), ("symbol",)),
        (SideRule(sign_of="qty"), ("qty",), ()),
        (TimeRule(columns=("d", "t"), format="%d/%m/%Y %H:%M", zone="UTC"), ("d", "t"), ()),
        (TimeRule(column="t", format="clock", zone="UTC", date="d"), ("t", "d"), ()),
        (TimeRule(column="t", format="midnight", unit="ms", zone="UTC", date="path"), ("t",), ("date",)),
        (TimeRule(column="t", format="%I:%M %p", zone="UTC", date={"column": "d", "format": "%d%b%y"}), ("t", "d"), ()),
    ],
)
def test_a_rule_tells_what_it_needs_of_file_and_path(rule: Rule, reads: tuple[str], groups: tuple[str]) -> None:
    assert (rule.reads, rule.groups) == (reads, groups)


NEEDS = "Area/City"


@pytest.mark.parametrize(
    ("kind", "said", "why"),
    [
        (TimeRule, {"format": "rfc"}, 'format "rfc" is not known'),
        (TimeRule, {"format": "%Q"}, "%Q is not known"),
        (TimeRule, {"format": "%Y-%m-%d"}, "must give the hour"),
        (TimeRule, {"format": "%Y %H:%M"}, "must give the hour"),
        (TimeRule, {"format": "%Y-%j-%d %H:%M"}, "must give the hour"),
        (TimeRule, {"format": "%d/%m/%Y %H:%M"}, NEEDS),
        (TimeRule, {"format": "%H:%M:%S", "zone": "UTC"}, "gives no day: set date"),
        (TimeRule, {"format": "clock", "zone": "UTC"}, "gives no day: set date"),
        (TimeRule, {"format": "clock", "date": "d"}, NEEDS),
        (TimeRule, {"format": "iso", "date": "d"}, "take date = … out"),
        (TimeRule, {"format": "epoch"}, 'needs unit = "s"'),
        (TimeRule, {"format": "clock", "date": "d", "unit": "s", "zone": "UTC"}, "has no unit"),
        (TimeRule, {"format": "%d/%d/%Y %H:%M", "zone": "UTC"}, "holds %d twice"),
        (TimeRule, {"format": "%d/%m/%b/%Y %H", "zone": "UTC"}, "says the same twice: %m and %b"),
        (TimeRule, {"format": "%d/%m/%Y %I:%M", "zone": "UTC"}, "%I needs %p"),
        (TimeRule, {"format": "%Y%m%d%H%M%S%f%j", "zone": "UTC"}, "%f is of any length"),
        (DateRule, {"format": "%d/%m"}, "must give a day"),
        (DateRule, {"format": "%d/%m/%Y %H"}, "no time of day"),
        (NumberRule, {"scale": 1}, None),
        (NumberRule, {"scale": 100}, None),
        (NumberRule, {"scale": 50}, "power of ten"),
        (NumberRule, {"scale": 0}, "power of ten"),
        (NumberRule, {"decimal": ";"}, "decimal is"),
        (NumberRule, {"thousands": "."}, "the same character"),
        (NumberRule, {"empty": "none"}, "a number as text"),
        (NumberRule, {"strip": "("}, "not a regular expression"),
        (NumberRule, {"pattern": r"(\d+)"}, r"\(\?P<value>"),
        (NumberRule, {"pattern": r"(?P<value>\d+)(x)"}, "all other groups"),
        (SideRule, {"sign_of": "q"}, "give exactly one of"),
        (TextRule, {"columns": ["a"]}, "give exactly one of"),
        (TextRule, {"case": "ignore", "values": {"a": "1", "A": "2"}}, "stands for two things"),
        (TextRule, {"case": "ignore", "values": {"a": "1", "A": "1"}}, None),
    ],
)
def test_what_a_rule_cannot_mean_is_refused_with_the_way_out(kind: Any, said: dict[str, Any], why: str | None) -> None:
    if why is None:
        assert kind(column="x", **said)
        return
    with pytest.raises(ValueError, match=why):
        kind(column="x", **said)


def test_a_sign_takes_no_words() -> None:
    with pytest.raises(ValueError, match="take values = … out"):
        SideRule(sign_of="q", values={"1": "buy"})


def test_numbers_may_lack_their_zero_only_where_no_digit_stands_beside_them() -> None:
    loose = {part.letter: part.digits for part in pattern_of("%m/%d/%Y %H:%M").parts}
    tight = {part.letter: part.digits for part in pattern_of("%Y%m%d %H%M%S%f").parts}
    assert (loose["m"], loose["d"], loose["H"], loose["M"]) == ((1, 2), (1, 2), (1, 2), (2, 2))
    assert (tight["m"], tight["d"], tight["H"], tight["f"]) == ((2, 2), (2, 2), (2, 2), (1, 9))
