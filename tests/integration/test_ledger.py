"""What is known, what is owed, and who works on it."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg2
import pytest

from sinks import database, errors, ledger, runs
from tests.integration.loading import Desk, Row, file

FIRST = file("a", 1, Row("x", "1"))


@pytest.fixture
def elsewhere(desk: Desk) -> Iterator[Any]:
    """Another connection to the same database."""
    connection = database.connect(desk.dsn)
    yield connection
    connection.close()


def claim(connection: Any, desk: Desk, run_id: runs.RunId) -> list[str]:
    with database.transaction(connection) as cursor:
        return [one.uri for one in ledger.claim(cursor, desk.name, run_id, 100, 10**9)]


def test_a_version_is_registered_once_however_often_it_is_told(desk: Desk) -> None:
    assert [desk.register(FIRST, FIRST), desk.register(FIRST), desk.register()] == [1, 0, 0]
    assert desk.register(file("a", 2), file("b", 1)) == 2


def test_a_loaded_version_that_is_told_again_is_not_owed(desk: Desk) -> None:
    desk.load(FIRST)
    desk.register(FIRST)
    assert (desk.claim(), desk.states()) == ([], {"a@1": "loaded"})


def test_what_is_ignored_keeps_its_reason_and_is_never_owed(desk: Desk) -> None:
    desk.register(file("_SUCCESS", 1, reason="its name begins with _"))
    assert desk.claim() == []
    assert [(f["state"], f["reason"]) for f in desk.files()] == [("ignored", "its name begins with _")]


def test_claims_are_taken_oldest_first_by_the_paths_date_before_the_time(desk: Desk) -> None:
    desk.register(
        file("late", 9, path_date=date(2025, 1, 3)),
        file("b", 5),
        file("a", 4),
        file("early", 8, path_date=date(2025, 1, 2)),
    )
    assert [one.uri for one in desk.claim(max_files=1)] == ["early"]
    assert [one.uri for one in desk.claim(max_files=1)] == ["late"]
    assert [one.uri for one in desk.claim(max_files=1)] == ["a"]


def test_claims_end_with_the_file_that_reaches_the_bytes(desk: Desk) -> None:
    desk.register(*(file(f"{n}", n, size=10) for n in range(5)))
    assert [one.uri for one in desk.claim(max_bytes=20)] == ["0", "1"]
    assert [one.uri for one in desk.claim(max_bytes=1)] == ["2"]


def test_one_claim_takes_no_more_files_than_it_may(desk: Desk) -> None:
    desk.register(*(file(f"{n}", n) for n in range(5)))
    assert [len(desk.claim(max_files=2)) for _ in range(4)] == [2, 2, 1, 0]


def test_two_runs_that_claim_at_once_share_the_work_and_wait_for_nobody(desk: Desk, elsewhere: Any) -> None:
    desk.register(file("a", 1), file("b", 2))
    with runs.run(desk.dsn, "command", [desk.name]) as other, database.transaction(desk.connection) as cursor:
        mine = ledger.claim(cursor, desk.name, desk.run_id, 1, 10**9)  # not committed: its row is locked
        with database.transaction(elsewhere) as impatient:
            impatient.execute("SET lock_timeout = '5s'")
        assert claim(elsewhere, desk, other.run_id) == ["b"]
        assert [one.uri for one in mine] == ["a"]


def test_a_living_runs_claims_are_left_to_it(desk: Desk, elsewhere: Any) -> None:
    desk.register(FIRST)
    with runs.run(desk.dsn, "command", [desk.name]) as other:
        assert claim(elsewhere, desk, other.run_id) == ["a"]
        assert desk.claim() == []


def test_a_dead_runs_claims_are_taken_over_at_once_and_its_merge_is_fenced_off(desk: Desk) -> None:
    desk.register(FIRST)
    dead = runs.Run(desk.dsn, "command", [desk.name])
    dead_desk = replace_run(desk, dead.run_id)
    lost = dead_desk.claim()
    # Its session is ended by the server, as it is when its process dies.
    desk.ask(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s "
        "AND objid = %s AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        (runs.RUN_LOCKS, dead.run_id),
    )
    taken = desk.claim()
    assert [(one.uri, one.fence, one.attempts) for one in taken] == [("a", lost[0].fence + 1, 2)]
    assert dead_desk.merge(lost) == {}
    assert desk.trades() == []
    desk.merge(taken)
    assert desk.prices() == {"x": "1"}
    dead.end("lost")


def test_a_run_whose_session_was_lost_holds_its_claims_again(desk: Desk) -> None:
    desk.register(FIRST)
    with runs.run(desk.dsn, "command", [desk.name]) as other:
        replace_run(desk, other.run_id).claim()
        desk.ask(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s "
            "AND objid = %s AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            (runs.RUN_LOCKS, other.run_id),
        )
        other.hold()
        assert desk.claim() == []


def test_a_run_that_ends_gives_its_claims_back(desk: Desk) -> None:
    desk.register(FIRST)
    with runs.run(desk.dsn, "command", [desk.name]) as other:
        lost = replace_run(desk, other.run_id).claim()
    assert desk.states() == {"a@1": "discovered"}
    assert [one.fence > lost[0].fence for one in desk.claim()] == [True]


@pytest.mark.parametrize(("error", "state"), [(None, "done"), (ValueError, "failed"), (KeyboardInterrupt, "stopped")])
def test_a_run_notes_how_it_ended(desk: Desk, error: type[BaseException] | None, state: str) -> None:
    passed_on = pytest.raises(error) if error else nullcontext()
    with passed_on, runs.run(desk.dsn, "command", [desk.name]) as this:
        if error:
            raise error("why")
    reason = "why" if error else None
    assert desk.ask("SELECT state, reason FROM tradewind.runs WHERE run_id = %s", (this.run_id,)) == [(state, reason)]


def test_a_waiting_file_is_owed_when_it_is_due_and_not_before(desk: Desk) -> None:
    desk.register(file("later", 1), file("now", 2))
    wait(desk, {"later": timedelta(hours=1), "now": timedelta(0)})
    assert [one.uri for one in desk.claim()] == ["now"]
    with database.transaction(desk.connection) as cursor:
        owed = ledger.owed(cursor, desk.name)
    assert (owed.files, owed.bytes, owed.waiting) == (2, 20, 1)


def test_what_became_due_by_itself_wakes_the_stream(desk: Desk) -> None:
    desk.register(file("a", 1))
    wait(desk, {"a": timedelta(0)})
    with database.transaction(desk.connection) as cursor:
        assert [one["uri"] for one in ledger.due(cursor, desk.name)] == ["a"]


def test_a_state_set_under_a_lost_claim_changes_nothing(desk: Desk) -> None:
    desk.register(FIRST)
    lost = desk.claim()[0]
    with database.transaction(desk.connection) as cursor:
        runs.release(cursor, desk.run_id)
        ledger.set_state(cursor, desk.run_id, lost, "quarantined", "broken", None, "1")
    assert desk.states() == {"a@1": "discovered"}


def test_a_version_that_returns_becomes_current_and_is_owed_again(desk: Desk) -> None:
    second = file("a", 2, Row("x", "2"))
    desk.load_each(FIRST, second)
    desk.show(FIRST)
    assert [one.version for one in desk.claim()] == ["1"]


def test_a_late_event_of_an_older_version_is_contested_only_by_what_is_not_older(desk: Desk) -> None:
    desk.register(FIRST, file("a", 2))
    with database.transaction(desk.connection) as cursor:
        asked = [ledger.contested(cursor, desk.name, [one]) for one in (FIRST, file("a", 2))]
    assert [[version for _, _, version in one] for one in asked] == [["1"], []]


def test_of_two_versions_with_one_time_the_one_that_the_store_shows_is_newer(desk: Desk) -> None:
    shown, other = file("a", 1, Row("x", "1"), tag="-shown"), file("a", 1, Row("x", "2"), tag="-other")
    desk.register(shown, other)
    desk.show(shown)
    desk.drain()
    assert desk.prices() == {"x": "1"}
    assert desk.states() == {"a@1-shown": "loaded", "a@1-other": "superseded"}


def test_a_feed_has_one_stream_at_a_time(desk: Desk, elsewhere: Any) -> None:
    third = database.connect(desk.dsn)
    assert [runs.lock_feed(third, desk.name), runs.lock_feed(elsewhere, desk.name)] == [True, False]
    third.close()
    assert runs.lock_feed(elsewhere, desk.name, wait=True)


def test_errors_of_the_driver_become_the_rooms_own(desk: Desk) -> None:
    with pytest.raises(errors.SchemaMissing), database.transaction(desk.connection) as cursor:
        cursor.execute("SELECT FROM tradewind.nothing")
    with pytest.raises(errors.Contention), database.transaction(desk.connection) as cursor:
        cursor.execute("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$")
    with pytest.raises(errors.DatabaseDown, match=r"database\.url"):
        database.connect("postgresql://nobody@/none?host=/nowhere")
    assert isinstance(database.translate(psycopg2.OperationalError("gone")), errors.ConnectionLost)


def replace_run(desk: Desk, run_id: runs.RunId) -> Desk:
    return replace(desk, run_id=run_id)


def wait(desk: Desk, delays: dict[str, timedelta]) -> None:
    now = desk.ask("SELECT now()")[0][0]
    for one in desk.claim():
        with database.transaction(desk.connection) as cursor:
            due = now + delays[one.uri]
            ledger.set_state(cursor, desk.run_id, one, "waiting", "still being written", due, "1")


def named(desk: Desk, uri: str) -> list[str]:
    rows = ledger.rows(desk.connection, "files", feed=desk.name, state=None, uri=uri, limit=100)
    return [row["uri"] for row in rows]


ALIKE = ("in/a_1.csv", "in/ab1.csv", "in/100%.zip", "in/100%.zip!x", "in/1000.zip", "in/1000.zip!x", "in/100%.zipped")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("a_1.csv", {"in/a_1.csv"}),
        ("in/a_1.csv", {"in/a_1.csv"}),
        ("100%.zip", {"in/100%.zip", "in/100%.zip!x"}),
        ("in/100%.zip", {"in/100%.zip", "in/100%.zip!x"}),
        ("100%.zip!x", {"in/100%.zip!x"}),
        ("1.csv", set()),
        ("%", set()),
        ("______.csv", set()),
    ],
)
def test_a_name_means_itself_alone_also_with_signs_that_are_patterns_elsewhere(
    desk: Desk, name: str, meant: set[str]
) -> None:
    desk.load(*(file(uri, 1, Row(uri)) for uri in ALIKE))
    assert set(named(desk, name)) == meant
    desk.again(name)
    assert {one.uri for one in desk.claim()} == meant
