"""The demo's files: four vendors' trading days with everything that goes wrong, the same at every run."""

from __future__ import annotations

import gzip
import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

Kind = Literal[
    "plain",  # a good file
    "slow",  # written in place: half of it, and the rest a moment later
    "late",  # of a day before, or with an older place in the day than what was loaded already
    "resent",  # the same bytes under the same name
    "renamed",  # the same bytes under another name
    "newer",  # another content under the same name
    "corrections",  # new values for earlier trades
    "cancels",  # earlier trades taken back, and one that never comes
    "early_cancels",  # cancellations of trades that come later
    "truncated",  # a .gz that ends in its middle
    "mended",  # what was broken, sent again as it should be
    "wrong_header",  # a needed column is missing
    "bad_lines",  # a few lines that are no trades
    "too_bad",  # more of them than the feed allows
    "unfinished",  # a *.tmp that nobody completes
    "empty",  # a header and nothing else
]
State = Literal["loaded", "quarantined", "ignored"]
Action = Literal["new", "correct", "cancel"]

FIRST_DAY = date(2026, 1, 5)
NEW_YORK = ZoneInfo("America/New_York")
FEEDS = ("demo-exchange", "demo-crypto", "demo-broker", "demo-vendor")
_PRICES = {
    "AAPL": 230, "MSFT": 410, "NVDA": 140, "BTCUSDT": 64_000, "ETHUSDT": 3_100, "SOLUSDT": 150, "XRPUSDT": 2,
    "TSLA": 250, "BRK.B": 450, "ESH6": 5_900, "CLG6": 72,
}  # fmt: skip
_BAD = {"demo-exchange": "{id},AAPL,not a time,B,1.00,1,USD", "demo-crypto": "{id},12x.5,1,1767600000000000,true"}


@dataclass(frozen=True, slots=True)
class Trade:
    """One row as it was meant; `at` is in nanoseconds since the epoch, numbers are exact decimal text."""

    trade_id: str
    symbol: str
    venue: str
    at: int
    side: str | None
    price: str
    quantity: str
    account: str = ""
    version: int = 0
    action: Action = "new"


@dataclass(frozen=True, slots=True)
class Drop:
    """One file as it is sent: its bytes, what the ledger should make of it, and the rows it means."""

    feed: str
    name: str
    kind: Kind
    content: bytes
    rows: tuple[Trade, ...] = ()
    rejected: int = 0
    state: State = "loaded"


def drops(seed: int = 7) -> Iterator[Drop]:
    """Endless, one trading day after the other; every day holds every kind. The same for the same seed."""
    for number in itertools.count():
        rng = random.Random(f"{seed}/{number}")
        yield from _day(FIRST_DAY + timedelta(days=number), rng)


def _day(day: date, rng: random.Random) -> Iterator[Drop]:
    """The feeds' files taken in turns; within a feed the order matters, overwriting comes at the end."""
    feeds = [list(of(day, rng)) for of in (_exchange, _crypto, _broker, _vendor)]
    for turn in itertools.zip_longest(*feeds):
        yield from filter(None, turn)


def _exchange(day: date, rng: random.Random) -> Iterator[Drop]:
    def file(sequence: str, kind: Kind, rows: Sequence[Trade], ending: str = ".csv", **more: Any) -> Drop:
        return _drop("demo-exchange", f"trades-{day}-{sequence}{ending}", kind, rows, exchange_text, **more)

    made = [_trades(rng, day, f"X{day:%y%m%d}{part}", "DEMO-X", ("AAPL", "MSFT", "NVDA"), 200) for part in range(6)]
    older = [replace(t, price=_moved(t.price, -1)) for t in made[1][:20]]
    first = file("001", "plain", made[0])
    yield first
    yield file("002", "slow", made[1])
    yield _with_bad_lines(file("003", "bad_lines", made[2]), 3, rng)
    # Its place in the day is before 002: what it says of the same trades is older.
    yield file("000", "late", older + made[3][:80])
    yield file("004", "wrong_header", (), text=lambda _: "id,ticker,when\n1,AAPL,now\n", state="quarantined")
    yield file("005", "unfinished", (), ".csv.tmp", text=lambda _: exchange_text(made[4][:50]), state="ignored")
    yield file("006", "empty", ())
    yield replace(first, name=f"trades-{day}-001 (copy).csv", kind="renamed")
    yield replace(first, kind="resent")
    newer = [replace(t, price=_moved(t.price, 2)) for t in made[1][:25]] + made[1][25:]
    yield file("002", "newer", newer + made[5][:30])


def _crypto(day: date, rng: random.Random) -> Iterator[Drop]:
    def file(symbol: str, kind: Kind, of: date = day, **more: Any) -> Drop:
        # These ids are numbers of a pair, counted on from day to day.
        rows = _trades(rng, of, f"{(of - FIRST_DAY).days + 1000}", "DEMO-C", (symbol,), 250, 1000)
        return _drop("demo-crypto", f"{symbol}-trades-{of}.csv", kind, rows, crypto_text, **more)

    broken = file("SOLUSDT", "too_bad")
    yield file("BTCUSDT", "plain")
    yield replace(_with_bad_lines(broken, 60, rng), rows=(), rejected=60, state="quarantined")
    yield file("ETHUSDT", "slow")
    yield file("XRPUSDT", "late", day - timedelta(days=3))
    yield replace(broken, kind="mended")


def _broker(day: date, rng: random.Random) -> Iterator[Drop]:
    def file(number: int, kind: Kind, rows: Sequence[Trade]) -> Drop:
        return _drop("demo-broker", f"broker-{day:%Y%m%d}-{number:02}.csv", kind, rows, broker_text)

    rows = _trades(rng, day, f"E{day:%y%m%d}", "XNYS", ("TSLA", "BRK.B"), 180, account=True)
    corrected = [replace(t, price=_moved(t.price, 1), version=2, action="correct") for t in rows[:30]]
    gone = [replace(t, version=3, action="cancel") for t in rows[20:40]]
    never = replace(gone[0], trade_id=f"E{day:%y%m%d}-never")
    yield file(1, "early_cancels", gone[:10])
    yield file(2, "plain", rows)
    yield file(3, "corrections", corrected)
    yield file(4, "cancels", [*gone[10:], never])


def _vendor(day: date, rng: random.Random) -> Iterator[Drop]:
    def file(part: str, kind: Kind, rows: Sequence[Trade]) -> Drop:
        return _drop("demo-vendor", f"ticks_{day:%Y%m%d}_{part}.psv.gz", kind, rows, vendor_text, packed=True)

    rows = _trades(rng, day, "", "XCME", ("ESH6", "CLG6"), 300)
    rows = rows[:150] + rows[:40] + rows[150:]  # forty that are equal and yet trades of their own
    first, whole = file("a", "plain", rows), file("b", "mended", _trades(rng, day, "", "XCME", ("ESH6",), 120))
    yield first
    yield file("c", "plain", changing := _trades(rng, day, "", "XCME", ("CLG6",), 90))
    half = whole.content[: len(whole.content) // 2]
    yield replace(whole, kind="truncated", content=half, rows=(), state="quarantined")
    yield replace(first, name=f"ticks_{day:%Y%m%d}_a_again.psv.gz", kind="renamed")
    yield whole
    yield file("c", "newer", [replace(t, price=_moved(t.price, 1)) for t in changing[:10]] + changing[20:])


def _trades(
    rng: random.Random, day: date, prefix: str, venue: str, symbols: Sequence[str], count: int, first: int = 1,
    account: bool = False,
) -> list[Trade]:  # fmt: skip
    opening = datetime.combine(day, time(9, 30), NEW_YORK)
    start = round(opening.astimezone(UTC).timestamp()) * 1_000_000_000
    return [
        Trade(
            trade_id=f"{prefix}{first + number}",
            symbol=(symbol := rng.choice(symbols)),
            venue=venue,
            at=start + (number * 23_000_000_000 // max(count // 200, 1)) + rng.randrange(20_000_000_000),
            side=None if venue == "XCME" else rng.choice(("buy", "sell")),
            price=f"{_PRICES[symbol] * (1 + rng.gauss(0, 0.002)):.2f}",
            quantity=str(rng.randrange(1, 500)),
            account=f"ACC-{rng.randrange(5)}" if account else "",
            version=int(account),
        )
        for number in range(count)
    ]


def _drop(
    feed: str, name: str, kind: Kind, rows: Sequence[Trade], render: Callable[[Sequence[Trade]], str], *,
    packed: bool = False, text: Callable[[Sequence[Trade]], str] | None = None, state: State = "loaded",
) -> Drop:  # fmt: skip
    content = (text or render)(rows).encode()
    # No time in the header of the gz: the same rows are the same bytes.
    return Drop(feed, name, kind, gzip.compress(content, mtime=0) if packed else content, tuple(rows), 0, state)


def _with_bad_lines(drop: Drop, count: int, rng: random.Random) -> Drop:
    """The drop with so many lines put in that are no trades; its first line stays the first."""
    lines = drop.content.decode().splitlines()
    for number in range(count):
        lines.insert(rng.randrange(1, len(lines)), _BAD[drop.feed].format(id=f"9{number:05}"))
    return replace(drop, content=_text(lines).encode(), rejected=count)


def exchange_text(rows: Sequence[Trade]) -> str:
    """Commas, a header, UTC to the nanosecond."""
    lines = (
        f"{t.trade_id},{t.symbol},{_utc(t.at)},{'B' if t.side == 'buy' else 'S'},{t.price},{t.quantity},USD"
        for t in rows
    )
    return _text(["trade_id,symbol,executed_at,side,price,quantity,currency", *lines])


def crypto_text(rows: Sequence[Trade]) -> str:
    """No header, microseconds since the epoch; a buyer who is the maker was sold to."""
    return _text(f"{t.trade_id},{t.price},{t.quantity},{t.at // 1000},{str(t.side == 'sell').lower()}" for t in rows)


def broker_text(rows: Sequence[Trade]) -> str:
    """Semicolons, quotes, New York's time; a cancellation names the trade and no more."""
    header = "ExecId;ExecType;Version;Symbol;Venue;TransactTime;Side;LastPx;LastQty;Currency;Account"
    return _text([header, *map(_broker_line, rows)])


def vendor_text(rows: Sequence[Trade]) -> str:
    """Pipes, milliseconds since the epoch, no id."""
    lines = (f"{t.symbol}|{t.venue}|{t.at // 1_000_000}|{t.price}|{t.quantity}|@" for t in rows)
    return _text(["TICKER|MIC|TS|PX|SZ|COND", *lines])


def _broker_line(t: Trade) -> str:
    kind = {"new": "N", "correct": "C", "cancel": "X"}[t.action]
    key = f'{t.trade_id};{kind};{t.version};"{t.symbol}";{t.venue}'
    if t.action == "cancel":
        return f"{key};;;;;;"
    local = datetime.fromtimestamp(t.at // 1_000_000_000, NEW_YORK)
    moment = f"{local:%Y-%m-%d %H:%M:%S}.{t.at % 1_000_000_000 // 1000:06}"
    return f"{key};{moment};{'1' if t.side == 'buy' else '2'};{t.price};{t.quantity};USD;{t.account}"


def _utc(at: int) -> str:
    return f"{datetime.fromtimestamp(at // 1_000_000_000, UTC):%Y-%m-%dT%H:%M:%S}.{at % 1_000_000_000:09}Z"


def _moved(price: str, cents: int) -> str:
    whole = round(float(price) * 100) + cents
    return f"{whole // 100}.{whole % 100:02}"


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
