"""A few lines in a vendor's layout, written by hand after its document, and what they must become."""

import gzip
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sample:
    """`trades` are (event time to the ns, symbol, venue, side, price, quantity, id), in the file's order.

    `ignored` counts by reason, `rejected` are (line, column, part of the reason). `day` is the first trade's date
    where that is not the day of its UTC time.
    """

    layout: str
    uri: str
    text: str
    trades: list[tuple[str, str, str, str | None, str, str, str | None]]
    ignored: dict[str, int] = field(default_factory=dict)
    rejected: list[tuple[int, str, str]] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    day: str | None = None
    currency: str | None = None
    account: str | None = None
    actions: tuple[int, ...] = ()

    @property
    def data(self) -> bytes:
        """The file's bytes, packed where its name says so."""
        data = self.text.encode(self.encoding)
        return gzip.compress(data) if self.uri.endswith(".gz") else data
