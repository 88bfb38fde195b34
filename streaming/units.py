"""Durations, byte sizes and ceilings as people write them: "10s", "50 milliseconds", "64MiB", "1%"."""

import math
import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BeforeValidator

_NUMBER_AND_UNIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-zµ]*)\s*")
_SECONDS = {
    **dict.fromkeys(["us", "µs", "microsecond", "microseconds"], Decimal("0.000001")),
    **dict.fromkeys(["ms", "millisecond", "milliseconds"], Decimal("0.001")),
    **dict.fromkeys(["s", "sec", "second", "seconds"], Decimal(1)),
    **dict.fromkeys(["m", "min", "minute", "minutes"], Decimal(60)),
    **dict.fromkeys(["h", "hour", "hours"], Decimal(3600)),
    **dict.fromkeys(["d", "day", "days"], Decimal(86400)),
}
_BYTES = {
    **dict.fromkeys(["", "B"], 1),
    **{f"{prefix}iB": 1024**power for power, prefix in enumerate("KMGT", 1)},
    **{f"{prefix}B": 1000**power for power, prefix in enumerate(["k", "M", "G", "T"], 1)},
}


def duration(value: object) -> timedelta:
    """Raises ValueError, saying how to write it, for anything that is no duration with a unit."""
    if isinstance(value, timedelta):
        return value
    number, unit = _split(value)
    if number is None or unit.lower() not in _SECONDS:
        raise ValueError(f"is a duration with its unit, such as '50ms', '10s', '5min' or '90d', not {value!r}")
    return timedelta(microseconds=int(number * _SECONDS[unit.lower()] * 1_000_000))


def written(time: timedelta) -> str:
    """A duration as `duration` takes it, in the largest unit in which it is whole."""
    whole = time // timedelta(microseconds=1)
    sizes = {"d": 86_400_000_000, "h": 3_600_000_000, "min": 60_000_000, "s": 1_000_000, "ms": 1000}
    unit, size = next(((unit, size) for unit, size in sizes.items() if whole % size == 0), ("us", 1))
    return f"{whole // size}{unit}" if whole else "0s"


def byte_size(value: object) -> int:
    """Bytes; a bare number is bytes already. Raises ValueError, saying how to write it."""
    number, unit = _split(value)
    if number is None or unit not in _BYTES:
        raise ValueError(f"is a size in bytes, such as 1048576, '64MiB' or '1GB', not {value!r}")
    return int(number * _BYTES[unit])


def _split(value: object) -> tuple[Decimal | None, str]:
    found = None if isinstance(value, bool) else _NUMBER_AND_UNIT.fullmatch(str(value))
    return (Decimal(found[1]), found[2]) if found else (None, "")


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How many rejects a file may have before it is set aside: a share of its records or a count."""

    share: Decimal | None = None
    count: int | None = None

    @classmethod
    def parse(cls, value: object) -> Self:
        text = str(value).strip()
        if isinstance(value, cls):
            return value
        if not isinstance(value, bool) and re.fullmatch(r"\d+", text):
            return cls(count=int(text))
        if re.fullmatch(r"\d+(\.\d+)?\s*%", text) and Decimal(text.rstrip("% ")) <= 100:
            return cls(share=Decimal(text.rstrip("% ")) / 100)
        raise ValueError(f"is a share of a file's records such as '1%', or a count such as 50, not {value!r}")

    def exceeded(self, rejected: int, records: int) -> bool:
        """A share is rounded up, so that one bad line does not set aside a file of ten; but nothing else than bad
        lines is another layout."""
        if self.share is not None:
            if rejected == records > 0 and self.share < 1:
                return True
            return rejected > math.ceil(self.share * records)
        return rejected > (self.count or 0)

    def __str__(self) -> str:
        return f"{(self.share * 100).normalize():f}%" if self.share is not None else str(self.count)


Duration = Annotated[timedelta, BeforeValidator(duration)]
ByteSize = Annotated[int, BeforeValidator(byte_size)]
MaxRejects = Annotated[Ceiling, BeforeValidator(Ceiling.parse)]
