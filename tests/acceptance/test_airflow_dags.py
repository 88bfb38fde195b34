"""The DAGs in a real Airflow, which has an environment of its own: make setup-airflow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sinks import database
from tests.acceptance.airflow_home import AirflowHome, answers, tradewind
from tests.acceptance.desk import Desk, row, table

DAGS = {"trade_ingest", "trade_reconcile", "tradewind_command", "example_on_trades", "example_on_message"}
DAYS = ("2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08")


@pytest.fixture(scope="module")
def migrated_home(tmp_path_factory: pytest.TempPathFactory) -> AirflowHome:
    """Airflow's tables and our DAGs, once for all tests of this file."""
    home = AirflowHome(tmp_path_factory.mktemp("airflow"), {"TRADEWIND_FEEDS": "spot"})
    home.run("db", "migrate")
    home.run("dags", "reserialize")
    return home


@pytest.fixture
def desk(tmp_path: Path, migrated_postgres: str) -> Desk:
    """A feed `spot` with a file for each of four days, each of two trades."""
    (tmp_path / "in").mkdir()
    desk = Desk(tmp_path / "in", tmp_path, migrated_postgres, None)
    for number, day in enumerate(DAYS):
        desk.drop(f"{day}.csv", table(*(row(2 * number + n, at=f"{day}T12:00:00Z") for n in range(2))))
    (tmp_path / "tradewind.toml").write_text(
        '[feeds.spot]\nsource = "in"\nprofile = "demo-exchange"\ndiscovery = "sweep"\n\n[spark]\nmaster = "local[1]"\n'
    )
    return desk


@pytest.fixture
def home(desk: Desk, migrated_home: AirflowHome) -> AirflowHome:
    """The same Airflow, with the feed of this test."""
    environ = {
        **migrated_home.environ,
        "TRADEWIND_COMMAND": str(tradewind(desk.state)),
        "TRADEWIND_CONFIG": str(desk.state / "tradewind.toml"),
        "TRADEWIND_DATABASE_URL": desk.dsn,
    }
    return AirflowHome(migrated_home.folder, environ)


@pytest.mark.slow(30)
def test_all_dags_are_read_without_a_fault(migrated_home: AirflowHome) -> None:
    assert migrated_home.rows("SELECT filename, stacktrace FROM import_error") == []
    assert {name for (name,) in migrated_home.rows("SELECT dag_id FROM dag")} == DAGS


@pytest.mark.slow(40)
def test_a_quarantined_file_fails_the_run_with_its_reason(desk: Desk, home: AirflowHome) -> None:
    desk.drop("2026-01-05-002.csv", b"id,ticker,when\n1,AAPL,now\n")
    asked = json.dumps({"from": DAYS[0], "to": DAYS[0]})
    said = home.run("dags", "test", "trade_ingest", DAYS[3], "-c", asked, code=1)
    assert "quarantined: " in said
    assert "2026-01-05-002.csv: " in said
    assert _loaded(desk) == {DAYS[0]: 2}, "the days of the form, and not those of the run"


@pytest.mark.slow(40)
def test_what_the_api_hands_over_is_run_as_the_queued_run(desk: Desk, home: AirflowHome) -> None:
    with _asking(desk) as cursor:
        cursor.execute(
            "INSERT INTO tradewind.runs (kind, feeds, host, pid, state)"
            " VALUES ('sweep', '{spot}', 'airflow', 0, 'queued') RETURNING run_id"
        )
        (run_id,) = cursor.fetchone()
    asked = json.dumps({"command": ["sweep", "--", "spot"], "run_id": run_id})
    said = home.run("dags", "test", "tradewind_command", "-c", asked)
    assert [answer["missed"] for answer in answers(said) if "missed" in answer][:1] == [4]
    with _asking(desk) as cursor:
        cursor.execute("SELECT run_id, kind, state FROM tradewind.runs")
        assert cursor.fetchall() == [(run_id, "sweep", "done")]


def _loaded(desk: Desk) -> dict[str, int]:
    with _asking(desk) as cursor:
        cursor.execute("SELECT trade_date::text, count(*) FROM tradewind.trades GROUP BY 1 ORDER BY 1")
        return dict(cursor.fetchall())


def _asking(desk: Desk) -> Any:
    return database.transaction(database.connect(desk.dsn, "test"))
