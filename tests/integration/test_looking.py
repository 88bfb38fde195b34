"""Commands that look: `explain` by any name of a file, `check` under the tables' names."""

import json
from pathlib import Path

import pytest

from cli_tool import outcome, run
from streaming.settings import load
from tests.acceptance.desk import Desk, row, table

CONFIGURATION = """
[feeds.x]
source = "{source}"
profile = "demo-exchange"
"""


@pytest.fixture
def desk(tmp_path: Path, migrated_postgres: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    for name in ("in", "state", "elsewhere"):
        (tmp_path / name).mkdir()
    (tmp_path / "tradewind.toml").write_text(CONFIGURATION.format(source=tmp_path / "in"))
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", migrated_postgres)
    monkeypatch.setenv("TRADEWIND_CONFIG", str(tmp_path / "tradewind.toml"))
    monkeypatch.chdir(tmp_path / "elsewhere")
    return Desk(tmp_path / "in", tmp_path / "state", migrated_postgres, None, {"complete": "rename"})


def explained(capsys: pytest.CaptureFixture[str], place: str) -> dict[str, object]:
    assert run.main(["explain", place, "--json"]) == outcome.DONE
    told: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])["trade"]
    return told


def refused(capsys: pytest.CaptureFixture[str], place: str) -> str:
    assert run.main(["explain", place]) == outcome.USAGE
    return capsys.readouterr().err.splitlines()[-1]  # before it, the log of what the test loaded


def test_explain_takes_the_end_of_a_uri_that_the_ledger_knows(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.drop("day/a.csv", table(row(7)))
    desk.take(desk.sightings())
    assert explained(capsys, "a.csv:2")["trade_id"] == "7"
    assert explained(capsys, "day/a.csv:2")["event_time"] == "2026-01-05T12:00:00.000000000Z"


def test_explain_takes_the_end_of_a_uri_that_only_the_source_shows(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.drop("day/a.csv", table(row(7)))
    assert explained(capsys, "day/a.csv:2")["trade_id"] == "7"
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert explained(capsys, "a.csv:2")["trade_id"] == "7"


def test_explain_of_a_name_that_several_files_have_names_them(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = desk.drop("1/a.csv", table(row(1))), desk.drop("2/a.csv", table(row(2)))
    seen = refused(capsys, "a.csv:2")
    assert str(one) in seen
    assert str(other) in seen
    assert "write more of the one that is meant" in seen
    desk.take(desk.sightings())
    assert refused(capsys, "a.csv:2") == seen


def test_explain_of_a_name_that_no_file_has_says_where_it_looked(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk.drop("a.csv", table(row(1)))
    said = refused(capsys, "b.csv:2")
    assert "there is no file b.csv" in said
    assert "neither in the ledger nor under the source of x" in said
    desk.take(desk.sightings())
    path.unlink()
    assert "is known to the ledger, but is not there any more" in refused(capsys, "a.csv:2")
    assert "there is no file _.csv" in refused(capsys, "_.csv:2")  # no sign of a name stands for others


def test_check_shows_the_fields_of_the_tables(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.drop("a.csv", table(*(row(n, at="2026-01-05T12:00:00.123456789Z") for n in range(200)), row(9, price="x")))
    assert load(None).feeds.keys() == {"x"}
    assert run.main(["check", "--json"]) == outcome.DONE
    told = json.loads(capsys.readouterr().out)
    assert told["trades"][0]["event_time"] == "2026-01-05T12:00:00.123456789Z"
    assert told["rejects"][0]["column_name"] == "price"
    columns = {name for (name,) in desk.ask("SELECT column_name FROM information_schema.columns")}
    assert set(told["trades"][0]) - {"action"} <= columns
    assert set(told["rejects"][0]) <= columns


def test_a_listing_that_is_cut_says_so(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.csv", "b.csv"):
        desk.drop(name, table(row(name)))
    desk.take(desk.sightings())
    capsys.readouterr()
    assert run.main(["files", "list", "--limit", "1", "--json"]) == outcome.DONE
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 1
    assert said.err == "These are the first 1, and there are more: --limit, --feed and --state choose.\n"
    assert run.main(["files", "list", "--limit", "2", "--json"]) == outcome.DONE
    said = capsys.readouterr()
    assert (len(said.out.splitlines()), said.err) == (2, "")
