"""The DAGs in a real Airflow, which has an environment of its own: make setup-airflow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.airflow_watch import AirflowWatch
from api.app import create_app
from api.shared import Shared
from streaming.settings import load
from tests.acceptance.airflow_home import AirflowHome, current, metadata, tradewind, wait_for
from tests.acceptance.desk import Desk, row, table
from tests.api.conftest import new_token
from tests.clouds.moto_server import MotoServer

pytestmark = pytest.mark.together

DAGS = {"trade_ingest", "trade_reconcile", "tradewind_command", "example_on_trades", "example_on_message"}
DAYS = ("2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08")


@pytest.fixture(scope="module")
def moto_queue(moto: MotoServer) -> str:
    return str(moto.client("sqs").create_queue(QueueName="trade-files")["QueueUrl"])


@pytest.fixture(scope="module")
def home(
    tmp_path_factory: pytest.TempPathFactory, server: Callable[[int], str], moto: MotoServer, moto_queue: str
) -> Iterator[AirflowHome]:
    """One Airflow at work for all tests of this file; of its DAGs only the one works that waits for a message."""
    folder = tmp_path_factory.mktemp("airflow")
    environ = {"TRADEWIND_FEEDS": "spot", "TRADEWIND_COMMAND": str(tradewind(folder))} | _aws(moto, moto_queue)
    with metadata(server(18)) as dsn:
        home = AirflowHome(folder, dsn, environ)
        home.run("db", "migrate")
        home.run("dags", "reserialize")
        home.rows("UPDATE dag SET is_paused = dag_id <> 'example_on_message', next_dagrun_create_after = NULL")
        with home.working("scheduler", "triggerer"):
            yield home


@pytest.fixture
def desk(tmp_path: Path, migrated_postgres: str, home: AirflowHome) -> Desk:
    """A feed `spot` with a file for each of four days, each of two trades, which Airflow's tasks work on."""
    (tmp_path / "in").mkdir()
    desk = Desk(tmp_path / "in", tmp_path, migrated_postgres, None, name="spot")
    for number, day in enumerate(DAYS):
        desk.drop(f"{day}.csv", table(*(row(2 * number + n, at=f"{day}T12:00:00Z") for n in range(2))))
    (tmp_path / "token").write_text(home.token())
    (tmp_path / "tradewind.toml").write_text(
        '[feeds.spot]\nsource = "in"\nprofile = "demo-exchange"\ndiscovery = "sweep"\n\n[spark]\nmaster = "local[1]"\n'
        f'\n[api.airflow]\nurl = "{home.address}"\ntoken_file = "token"\n'
    )
    current(home.folder, TRADEWIND_CONFIG=str(tmp_path / "tradewind.toml"), TRADEWIND_DATABASE_URL=desk.dsn)
    return desk


@pytest.fixture
def api(desk: Desk) -> Iterator[FlaskClient]:
    """Tradewind's API, which hands what an operator asks for to Airflow."""
    app = create_app(load(desk.state / "tradewind.toml", environ={"TRADEWIND_DATABASE_URL": desk.dsn}), desk.dsn)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {new_token(desk.dsn, 'airflow', 'operator')}"
    yield client
    app.extensions["tradewind"].pool.close()


@pytest.mark.slow(30)
def test_all_dags_are_read_without_a_fault(home: AirflowHome) -> None:
    assert home.rows("SELECT filename, stacktrace FROM import_error") == []
    assert {name for (name,) in home.rows("SELECT dag_id FROM dag")} == DAGS


@pytest.mark.slow(40)
@pytest.mark.timeout(600)
def test_a_quarantined_file_fails_the_run_with_its_reason(desk: Desk, home: AirflowHome) -> None:
    desk.drop("2026-01-05-002.csv", b"id,ticker,when\n1,AAPL,now\n")
    asked = json.dumps({"from": DAYS[0], "to": DAYS[0]})
    said = home.run("dags", "test", "trade_ingest", DAYS[3], "-c", asked, code=1)
    assert "quarantined: " in said
    assert "2026-01-05-002.csv: " in said
    assert _loaded(desk) == {DAYS[0]: 2}, "the days of the form, and not those of the run"


@pytest.mark.slow(30)
@pytest.mark.timeout(600)
def test_the_nightly_report_is_a_result_and_an_event_and_broken_books_fail_the_run_after_it(
    desk: Desk, home: AirflowHome
) -> None:
    desk.take(desk.sightings()[:3])
    desk.run("DELETE FROM tradewind.trades WHERE trade_id = '1'")
    with home.unpaused("trade_reconcile"):
        assert home.triggered("trade_reconcile", {}) == "failed"
    tasks = home.rows("SELECT DISTINCT task_id, state FROM task_instance WHERE dag_id = 'trade_reconcile'")
    others = ("sweep", "audit", "completeness", "quarantined", "report")
    assert dict(tasks) == {"balance": "failed", **dict.fromkeys(others, "success")}
    (event,) = home.rows(
        "SELECT e.extra FROM asset_event e JOIN asset a ON a.id = e.asset_id WHERE a.name LIKE '%report_spot'"
    )
    told = _parsed(event[0])
    assert (told["feed"], told["sweep"]["missed"], told["quarantined"]) == ("spot", 1, [])
    assert (told["books"]["files"], told["books"]["trades"]) == (3, 5)
    assert {fault["what"] for fault in told["books"]["faults"]} == {"trades", "inserted"}
    assert len(told["days_without_files"]) == 30, "there is none of the last month"
    (value,) = home.rows("SELECT value FROM xcom WHERE dag_id = 'trade_reconcile' AND task_id = 'report'")
    assert _parsed(value[0]) == [told]


@pytest.mark.slow(60)
@pytest.mark.timeout(600)
def test_what_the_api_hands_over_is_run_to_its_end_cancelled_and_told_when_nobody_will_begin_it(
    desk: Desk, home: AirflowHome, api: FlaskClient
) -> None:
    lost, cancelled = _asked(api, "sweep"), _asked(api, "sweep")  # the DAG is paused: they wait in Airflow
    assert api.post(f"/api/v1/runs/{cancelled}/cancel", json={}).get_json()["state"] == "stopped"
    desk.run("UPDATE tradewind.runs SET started_at = now() - interval '1 minute'")
    _watch(api).look()
    assert _state(api, lost) == "queued"
    home.ask("PATCH", f"tradewind_command/dagRuns/tradewind-{lost}", {"state": "failed"})
    _watch(api).look()
    assert _state(api, lost) == "failed"
    with home.unpaused("tradewind_command"):
        done = _asked(api, "sweep")
        wait_for(lambda: _state(api, done) == "done")
        loading = _asked(api, "backfill")
        wait_for(lambda: _state(api, loading) == "running")
        api.post(f"/api/v1/runs/{loading}/cancel", json={})
        wait_for(lambda: _state(api, loading) == "stopped")
    assert desk.ask("SELECT missed FROM tradewind.reconciliations WHERE run_id = %(run)s", run=done) == [(4,)]
    assert home.state("tradewind_command", f"tradewind-{done}") == "success"
    assert home.state("tradewind_command", f"tradewind-{cancelled}") == "failed", "it was not to begin"
    assert _state(api, cancelled) == "stopped"
    assert _loaded(desk) == {}


@pytest.mark.slow(90)
@pytest.mark.timeout(900)
def test_airflows_own_backfill_loads_the_days_of_its_range_and_twice_changes_nothing(
    desk: Desk, home: AirflowHome
) -> None:
    with home.unpaused("trade_ingest"):
        _backfill(home)
        assert _loaded(desk) == dict.fromkeys(DAYS[:3], 2)
        before = _rows(desk)
        _backfill(home, "--reprocess-behavior", "completed")
        assert _rows(desk) == before
    events = [
        _parsed(extra) for (extra,) in home.rows("SELECT extra FROM asset_event WHERE source_run_id LIKE 'backfill%'")
    ]
    assert len(events) == 6
    assert home.states("trade_ingest", "scheduled") == []
    # Which of two runs at a time loads a file that both see owed, is chance.
    assert [sum(event[name] for event in events) for name in ("files", "rows", "rejects")] == [3, 6, 0]


@pytest.mark.slow(40)
@pytest.mark.timeout(600)
def test_a_message_starts_a_backfill_and_its_trades_start_a_dag_of_a_users(
    desk: Desk, home: AirflowHome, moto: MotoServer, moto_queue: str
) -> None:
    sqs = moto.client("sqs")
    with home.unpaused("example_on_trades"):
        sqs.send_message(QueueUrl=moto_queue, MessageBody='{"Records": []}')
        wait_for(lambda: "success" in home.states("example_on_message", "asset_triggered"))
        wait_for(lambda: "success" in home.states("example_on_trades", "asset_triggered"))
    assert _loaded(desk) == dict.fromkeys(DAYS, 2)
    assert "Messages" not in sqs.receive_message(QueueUrl=moto_queue), "it has been taken"
    (told,) = home.rows("SELECT value FROM xcom WHERE dag_id = 'example_on_trades'")
    # Among those of other tests, which it had not seen either.
    assert (4, 8) in [(event["files"], event["rows"]) for event in _parsed(told[0])]


def _parsed(value: Any) -> Any:
    """Some of Airflow's JSON is a text within JSON."""
    return json.loads(value) if isinstance(value, str) else value


def _asked(api: FlaskClient, action: str) -> int:
    answer = api.post(f"/api/v1/feeds/spot/{action}", json={})
    assert answer.status_code == 202, answer.text
    return int(answer.get_json()["run_id"])


def _state(api: FlaskClient, run_id: int) -> str:
    return str(api.get(f"/api/v1/runs/{run_id}").get_json()["state"])


def _watch(api: FlaskClient) -> AirflowWatch:
    shared: Shared = api.application.extensions["tradewind"]
    return AirflowWatch(shared.starter)  # type: ignore[arg-type]


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
    return dict(desk.ask("SELECT trade_date::text, count(*) FROM tradewind.trades GROUP BY 1 ORDER BY 1"))


def _rows(desk: Desk) -> list[Any]:
    """Each row with the transaction that wrote it."""
    return desk.ask("SELECT xmin::text, ctid::text, t::text FROM tradewind.trades t ORDER BY 3")
