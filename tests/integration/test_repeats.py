"""A key that stands twice in one file with different values sets that file aside, and no other."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinks import merge
from tests.integration.loading import Desk, File, Row, file

pytestmark = pytest.mark.parametrize("postgres_version", [16, 18])
MARCH = date(2025, 3, 4)
TWICE = (Row("x", "1"), Row("y", "5"), Row("x", "2"))


def reason(desk: Desk, uri: str) -> str:
    return str(next(row["reason"] for row in desk.files() if row["uri"] == uri))


@pytest.mark.parametrize("before", [(), (file("before", 0, Row("b", "1")),)], ids=["fresh month", "month with trades"])
def test_the_file_is_quarantined_with_what_differs_and_the_others_are_merged(
    desk: Desk, before: tuple[File, ...]
) -> None:
    desk.load_each(*before)
    loaded = desk.load(file("a", 1, *TWICE), file("c", 2, Row("z", "3"), Row("x", "7")))
    assert loaded == {"a": {}, "c": {"inserted": 2}}
    assert {uri: state for uri, state in desk.states().items() if uri[0] in "ac"} == {
        "a@1": "quarantined",
        "c@2": "loaded",
    }
    assert {key: price for key, price in desk.prices().items() if key != "b"} == {"x": "7", "z": "3"}
    told = reason(desk, "a")
    assert told.startswith("1 key stands twice with different values: x of S, V, 2025-01-02 in lines 1 and 3 ")
    assert "(price 1 and 2)" in told
    assert 'identity.repeats = "newest"' in told


def test_every_value_that_differs_is_named(desk: Desk) -> None:
    desk.register(file("a", 1, Row("x", "1"), Row("x", "1", quantity="3")))
    claims = desk.claim()
    with desk.staged(claims) as (cursor, work):
        cursor.execute(
            "UPDATE pg_temp.b_trades SET side = NULL, event_us = event_us + 1, attributes = "
            """'{"price": "B", "note": "late"}' WHERE line = 2"""
        )
        merge.merge(cursor, work)
    assert (
        "(event_time 2025-01-02T00:00:00.000000005Z and 2025-01-02T00:00:00.000001005Z, side buy and nothing, "
        "quantity 1 and 3, attributes.note nothing and late, attributes.price nothing and B)"
    ) in reason(desk, "a")


def test_three_keys_are_shown_and_all_are_counted(desk: Desk) -> None:
    rows = [Row(f"k{n}", price) for n in range(1, 6) for price in ("1", "2", "3")]
    desk.load(file("a", 1, *rows))
    told = reason(desk, "a")
    assert told.startswith("5 keys stand twice with different values: k1 of S, V, 2025-01-02 in lines 1 and 2 ")
    assert [f"k{n} of" in told for n in range(1, 6)] == [True, True, True, False, False]


def test_lines_are_those_of_the_file_whatever_split_they_are_in(desk: Desk) -> None:
    desk.register(file("a", 1, Row("x", "1"), Row("x", "2")))
    claims = desk.claim()
    with desk.staged(claims) as (cursor, work):
        cursor.execute("UPDATE pg_temp.b_trades SET split = 1, line = 5 WHERE line = 2")
        (books,) = work.books.values()
        books.split_lines = {0: 100, 1: 50}
        merge.merge(cursor, work)
    assert "in lines 1 and 105 (price 1 and 2)" in reason(desk, "a")


def test_equal_rows_of_one_key_are_duplicates(desk: Desk) -> None:
    assert desk.load(file("a", 1, Row("x", "1.0"), Row("x", "1.00"))) == {"a": {"inserted": 1, "duplicate": 1}}


def test_two_files_may_give_one_key_other_values(desk: Desk) -> None:
    loaded = desk.load(file("a", 1, Row("x", "1"), Row("x", "1")), file("b", 2, Row("x", "2")))
    assert loaded == {"a": {"stale": 2}, "b": {"inserted": 1}}


def test_the_same_id_of_another_day_is_another_key(desk_with: Callable[..., Desk]) -> None:
    assert desk_with(unique="day").load(file("a", 1, Row("x", "1"), Row("x", "2", MARCH))) == {"a": {"inserted": 2}}


def test_declared_to_be_states_they_are_loaded_when_the_file_is_retried(desk: Desk) -> None:
    desk.load(file("a", 1, *TWICE))
    desk.rules = desk.sibling(repeats="newest").rules
    desk.again("a")
    desk.drain()
    assert (desk.states(), desk.booked("a")) == ({"a@1": "loaded"}, {"inserted": 2, "stale": 1})
    assert desk.prices() == {"x": "2", "y": "5"}


def test_a_batch_of_such_files_alone_merges_nothing(desk: Desk) -> None:
    assert desk.load(file("a", 1, *TWICE), file("b", 2, *TWICE)) == {"a": {}, "b": {}}
    assert (desk.trades(), set(desk.states().values())) == ([], {"quarantined"})


def test_a_version_that_is_set_aside_replaces_nothing(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(on_overwrite="replace")
    first, bad = file("a", 1, Row("x", "1"), Row("y", "1")), file("a", 2, *TWICE)
    assert desk.load(first, bad) == {"a": {}}
    assert desk.states() == {"a@1": "loaded", "a@2": "quarantined"}
    assert (desk.prices(), desk.booked("a")) == ({"x": "1", "y": "1"}, {})


ROWS = st.builds(Row, st.sampled_from("xyz"), st.sampled_from(["1", "2"]))
FILES = st.lists(st.lists(ROWS, max_size=4).map(tuple), min_size=1, max_size=4)


@settings(
    max_examples=15, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(rows=FILES, data=st.data())
def test_in_any_order_and_any_batches_the_same_files_are_set_aside(
    desk_with: Callable[..., Desk], rows: list[tuple[Row, ...]], data: st.DataObject
) -> None:
    files = [file(f"f{n}", n, *held) for n, held in enumerate(rows)]
    odd = {f"{one.uri}@{one.version}" for one in files if _contradicts(one.rows)}
    together, apart = desk_with(), desk_with()
    together.load(*files)
    apart.load_each(*data.draw(st.permutations(files)))
    for desk in (together, apart):
        assert {uri for uri, state in desk.states().items() if state == "quarantined"} == odd
    assert together.state() == apart.state()


def _contradicts(rows: tuple[Row, ...]) -> bool:
    prices: dict[Any, set[Any]] = {}
    for row in rows:
        prices.setdefault(row.trade_id, set()).add(row.price)
    return any(len(found) > 1 for found in prices.values())
