"""What is kept for looking back goes when it is old; the ledger, the trades and open questions stay."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from cli_tool import outcome, run
from sinks import database, ledger, retention, runs
from tests.integration.loading import Desk, Row, file

AGE = timedelta(days=90)


def prune(desk: Desk) -> dict[str, int]:
    return {row["table"]: row["removed"] for row in retention.prune(desk.connection, AGE, AGE, AGE, AGE)}


def reject(desk: Desk, uri: str, days: int) -> None:
    desk.ask(
        "INSERT INTO tradewind.rejects (file_id, line, reason, raw, raw_escaped, rejected_at) SELECT file_id, 1, "
        "'bad', 'x', false, now() - %s * interval '1 day' FROM tradewind.files WHERE feed = %s AND uri = %s",
        (days, desk.name, uri),
    )


def rejects(desk: Desk) -> list[str]:
    found = desk.ask(
        "SELECT uri FROM tradewind.rejects JOIN tradewind.files USING (file_id) WHERE feed = %s ORDER BY 1",
        (desk.name,),
    )
    return [uri for (uri,) in found]


def test_old_rejects_go_and_young_ones_stay(desk: Desk) -> None:
    desk.load(file("old", 1), file("young", 1))
    reject(desk, "old", 91)
    reject(desk, "young", 89)
    assert prune(desk)["rejects"] == 1
    assert rejects(desk) == ["young"]


def test_rejects_of_a_quarantined_file_stay_until_it_is_settled(desk: Desk) -> None:
    desk.register(file("broken", 1))
    [claim] = desk.claim()
    with database.transaction(desk.connection) as cursor:
        ledger.set_state(cursor, desk.run_id, claim, "quarantined", "broken", None, "1")
    reject(desk, "broken", 1000)
    assert prune(desk)["rejects"] == 0
    assert rejects(desk) == ["broken"]


def test_old_batches_and_runs_go_and_the_trades_and_their_files_stay(desk: Desk) -> None:
    prune(desk)
    with runs.run(desk.dsn, "command", [desk.name]) as old:
        pass
    desk.load(file("a", 1, Row("x", "1")))
    desk.ask("UPDATE tradewind.runs SET ended_at = now() - interval '91 days' WHERE run_id = %s", (old.run_id,))
    desk.ask("UPDATE tradewind.batches SET started_at = now() - interval '91 days' WHERE feed = %s", (desk.name,))
    assert prune(desk) == {"rejects": 0, "batches": 1, "reconciliations": 0, "runs": 1, "letters": 0}
    assert (desk.prices(), desk.states()) == ({"x": "1"}, {"a@1": "loaded"})


def test_a_run_that_goes_on_is_kept_however_old(desk: Desk) -> None:
    desk.ask("UPDATE tradewind.runs SET started_at = now() - interval '999 days' WHERE run_id = %s", (desk.run_id,))
    assert prune(desk)["runs"] == 0


def test_the_command_removes_old_journal_files_too(
    tmp_path: Path, migrated_postgres: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tradewind.toml").write_text('[feeds.x]\nsource = "in"\nprofile = "demo-exchange"\n')
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", migrated_postgres)
    monkeypatch.chdir(tmp_path)
    journal = tmp_path / "state" / "journal" / "x" / "live"
    journal.mkdir(parents=True)
    for name in ("old.json", "young.json"):
        (journal / name).write_text("{}\n")
    os.utime(journal / "old.json", (0, 0))
    assert run.main(["db", "prune", "--json"]) == outcome.DONE
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"table": "journal", "removed": 1}
    assert [path.name for path in journal.iterdir()] == ["young.json"]
