"""Any order, any grouping into batches, any repetition: the trades are those of one load in order."""

from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.loading import CANCEL, CORRECT, NEW, Desk, File, Row, cancel_by_key

# What the generator leaves out, because no rule says what it should mean:
# - an id has one symbol and one venue, and its new rows name one date: with unique = "dataset" an id is one trade, and
#   only a correction may give it another date;
# - two file versions have never the same modification time: between such only the store decides, when it is asked;
# - withdrawing (on_overwrite = "replace") is combined with new rows only: whether a withdrawn file's corrections and
#   cancellations of other files' trades end with it is not declared.
IDS = ("x", "y", "z")
DAYS = {"x": date(2025, 1, 2), "y": date(2025, 1, 31), "z": date(2025, 3, 3)}
MONTHS = st.sampled_from([date(2025, 1, 2), date(2025, 2, 1), date(2025, 3, 3)])
BOUNDED = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
Batches = list[list[File]]


@st.composite
def amending_rows(draw: st.DrawFn) -> Row:
    trade_id = draw(st.sampled_from(IDS))
    kind = draw(st.sampled_from([NEW, NEW, CORRECT, CANCEL, 3]))
    price, version = draw(st.sampled_from(["1", "2.50"])), draw(st.sampled_from([None, None, 1, 2]))
    if kind == 3:
        return cancel_by_key(trade_id)
    day = draw(MONTHS) if kind == CORRECT else DAYS[trade_id]
    return Row(trade_id, price, day, kind, version=version)


@st.composite
def plain_rows(draw: st.DrawFn) -> Row:
    trade_id = draw(st.sampled_from(IDS))
    return Row(trade_id, draw(st.sampled_from(["1", "2.50"])), DAYS[trade_id])


@st.composite
def versions(draw: st.DrawFn, row: st.SearchStrategy[Row]) -> list[File]:
    """Two to five file versions of up to three uris, in the order of their modification."""
    count = draw(st.integers(2, 5))
    uris = draw(st.lists(st.sampled_from("abc"), min_size=count, max_size=count))
    rows = st.lists(row, max_size=4).map(tuple)
    return [File(uri, hour, draw(rows)) for hour, uri in enumerate(uris, 1)]


@st.composite
def batches(draw: st.DrawFn, files: list[File]) -> Batches:
    """The files in any order, some of them twice, cut into batches anywhere."""
    order = draw(st.permutations(files))
    again = draw(st.lists(st.sampled_from(files), max_size=2))
    cuts = draw(st.lists(st.booleans(), min_size=len(files), max_size=len(files)))
    grouped: Batches = []
    for one, cut in zip(order, cuts, strict=True):
        if cut or not grouped:
            grouped.append([])
        grouped[-1].append(one)
    return grouped + [[one] for one in again]


def loaded(desk: Desk, way: Batches) -> list[tuple[Any, ...]]:
    seen: set[tuple[str, str]] = set()
    for batch in way:
        again = [one.uri for one in batch if (one.uri, one.version) in seen]
        seen |= {(one.uri, one.version) for one in batch}
        desk.register(*batch)
        desk.again(*again)
        desk.merge(desk.claim())
        if desk.rules.on_overwrite == "replace":
            desk.drain()
    desk.assert_balanced()
    return desk.state()


def explain(desk: Desk, way: Batches) -> str:
    rows = [f"  {[(one.uri, one.hour, one.rows) for one in batch]}" for batch in way]
    return "\n".join(["the batches were", *rows, "the trades are", *map(str, desk.trades())])


@BOUNDED
@given(data=st.data(), files=versions(amending_rows()))
def test_new_rows_corrections_and_cancellations_in_any_order_give_the_same_trades(
    desk_with: Callable[..., Desk], data: st.DataObject, files: list[File]
) -> None:
    way = data.draw(batches(files))
    in_order, shuffled = desk_with(repeats="newest"), desk_with(repeats="newest")
    expected = loaded(in_order, [[one] for one in files])
    assert loaded(shuffled, way) == expected, explain(shuffled, way)


@settings(BOUNDED, max_examples=10)
@given(data=st.data(), files=versions(plain_rows()), identity=st.sampled_from(["id", "content"]))
def test_versions_that_replace_one_another_in_any_order_give_the_same_trades(
    desk_with: Callable[..., Desk], data: st.DataObject, files: list[File], identity: str
) -> None:
    way = data.draw(batches(files))
    rules = {"identity": identity, "on_overwrite": "replace", "repeats": "newest"}
    in_order, shuffled = desk_with(**rules), desk_with(**rules)
    expected = loaded(in_order, [[one] for one in files])
    assert loaded(shuffled, way) == expected, explain(shuffled, way)


@settings(BOUNDED, max_examples=8)
@given(data=st.data(), files=versions(plain_rows()), scope=st.sampled_from(["across", "file"]))
def test_trades_known_by_their_content_are_the_same_in_any_order(
    desk_with: Callable[..., Desk], data: st.DataObject, files: list[File], scope: str
) -> None:
    way = data.draw(batches(files))
    rules = {"identity": "content", "scope": scope}
    in_order, shuffled = desk_with(**rules), desk_with(**rules)
    expected = loaded(in_order, [[one] for one in files])
    assert loaded(shuffled, way) == expected, explain(shuffled, way)
