"""What the merge makes of each kind of row, by example, on both embedded versions of PostgreSQL."""

import select
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from sinks import database, merge
from sinks.errors import BooksUnbalanced
from tests.integration.loading import START, Desk, Row, cancel, cancel_by_key, correct, file

pytestmark = pytest.mark.parametrize("postgres_version", [16, 18])
MARCH = date(2025, 3, 4)


def test_a_new_trade_is_inserted(desk: Desk) -> None:
    assert desk.load(file("a", 1, Row("x", "1.50"))) == {"a": {"inserted": 1}}
    assert desk.trades() == [("x", "2025-01-02", "1.50", "new")]
    assert desk.states() == {"a@1": "loaded"}


def test_every_digit_and_nanosecond_arrives(desk: Desk) -> None:
    desk.load(file("a", 1, Row("x", "0.123456789012345678901234567890", quantity="98765432109876543210.5")))
    price, quantity, nanos = desk.ask(
        "SELECT price, quantity, event_nanos FROM tradewind.trades WHERE dataset_id = %s", (desk.dataset_id,)
    )[0]
    assert price == Decimal("0.123456789012345678901234567890")
    assert (quantity, nanos) == (Decimal("98765432109876543210.5"), 5)


def test_a_newer_file_updates_a_trade_and_keeps_the_earlier_state(desk: Desk) -> None:
    desk.load(file("a", 1, Row("x", "1")))
    assert desk.load(file("b", 2, Row("x", "2"))) == {"b": {"updated": 1}}
    assert desk.prices() == {"x": "2"}
    assert desk.revisions() == [("x", "updated", "1")]


def test_an_older_file_that_comes_late_is_stale(desk: Desk) -> None:
    desk.load(file("b", 2, Row("x", "2")))
    assert desk.load(file("a", 1, Row("x", "1"))) == {"a": {"stale": 1}}
    assert desk.prices() == {"x": "2"}


def test_the_version_column_outranks_the_file(desk: Desk) -> None:
    desk.load(file("a", 1, Row("x", "9", version=2)))
    assert desk.load(file("b", 2, Row("x", "1", version=1))) == {"b": {"stale": 1}}
    assert desk.prices() == {"x": "9"}


def test_the_date_in_the_path_outranks_the_time_of_modification(desk: Desk) -> None:
    desk.load(file("a", 1, Row("x", "2"), path_date=date(2025, 1, 3)))
    assert desk.load(file("b", 2, Row("x", "1"), path_date=date(2025, 1, 2))) == {"b": {"stale": 1}}


def test_where_repeats_are_states_the_last_one_of_a_file_wins_and_the_others_are_duplicate_or_stale(
    desk_with: Callable[..., Desk],
) -> None:
    desk = desk_with(repeats="newest")
    rows = (Row("x", "1"), Row("x", "2"), Row("x", "2"))
    assert desk.load(file("a", 1, *rows)) == {"a": {"inserted": 1, "duplicate": 1, "stale": 1}}
    assert desk.prices() == {"x": "2"}


def test_of_two_files_in_one_batch_the_newer_wins(desk: Desk) -> None:
    loaded = desk.load(file("a", 1, Row("x", "1")), file("b", 2, Row("x", "2")))
    assert loaded == {"a": {"stale": 1}, "b": {"inserted": 1}}
    assert desk.prices() == {"x": "2"}


def test_of_two_files_in_one_batch_the_newer_alone_is_written_over_a_trade_that_is_there(desk: Desk) -> None:
    desk.load(file("a", 1, Row("x", "1")))
    loaded = desk.load(file("b", 2, Row("x", "2")), file("c", 3, Row("x", "3")))
    assert loaded == {"b": {"stale": 1}, "c": {"updated": 1}}
    assert desk.prices() == {"x": "3"}
    assert desk.revisions() == [("x", "updated", "1")]


def test_an_unchanged_trade_that_is_sent_again_changes_nothing(desk: Desk) -> None:
    desk.load(file("a", 1, Row("x", "1.0")))
    recorded = desk.ask("SELECT recorded_at FROM tradewind.trades WHERE dataset_id = %s", (desk.dataset_id,))
    assert desk.load(file("b", 2, Row("x", "1.00"))) == {"b": {"unchanged": 1}}
    assert desk.revisions() == []
    assert recorded == desk.ask("SELECT recorded_at FROM tradewind.trades WHERE dataset_id = %s", (desk.dataset_id,))


def test_an_unchanged_trade_moves_up_in_the_order_so_a_state_in_between_is_stale(desk: Desk) -> None:
    desk.load_each(file("a", 1, Row("x", "1")), file("c", 3, Row("x", "1")))
    assert desk.load(file("b", 2, Row("x", "2"))) == {"b": {"stale": 1}}
    assert desk.prices() == {"x": "1"}


def test_a_file_that_is_loaded_again_is_booked_again_and_changes_nothing(desk: Desk) -> None:
    desk.load(file("a", 1, Row("x", "1"), Row("y", "2")))
    before = desk.state()
    desk.again("a")
    desk.drain()
    assert desk.booked("a") == {"unchanged": 2}
    assert desk.state() == before


def test_a_returned_version_wins_again(desk: Desk) -> None:
    first = file("a", 1, Row("x", "1"))
    desk.load_each(first, file("a", 2, Row("x", "2")))
    assert desk.states() == {"a@1": "superseded", "a@2": "loaded"}
    desk.show(first)
    desk.drain()
    assert desk.prices() == {"x": "1"}
    assert desk.states() == {"a@1": "loaded", "a@2": "superseded"}


def test_a_returned_cancellation_is_in_force_again(desk: Desk) -> None:
    desk.load(file("t", 0, Row("x", "1")))
    first = file("a", 1, cancel("x"))
    desk.load_each(first, file("a", 2, Row("x", "2")))
    assert desk.trades() == [("x", "2025-01-02", "2", "new")]
    desk.show(first)
    desk.drain()
    assert desk.trades() == [("x", "2025-01-02", "2", "cancelled")]


def test_a_returned_state_ends_a_cancellation_that_was_newer_before(desk: Desk) -> None:
    first = file("a", 1, Row("x", "1"))
    desk.load_each(first, file("c", 2, cancel("x")), file("a", 3, Row("y", "1")))
    assert desk.trades()[0] == ("x", "2025-01-02", "1", "cancelled")
    desk.show(first)
    desk.drain()
    assert desk.trades()[0] == ("x", "2025-01-02", "1", "new")


def test_a_correction_replaces_the_state(desk: Desk) -> None:
    desk.load(file("a", 1, Row("x", "1")))
    assert desk.load(file("b", 2, correct("x", "7"))) == {"b": {"updated": 1}}
    assert desk.trades() == [("x", "2025-01-02", "7", "corrected")]
    assert desk.revisions() == [("x", "corrected", "1")]


def test_a_correction_moves_its_trade_to_another_month(desk: Desk) -> None:
    desk.load(file("a", 1, Row("x", "1"), Row("y", "1")))
    assert desk.load(file("b", 2, correct("x", "7", day=MARCH))) == {"b": {"updated": 1}}
    assert desk.trades() == [("x", "2025-03-04", "7", "corrected"), ("y", "2025-01-02", "1", "new")]


def test_an_older_state_under_the_old_date_does_not_bring_a_moved_trade_back(desk: Desk) -> None:
    desk.load_each(file("a", 1, Row("x", "1")), file("c", 3, correct("x", "7", day=MARCH)))
    assert desk.load(file("b", 2, Row("x", "2"))) == {"b": {"stale": 1}}
    assert desk.trades() == [("x", "2025-03-04", "7", "corrected")]


def test_a_newer_state_under_the_old_date_moves_the_trade_back(desk: Desk) -> None:
    desk.load_each(file("a", 1, Row("x", "1")), file("b", 2, correct("x", "7", day=MARCH)))
    assert desk.load(file("c", 3, Row("x", "2"))) == {"c": {"updated": 1}}
    assert desk.trades() == [("x", "2025-01-02", "2", "new")]


def test_where_ids_are_unique_per_day_a_correction_stays_on_its_day(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(unique="day")
    desk.load(file("a", 1, Row("x", "1"), Row("x", "2", MARCH)))
    assert desk.load(file("b", 2, correct("x", "7", day=MARCH))) == {"b": {"updated": 1}}
    assert desk.trades() == [("x", "2025-01-02", "1", "new"), ("x", "2025-03-04", "7", "corrected")]


def test_a_full_cancellation_marks_its_trade(desk: Desk) -> None:
    desk.load(file("a", 1, Row("x", "1")))
    assert desk.load(file("b", 2, cancel("x"))) == {"b": {"updated": 1}}
    assert desk.trades() == [("x", "2025-01-02", "1", "cancelled")]
    assert desk.revisions() == [("x", "cancelled", "1")]


def test_a_cancellation_may_name_the_id_alone(desk: Desk) -> None:
    desk.load(file("a", 1, Row("x", "1")))
    assert desk.load(file("b", 2, cancel_by_key("x"))) == {"b": {"updated": 1}}
    assert desk.trades() == [("x", "2025-01-02", "1", "cancelled")]


def test_a_second_cancellation_changes_nothing(desk: Desk) -> None:
    desk.load_each(file("a", 1, Row("x", "1")), file("b", 2, cancel("x")))
    assert desk.load(file("c", 3, cancel("x"))) == {"c": {"unchanged": 1}}
    assert len(desk.revisions()) == 1


def test_a_cancellation_and_its_trade_may_stand_in_one_file(desk: Desk) -> None:
    assert desk.load(file("a", 1, Row("x", "1"), cancel_by_key("x"))) == {"a": {"inserted": 1, "updated": 1}}
    assert desk.trades() == [("x", "2025-01-02", "1", "cancelled")]


def test_a_correction_before_its_trade_waits_and_is_booked_when_it_comes(desk: Desk) -> None:
    assert desk.load(file("b", 2, correct("x", "7"))) == {"b": {"pending": 1}}
    assert (desk.trades(), desk.pending()) == ([], 1)
    assert desk.load(file("a", 1, Row("x", "1"))) == {"a": {"inserted": 1}}
    assert desk.trades() == [("x", "2025-01-02", "7", "corrected")]
    assert (desk.booked("b"), desk.pending()) == ({"updated": 1}, 0)


def test_a_waiting_correction_may_lead_into_a_month_without_a_partition(desk: Desk) -> None:
    desk.load_each(file("b", 2, correct("x", "7", day=MARCH)), file("a", 1, Row("x", "1")))
    assert desk.trades() == [("x", "2025-03-04", "7", "corrected")]
    desk.assert_balanced()


@pytest.mark.parametrize("early", [cancel("x"), cancel_by_key("x")])
def test_a_cancellation_before_its_trade_waits_and_is_booked_when_it_comes(desk: Desk, early: Row) -> None:
    assert desk.load(file("b", 2, early)) == {"b": {"pending": 1}}
    desk.load(file("a", 1, Row("x", "1")))
    assert desk.trades() == [("x", "2025-01-02", "1", "cancelled")]
    assert (desk.booked("b"), desk.pending()) == ({"updated": 1}, 0)


def test_a_waiting_file_that_is_loaded_again_waits_once(desk: Desk) -> None:
    desk.load(file("b", 2, correct("x", "7")))
    desk.again("b")
    desk.drain()
    assert (desk.booked("b"), desk.pending()) == ({"pending": 1}, 1)


def test_a_correction_older_than_the_cancellation_corrects_but_does_not_revive(desk: Desk) -> None:
    desk.load_each(file("a", 1, Row("x", "1")), file("c", 3, cancel("x")))
    assert desk.load(file("b", 2, correct("x", "7"))) == {"b": {"updated": 1}}
    assert desk.trades() == [("x", "2025-01-02", "7", "cancelled")]


def test_a_correction_newer_than_the_cancellation_revives(desk: Desk) -> None:
    desk.load_each(file("a", 1, Row("x", "1")), file("b", 2, cancel("x")), file("c", 3, correct("x", "7")))
    assert desk.trades() == [("x", "2025-01-02", "7", "corrected")]


def test_the_trades_as_of_a_moment_are_those_of_that_moment(desk: Desk) -> None:
    desk.load(file("a", 1, Row("x", "1")))
    moment = desk.ask("SELECT clock_timestamp()")[0][0]
    desk.load_each(file("b", 2, correct("x", "7")), file("c", 3, Row("y", "1")))
    then = desk.ask(
        "SELECT trade_id, price::text FROM tradewind.trades_as_of(%s) WHERE dataset_id = %s",
        (moment, desk.dataset_id),
    )
    assert then == [("x", "1")]


def test_two_feeds_of_one_dataset_meet_in_one_trade(desk: Desk) -> None:
    desk.load(file("live/a", 1, Row("x", "1")))
    assert desk.sibling().load(file("archive/a", 2, Row("x", "1"))) == {"archive/a": {"unchanged": 1}}


# Replacing


def test_a_replacing_file_withdraws_what_it_no_longer_holds(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(on_overwrite="replace")
    desk.load(file("a", 1, Row("x", "1"), Row("y", "1")))
    desk.load(file("a", 2, Row("x", "1")))
    assert desk.prices() == {"x": "1"}
    assert desk.booked("a") == {"unchanged": 1, "withdrawn": 1}
    assert desk.revisions() == [("y", "withdrawn", "1")]


def test_merging_leaves_what_the_newer_version_no_longer_holds(desk: Desk) -> None:
    desk.load_each(file("a", 1, Row("x", "1"), Row("y", "1")), file("a", 2, Row("x", "1")))
    assert desk.prices() == {"x": "1", "y": "1"}


@pytest.mark.parametrize("identity", ["id", "content"])
def test_a_withdrawn_trade_comes_back_from_the_files_that_share_it(
    desk_with: Callable[..., Desk], identity: str
) -> None:
    desk = desk_with(identity=identity, on_overwrite="replace")
    desk.load_each(file("a", 1, Row("y", "1"), Row("z", "2")), file("b", 2, Row("y", "1")))
    desk.load(file("a", 3, Row("z", "2")))
    desk.drain()
    assert sorted(price for _, _, price, _ in desk.trades()) == ["1", "2"]
    desk.assert_balanced()


def test_a_trade_whose_later_sharer_is_replaced_comes_back_from_the_first(
    desk_with: Callable[..., Desk],
) -> None:
    desk = desk_with(on_overwrite="replace")
    desk.load_each(file("b", 1, Row("y", "1")), file("a", 2, Row("y", "1"), Row("z", "2")))
    desk.load(file("a", 3, Row("z", "2")))
    desk.drain()
    assert desk.prices() == {"y": "1", "z": "2"}


@pytest.mark.parametrize("identity", ["id", "content"])
def test_a_sharer_in_the_replacing_batch_keeps_its_trade(desk_with: Callable[..., Desk], identity: str) -> None:
    desk = desk_with(identity=identity, on_overwrite="replace")
    desk.load(file("a", 1, Row("y", "1"), Row("z", "2")))
    desk.load(file("a", 3, Row("z", "2")), file("b", 0, Row("y", "1")))
    desk.drain()
    assert sorted(price for _, _, price, _ in desk.trades()) == ["1", "2"]
    desk.assert_balanced()


def test_the_state_from_before_a_withdrawn_update_comes_back(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(on_overwrite="replace")
    desk.load_each(file("b", 1, Row("y", "1")), file("a", 2, Row("y", "5")), file("a", 3, Row("z", "2")))
    desk.drain()
    assert desk.prices() == {"y": "1", "z": "2"}


@pytest.mark.parametrize("identity", ["id", "content"])
def test_a_replaced_version_that_comes_late_brings_nothing(desk_with: Callable[..., Desk], identity: str) -> None:
    desk = desk_with(identity=identity, on_overwrite="replace")
    desk.load(file("a", 2, Row("x", "1")))
    assert desk.load(file("a", 1, Row("x", "1"), Row("y", "2"))) == {"a": {"stale": 2}}
    assert [price for _, _, price, _ in desk.trades()] == ["1"]
    assert desk.states() == {"a@2": "loaded", "a@1": "superseded"}


def test_of_two_versions_in_one_batch_only_the_newer_is_there_after_a_replacement(
    desk_with: Callable[..., Desk],
) -> None:
    desk = desk_with(on_overwrite="replace")
    desk.load(file("a", 1, Row("x", "1"), Row("y", "2")), file("a", 2, Row("x", "1")))
    assert desk.prices() == {"x": "1"}


# Content as the identity


def test_equal_rows_of_one_file_are_as_many_trades(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(identity="content")
    rows = (Row(None, "1"), Row(None, "1"), Row(None, "1.0"), Row(None, "2"))
    assert desk.load(file("a", 1, *rows)) == {"a": {"inserted": 4}}
    desk.again("a")
    desk.drain()
    assert desk.booked("a") == {"unchanged": 4}


def test_across_files_the_nth_equal_row_is_one_trade(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(identity="content")
    desk.load(file("a", 1, Row(None, "1"), Row(None, "1")))
    loaded = desk.load(file("b", 2, Row(None, "1"), Row(None, "1"), Row(None, "1")))
    assert loaded == {"b": {"unchanged": 2, "inserted": 1}}
    assert len(desk.trades()) == 3


def test_across_files_of_one_batch_equal_rows_are_duplicates(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(identity="content")
    loaded = desk.load(file("a", 1, Row(None, "1")), file("b", 2, Row(None, "1")))
    assert loaded == {"a": {"duplicate": 1}, "b": {"inserted": 1}}


def test_with_scope_file_each_files_rows_are_its_own(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(identity="content", scope="file")
    desk.load(file("a", 1, Row(None, "1")))
    assert desk.load(file("b", 2, Row(None, "1"))) == {"b": {"inserted": 1}}
    assert desk.load(file("a", 3, Row(None, "1"))) == {"a": {"unchanged": 1}}


# The two ways into a month


@pytest.mark.parametrize("grain", ["month", "day"])
def test_a_fresh_month_attached_with_its_key_is_like_one_merged_the_general_way(
    desk_with: Callable[..., Desk], grain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = file("a", 1, Row("x", "1"), Row("y", "2", MARCH), Row("z", "3", date(2025, 1, 31)))
    fresh, general = desk_with(grain=grain), desk_with(grain=grain)
    fresh.load(whole)
    monkeypatch.setattr(merge, "_insert_fresh", lambda *_: False)
    general.load(whole)
    assert fresh.state() == general.state()
    assert fresh.booked("a") == general.booked("a") == {"inserted": 3}
    for desk in (fresh, general):
        assert desk.load(file("b", 2, Row("x", "9"))) == {"b": {"updated": 1}}


def test_a_fresh_month_with_a_repeated_key_goes_the_general_way(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(repeats="newest")
    assert desk.load(file("a", 1, Row("x", "1"), Row("x", "2"))) == {"a": {"inserted": 1, "stale": 1}}
    assert desk.prices() == {"x": "2"}


# What must never be merged


def test_a_claim_that_was_lost_is_never_merged(desk: Desk) -> None:
    desk.register(file("a", 1, Row("x", "1")), file("b", 1, Row("y", "1")))
    claims = desk.claim()
    desk.ask("UPDATE tradewind.files SET fence = fence + 1 WHERE file_id = %s", (claims[0].file_id,))
    books = desk.merge(claims)
    assert list(books) == [claims[1].file_id]
    assert desk.prices() == {"y": "1"}
    assert desk.states() == {"a@1": "loading", "b@1": "loaded"}


def test_rows_of_a_part_that_nobody_reported_are_never_merged(desk: Desk) -> None:
    desk.register(file("a", 1, Row("x", "1")))
    desk.merge(desk.claim(), zombie=[Row("x", "666"), Row("ghost", "666")])
    assert desk.prices() == {"x": "1"}


def test_rows_of_a_file_set_aside_are_never_merged_and_the_others_are(desk: Desk) -> None:
    desk.register(file("a", 1, Row("x", "1")), file("b", 1, Row("y", "1")))
    claims = desk.claim()
    with desk.staged(claims) as (cursor, work):
        work.books[claims[0].file_id].failure = ("quarantined", "broken")
        merge.merge(cursor, work)
    assert desk.prices() == {"y": "1"}
    assert desk.states() == {"a@1": "quarantined", "b@1": "loaded"}


@pytest.mark.parametrize(
    ("column", "rule"),
    [("inserted", "books_of_records"), ("rejected", "books_of_records"), ("framing_lines", "books_of_lines")],
)
def test_the_database_itself_refuses_books_that_do_not_add_up(desk: Desk, column: str, rule: str) -> None:
    desk.load(file("a", 1, Row("x", "1")))
    for wrong in (f"{column} + 1", "NULL"):
        with pytest.raises(BooksUnbalanced, match=rule):
            desk.ask(f"UPDATE tradewind.files SET {column} = {wrong} WHERE feed = %s", (desk.name,))


def test_unbalanced_books_are_refused_and_nothing_is_merged(desk: Desk) -> None:
    desk.register(file("a", 1, Row("x", "1")))
    with pytest.raises(BooksUnbalanced):
        desk.merge(desk.claim(), unbalanced=1)
    assert (desk.trades(), desk.states()) == ([], {"a@1": "loading"})


def test_a_correction_that_starts_to_wait_while_its_trade_is_staged_is_not_missed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = desk.sibling()
    other.connection = database.connect(desk.dsn)
    lock = merge._lock_dataset

    def correction_first(*arguments: object, **options: object) -> None:
        monkeypatch.setattr(merge, "_lock_dataset", lock)
        other.load(file("b", 2, correct("x", "7")))
        lock(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(merge, "_lock_dataset", correction_first)
    desk.load(file("a", 1, Row("x", "1")))
    other.connection.close()
    assert desk.trades() == [("x", "2025-01-02", "7", "corrected")]


def test_a_batch_tells_its_listeners_when_it_is_committed(desk: Desk) -> None:
    listener = database.connect(desk.dsn)
    listener.autocommit = True
    listener.cursor().execute("LISTEN tradewind")
    desk.load(file("a", 1, Row("x", "1")))
    while not any(desk.name in notice.payload for notice in listener.notifies):
        assert select.select([listener], [], [], 20)[0], "no notification came"
        listener.poll()
    listener.close()


def test_the_modification_time_is_the_stores_to_the_microsecond(desk: Desk) -> None:
    desk.load(file("a", 1, Row("x", "1")))
    assert desk.files()[0]["modified_at"] == file("a", 1).modified_at > START
