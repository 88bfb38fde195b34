"""What a person may ask for by a slip: names of nothing, numbers without end, a checkpoint that is in use."""

from pathlib import Path

import pytest

from checkpoints.fingerprint import Fingerprint, guard
from cli_tool import outcome, run
from sinks import asked_runs, database, runs
from tests.acceptance.desk import Desk, row, table
from triggers.folders import LocalFolder

CONFIGURATION = """
[feeds.x]
source = "in"
profile = "demo-exchange"
"""
HUGE = "99999999999999999999"


@pytest.fixture
def desk(tmp_path: Path, migrated_postgres: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    (tmp_path / "in").mkdir()
    (tmp_path / "state").mkdir()
    (tmp_path / "tradewind.toml").write_text(CONFIGURATION)
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", migrated_postgres)
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path / "in", tmp_path / "state", migrated_postgres, None, {"complete": "rename"})


@pytest.fixture
def checkpoint(desk: Desk) -> Path:
    place = desk.state / "checkpoints" / "x" / "events"
    guard(LocalFolder(place), Fingerprint("x", desk.plan.prefix, "events", "4"))
    return place


@pytest.mark.parametrize(
    "words",
    [
        ["files", "list", "--limit", HUGE],
        ["runs", "list", "--limit", HUGE],
        ["letters", "list", "--limit", HUGE],
        ["letters", "show", HUGE],
        ["letters", "drop", "1", HUGE],
        ["sweep", "--history", "--limit", HUGE],
        ["checkpoints", "prune", "--older-than", HUGE],
    ],
    ids=" ".join,
)
def test_a_number_that_nothing_can_hold_is_wrong_usage(
    desk: Desk, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert run.main(words) == outcome.USAGE
    assert "less than or equal to" in capsys.readouterr().err


def test_the_largest_limit_is_one(desk: Desk) -> None:
    assert run.main(["files", "list", "--limit", str(2**63 - 1)]) == outcome.DONE


@pytest.mark.parametrize("words", [["show", "y"], ["reset", "y", "--yes"]], ids=" ".join)
def test_checkpoints_of_a_feed_that_nobody_configured_are_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert run.main(["checkpoints", *words]) == outcome.USAGE
    assert "no feed is called 'y'; there are x" in capsys.readouterr().err


def test_a_mode_that_does_not_exist_is_refused(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["checkpoints", "reset", "x", "--mode", "event", "--yes"]) == outcome.USAGE
    assert "no mode is called 'event'; there are events, listing, sweep and backfill-N" in capsys.readouterr().err
    assert run.main(["checkpoints", "reset", "x", "--mode", "backfill-7", "--yes"]) == outcome.DONE
    assert "x has no backfill-7 checkpoint" in capsys.readouterr().out


def test_a_checkpoint_that_a_feed_left_behind_can_be_reset(desk: Desk, checkpoint: Path) -> None:
    (desk.state.parent / "tradewind.toml").write_text("")
    assert run.main(["checkpoints", "reset", "x", "--yes"]) == outcome.DONE
    assert not checkpoint.exists()


def test_a_checkpoint_in_use_is_not_reset(desk: Desk, checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stream = database.connect(desk.dsn)
    assert runs.lock_feed(stream, "x")
    assert run.main(["checkpoints", "reset", "x", "--yes"]) == outcome.FAILED
    assert "x: another stream of this feed is running; stop it first" in capsys.readouterr().err
    assert checkpoint.exists()
    stream.close()
    assert run.main(["checkpoints", "reset", "x", "--yes"]) == outcome.DONE
    assert not checkpoint.exists()


def test_behind_a_pooler_streams_are_told_apart_on_the_server_itself(
    desk: Desk, checkpoint: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Advisory locks belong to one database: a lock in another one shows that the direct address is asked.
    (desk.state.parent / "tradewind.toml").write_text(f'[database]\ndirect_url = "{postgres}"\n{CONFIGURATION}')
    stream = database.connect(postgres)
    assert runs.lock_feed(stream, "x")
    assert run.main(["checkpoints", "reset", "x", "--yes"]) == outcome.FAILED
    stream.close()


def test_a_retry_of_a_file_that_nobody_knows_fails_and_of_one_that_is_owed_already_does_not(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.drop("a.csv", table(row(1)))
    desk.take(desk.sightings())
    assert run.main(["files", "retry", "x", "b.csv"]) == outcome.FAILED
    assert "x: the ledger knows no file 'b.csv'" in capsys.readouterr().err
    assert [run.main(["files", "retry", "x", "a.csv"]) for _ in range(2)] == [outcome.DONE] * 2
    assert capsys.readouterr().out.endswith("Nothing to retry.\n")


def test_what_is_typed_is_in_the_audit_with_who_typed_it_and_what_was_asked_elsewhere_is_not_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.drop("a.csv", table(row(1)))
    assert run.main(["sweep", "x"]) == outcome.DONE
    for words in (["pause", "x"], ["resume", "x"], ["files", "retry", "x", "--state", "quarantined"]):
        assert run.main(words) == outcome.DONE
    connection = database.connect(desk.dsn)
    with database.transaction(connection) as cursor:
        queued = asked_runs.queue(cursor, "command", ["x"], ["pause", "x"], "somebody")
    connection.close()
    monkeypatch.setenv("TRADEWIND_RUN_ID", str(queued))
    assert run.main(["pause", "x"]) == outcome.DONE
    assert desk.ask("SELECT action, who LIKE '%%@%%' FROM tradewind.audit ORDER BY audit_id") == [
        ("sweep", True),
        ("pause", True),
        ("resume", True),
        ("retry", True),
    ]
