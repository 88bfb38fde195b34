"""The audit: books that a hand has broken, or rows that a hand has taken, are told by file; sound ones never are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cli_tool import outcome, run
from sinks import database, runs
from tests.acceptance import desk as acceptance
from tests.acceptance.desk import row, table
from tests.integration.loading import Desk, Row, correct, file

FEBRUARY = date(2025, 2, 1)


@pytest.fixture
def desk(migrated_postgres: str) -> Iterator[Desk]:
    """A feed in a database of its own, whose books no CHECK holds any more."""
    with closing(database.connect(migrated_postgres)) as connection, runs.run(migrated_postgres, "command", []) as run:
        with database.transaction(connection) as cursor:
            cursor.execute(
                "ALTER TABLE tradewind.files DROP CONSTRAINT books_of_lines, DROP CONSTRAINT books_of_records"
            )
        yield Desk(migrated_postgres, connection, run.run_id)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE tradewind.files SET lines = 7 WHERE uri = 'a'", ("a", "lines", 7, 2)),
        ("UPDATE tradewind.files SET stale = 3 WHERE uri = 'a'", ("a", "records", 2, 5)),
        ("UPDATE tradewind.files SET pending = 1, inserted = 1 WHERE uri = 'a'", ("a", "pending", 1, 0)),
        ("UPDATE tradewind.files SET rejected = 1, inserted = 1 WHERE uri = 'a'", ("a", "rejected", 1, 0)),
        (
            "INSERT INTO tradewind.rejects (file_id, line, reason, raw, raw_escaped)"
            " SELECT file_id, 2, 'x', 'x', false FROM tradewind.files WHERE uri = 'a'",
            ("a", "rejected", 0, 1),
        ),
        ("UPDATE tradewind.files SET withdrawn = 4 WHERE uri = 'a'", ("a", "withdrawn", 4, 0)),
        ("UPDATE tradewind.trades SET file_id = -1 WHERE trade_id = '1'", (None, "trades", 0, 1)),
        ("DELETE FROM tradewind.trades WHERE trade_id = '1'", ("a", "trades", 2, 1)),
        ("DELETE FROM tradewind.trades WHERE trade_id = '1'", (None, "inserted", 4, 3)),
        ("DELETE FROM tradewind.trade_revisions", ("b", "trades", 1, 0)),
        (
            "UPDATE tradewind.tallies SET files = files + 1 WHERE ctid = (SELECT min(ctid) FROM tradewind.tallies"
            " WHERE state = 'loaded')",
            (None, "summary", 4, 3),
        ),
    ],
)
def test_what_a_hand_has_broken_is_told(desk: Desk, statement: str, expected: tuple[str | None, str, int, int]) -> None:
    desk.load(file("a", 1, Row("1"), Row("2")))
    desk.load(file("b", 2, Row("3", day=FEBRUARY)))
    desk.load(file("c", 3, Row("4"), correct("3", "2", day=FEBRUARY)))
    assert desk.faults() == []
    desk.ask(statement)
    assert expected in desk.faults()


def test_a_trade_lost_among_rows_that_were_sent_twice_is_missed_in_the_dataset(desk: Desk) -> None:
    desk.load(file("a", 1, Row("1"), Row("2")))
    desk.load(file("b", 2, Row("1"), Row("2")))
    desk.ask("DELETE FROM tradewind.trades WHERE dataset_id = %s AND trade_id = '2'", (desk.dataset_id,))
    assert desk.faults() == [(None, "inserted", 2, 1)]


def test_old_rejects_that_retention_took_are_not_missed(desk: Desk) -> None:
    desk.load(file("a", 1, Row("1"), Row("2")))
    old = "UPDATE tradewind.files SET rejected = 1, inserted = 1, loaded_at = now() - interval '91 days'"
    desk.ask(f"{old} WHERE uri = 'a'")
    assert "rejected" not in {what for _, what, *_ in desk.faults()}


@pytest.fixture
def landed(tmp_path: Path, migrated_postgres: str, monkeypatch: pytest.MonkeyPatch) -> acceptance.Desk:
    """A weekday feed, Monday's and Wednesday's files of it loaded, one line of them rejected."""
    for name in ("in", "state"):
        (tmp_path / name).mkdir()
    (tmp_path / "tradewind.toml").write_text(
        f'[feeds.x]\nsource = "{tmp_path}/in"\nprofile = "demo-exchange"\ncalendar = "weekdays"\n'
    )
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", migrated_postgres)
    monkeypatch.setenv("TRADEWIND_CONFIG", str(tmp_path / "tradewind.toml"))
    made = acceptance.Desk(tmp_path / "in", tmp_path / "state", migrated_postgres, None)
    bad = row(1, at="2026-01-05T12:00:00Z", price="n/a")
    made.drop("2026-01-05.csv", table(bad, *(row(n, at="2026-01-05T12:00:00Z") for n in range(2, 200))))
    made.drop("2026-01-07.csv", table(row(300, at="2026-01-07T12:00:00Z")))
    made.take(made.sightings())
    return made


def test_the_command_tells_what_it_counted_and_ends_with_1_over_a_broken_book(
    landed: acceptance.Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    code, (told,) = _lines(capsys, "audit", "x")
    expected = {"feed": "x", "files": 2, "records": 200, "trades": 199, "rejects": 1, "unbalanced": 0, "faults": []}
    assert (code, told) == (outcome.DONE, expected)
    database.execute_alone(landed.dsn, "DELETE FROM tradewind.rejects")
    code, (told,) = _lines(capsys, "audit")
    (fault,) = told["faults"]
    assert code == outcome.FAILED
    assert fault["uri"].endswith("/2026-01-05.csv")
    assert (fault["what"], fault["booked"], fault["counted"]) == ("rejected", 1, 0)
    assert run.main(["audit"]) == outcome.FAILED
    assert "rejected" in capsys.readouterr().out


def test_trades_of_an_unknown_file_are_told_with_its_number_and_of_their_own_dataset_alone(
    landed: acceptance.Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    with (landed.state.parent / "tradewind.toml").open("a") as config:
        config.write('[feeds.new]\nsource = "state"\nprofile = "demo-exchange"\n')
    assert run.main(["sweep", "new"]) == outcome.DONE
    database.execute_alone(landed.dsn, "UPDATE tradewind.trades SET file_id = 99 WHERE trade_id IN ('2', '300')")
    code, (new, x) = _lines(capsys, "audit")
    assert (code, new["faults"]) == (outcome.FAILED, [])
    assert [fault["file_id"] for fault in x["faults"]] == [1, 2, 99]
    assert run.main(["audit"]) == outcome.FAILED
    assert "file 99, unknown to the ledger" in capsys.readouterr().out


def test_sound_books_are_said_to_balance(landed: acceptance.Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["audit", "x"]) == outcome.DONE
    assert "All books balance." in capsys.readouterr().out


def test_days_without_files_are_told_by_the_feeds_calendar(
    landed: acceptance.Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    week = ("completeness", "x", "--from", "2026-01-05", "--to", "2026-01-11")
    code, days = _lines(capsys, *week)
    assert code == outcome.DONE
    assert [day["files"] for day in days] == [1, 0, 1, 0, 0, 0, 0]
    assert [day["day"] for day in days if day["missing"]] == ["2026-01-06", "2026-01-08", "2026-01-09"]
    assert (days[0]["records"], days[0]["inserted"], days[0]["rejected"]) == (199, 198, 1)
    assert len(_lines(capsys, *week, "--missing")[1]) == 3
    _, days = _lines(capsys, "completeness", "x")
    assert (days[0]["day"], days[-1]["day"], len(days)) == ("2025-12-09", "2026-01-07", 30)


def test_a_feed_that_never_ran_is_told_with_noughts(
    landed: acceptance.Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    with (landed.state.parent / "tradewind.toml").open("a") as config:
        config.write(f'[feeds.new]\nsource = "{landed.folder}"\nprofile = "demo-exchange"\n')
    code, told = _lines(capsys, "audit")
    assert (code, [(one["feed"], one["files"]) for one in told]) == (outcome.DONE, [("new", 0), ("x", 2)])
    code, told = _lines(capsys, "audit", "new")
    assert (code, [(one["feed"], one["unbalanced"]) for one in told]) == (outcome.DONE, [("new", 0)])


@pytest.mark.parametrize(
    "span",
    [("--to", "0001-01-03"), ("--from", "9999-12-29", "--to", "9999-12-31")],
    ids=["the first days there are", "the last days there are"],
)
def test_the_calendars_ends_are_days_as_any(
    landed: acceptance.Desk, capsys: pytest.CaptureFixture[str], span: tuple[str, ...]
) -> None:
    code, days = _lines(capsys, "completeness", "x", *span)
    assert (code, len(days)) == (outcome.DONE, 3)


def test_days_after_the_newest_file_are_not_said_to_have_files(
    landed: acceptance.Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main(["completeness", "x", "--from", "2026-01-08", "--missing"]) == outcome.USAGE
    assert "--to tells up to which day to look" in capsys.readouterr().err


def test_days_that_cannot_be_are_refused(landed: acceptance.Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["completeness", "x", "--from", "2026-01-02", "--to", "2026-01-01"]) == outcome.USAGE
    assert "no day lies between them" in capsys.readouterr().err


def _lines(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict[str, Any]]]:
    capsys.readouterr()
    code = run.main([*words, "--json"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]
