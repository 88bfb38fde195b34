"""The DAGs in a real Airflow, which has an environment of its own: make setup-airflow."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sinks import database
from tests.acceptance.airflow_home import AirflowHome, answers, tradewind, wait_for
from tests.acceptance.desk import Desk, row, table
from tests.clouds.moto_server import MotoServer

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


@pytest.mark.slow(120)
@pytest.mark.timeout(900)
def test_airflows_own_backfill_loads_the_days_of_its_range_and_twice_changes_nothing(
    desk: Desk, home: AirflowHome
) -> None:
    home.run("dags", "unpause", "trade_ingest", "--yes")
    with home.working("scheduler", AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE="False"):  # no days but those asked for
        _backfill(home)
        assert _loaded(desk) == dict.fromkeys(DAYS[:3], 2)
        before = _rows(desk)
        _backfill(home, "--reprocess-behavior", "completed")
        assert _rows(desk) == before
    home.run("dags", "pause", "trade_ingest", "--yes")
    events = [
        json.loads(extra)
        for (extra,) in home.rows("SELECT extra FROM asset_event WHERE source_run_id LIKE 'backfill%'")
    ]
    assert len(events) == 6
    # Which of two runs at a time loads a file that both see owed, is chance.
    assert [sum(event[name] for event in events) for name in ("files", "rows", "rejects")] == [3, 6, 0]


@pytest.mark.slow(60)
@pytest.mark.timeout(600)
def test_a_message_starts_a_backfill_and_its_trades_start_a_dag_of_a_users(
    desk: Desk, home: AirflowHome, moto: MotoServer
) -> None:
    sqs = moto.client("sqs")
    queue = sqs.create_queue(QueueName="trade-files")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody='{"Records": []}')
    home = replace(home, environ={**home.environ, **_aws(moto, queue)})
    home.run("dags", "unpause", "example_.*", "--treat-dag-id-as-regex", "--yes")
    home.run("dags", "reserialize")  # of a DAG that is paused no queue is watched
    with home.working("scheduler", "triggerer"):
        wait_for(lambda: "success" in home.states("example_on_message", "asset_triggered"))
        wait_for(lambda: "success" in home.states("example_on_trades", "asset_triggered"))
    assert _loaded(desk) == dict.fromkeys(DAYS, 2)
    assert "Messages" not in sqs.receive_message(QueueUrl=queue), "it has been taken"


def _backfill(home: AirflowHome, *more: str) -> None:
    # Airflow takes one for a DAG at a time, and looks twice a minute whether one has ended.
    wait_for(lambda: not home.rows("SELECT id FROM backfill WHERE completed_at IS NULL"))
    home.run("backfill", "create", "--dag-id", "trade_ingest", "--from-date", DAYS[0], "--to-date", DAYS[2], *more)
    wait_for(lambda: _ended(home.states("trade_ingest", "backfill"), 3))


def _ended(states: list[str], runs: int) -> bool:
    assert "failed" not in states
    return states == ["success"] * runs


def _aws(moto: MotoServer, queue: str) -> dict[str, str]:
    names = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests", "AWS_DEFAULT_REGION": "eu-central-1"}
    connection = json.dumps({"conn_type": "aws", "extra": {"endpoint_url": moto.endpoint}})
    return {**names, "TRADEWIND_AIRFLOW_QUEUE": queue, "AIRFLOW_CONN_AWS_DEFAULT": connection}


def _loaded(desk: Desk) -> dict[str, int]:
    with _asking(desk) as cursor:
        cursor.execute("SELECT trade_date::text, count(*) FROM tradewind.trades GROUP BY 1 ORDER BY 1")
        return dict(cursor.fetchall())


def _rows(desk: Desk) -> list[Any]:
    """Each row with the transaction that wrote it."""
    with _asking(desk) as cursor:
        cursor.execute("SELECT xmin::text, ctid::text, t::text FROM tradewind.trades t ORDER BY 3")
        return list(cursor.fetchall())


def _asking(desk: Desk) -> Any:
    return database.transaction(database.connect(desk.dsn, "test"))
