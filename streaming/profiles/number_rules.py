"""The rules for numbers: how a vendor writes them, and what they count."""

import re
from typing import Literal, Self

from pydantic import field_validator, model_validator

from streaming.profiles.expressions import ColumnPattern
from streaming.profiles.origins import Rule

PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
SIGNS = ".,' _\u00a0\u202f\u2019"  # what may be the decimal sign or group digits
LARGEST_SCALE = 10**30


class NumberRule(Rule):
    """An exact decimal.

    What each key says of the vendor's text, in the order in which it is applied:
    - `trim`, `pattern`: as in every rule, say `^(?P<value>[0-9.]+) ETH$` where a unit stands in the same field;
    - `strip`: a regular expression for what is taken off before and after the number, say a currency sign;
    - `empty`: the number that an empty field stands for; "reject" by default;
    - `negative`: "parentheses" reads (1.5), "trailing" reads 1.5- as -1.5, besides the leading sign;
    - `thousands`: the character between groups of three digits; wrong groups are refused;
    - `decimal`: the decimal sign, a point by default;
    - `absolute`: the sign is left out (a `side` tells it, by `sign_of` or a column of its own);
    - `scale`: a power of ten by which the number is divided, exactly: 10000 where the vendor counts
      ten-thousandths.
    """

    strip: ColumnPattern | None = None
    empty: str = "reject"
    negative: Literal["sign", "parentheses", "trailing"] = "sign"
    thousands: str | None = None
    decimal: str = "."
    absolute: bool = False
    scale: int = 1

    @property
    def plain(self) -> bool:
        """Whether the number is handed on as it is written."""
        return self.model_fields_set <= {"column", "const", "path"}

    @property
    def places(self) -> int:
        """How many places the decimal point moves to the left."""
        return len(str(self.scale)) - 1

    @field_validator("empty")
    @classmethod
    def _empty_is_a_number(cls, text: str) -> str:
        if text != "reject" and not PLAIN.fullmatch(text):
            raise ValueError('empty is "reject" or a number as text, say "0"')
        return text

    @field_validator("scale")
    @classmethod
    def _power_of_ten(cls, scale: int) -> int:
        if not 1 <= scale <= LARGEST_SCALE or str(scale).strip("0") != "1":
            raise ValueError("scale is a power of ten, as 100 or 10000: the number is divided by it")
        return scale

    @model_validator(mode="after")
    def _signs_differ(self) -> Self:
        for key, sign in (("decimal", self.decimal), ("thousands", self.thousands)):
            if sign is not None and (len(sign) != 1 or sign not in SIGNS):
                raise ValueError(f"{key} is one character of point, comma, apostrophe, blank and underscore")
        if self.decimal not in (".", ","):
            raise ValueError("decimal is a point or a comma")
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands are the same character")
        return self
