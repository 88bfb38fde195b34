"""Two feeds of one dataset merge at the same time: the tables are those of one after the other."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import stamina

from sinks import database
from sinks.errors import Contention
from tests.integration.loading import Desk, File, Row, correct, file

DAYS = [date(2025, 1, 31) + timedelta(days=n) for n in range(3)]  # over a month's end
ROUNDS = 6


def files_of(number: int) -> list[File]:
    """Trades of their own, trades that the other feed sends too with other values, and corrections."""
    files = []
    for k in range(ROUNDS):
        shared = [Row(f"shared-{n}", str(10 * k + number + 1), DAYS[n % 3]) for n in range(30)]
        own = [Row(f"{number}-{k}-{n}", "1", DAYS[n % 3]) for n in range(30)]
        amended = [correct(f"{number}-{k - 1}-0", "9", day=DAYS[1])] if k % 3 == 2 else []
        # The one feed counts down, so that rows meet in opposite orders.
        rows = (shared + own)[:: 1 if number else -1] + amended
        files.append(file(f"{number}/{k}", 2 * k + number, *rows))
    return files


def test_two_merges_at_once_end_as_one_after_the_other(desk: Desk) -> None:
    both = [desk, desk.sibling()]
    side_by_side = [dataclasses.replace(one, connection=database.connect(one.dsn)) for one in both]
    together = Barrier(2)

    @stamina.retry(on=Contention, attempts=10)
    def merge(one: Desk) -> None:
        claims = one.claim()
        if claims:
            one.merge(claims)

    def load(number: int) -> None:
        for part in files_of(number):
            side_by_side[number].register(part)
            together.wait(60)
            merge(side_by_side[number])

    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(load, range(2)))
        for one in side_by_side:
            one.drain()
            one.assert_balanced()
    finally:
        for one in side_by_side:
            one.connection.close()
    assert desk.state() == one_after_the_other(desk)


def one_after_the_other(like: Desk) -> list[tuple[object, ...]]:
    """The same files into a dataset of their own."""
    first = Desk(like.dsn, like.connection, like.run_id, like.rules)
    feeds = [first, first.sibling()]
    for parts in zip(*(files_of(number) for number in range(2)), strict=True):
        for feed, part in zip(feeds, parts, strict=True):
            feed.load(part)
    return first.state()
