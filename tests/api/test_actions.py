"""Actions: each is a process of the command line, and its run tells how it went."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from api.app import create_app
from cli_tool import run
from sinks import asked_runs, database, ledger, runs
from sinks.errors import RunWithdrawn
from sinks.runs import RunId
from streaming.settings import Settings, load
from tests.api.conftest import new_token

HEADER = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
ENDED = ("done", "failed", "stopped", "lost")


@pytest.fixture(scope="module")
def config(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("actions")
    (folder / "in").mkdir()
    (folder / "in" / "a.csv").write_text(HEADER + "V,X,1735776000000000,1735776000000000,1,buy,1,1\n")
    file = folder / "tradewind.toml"
    file.write_text(
        f'[database]\nurl = "{dsn}"\n[state]\ndir = "state"\n[feeds.spot]\nsource = "in/"\n'
        'profile = "tardis-trades"\n[feeds.other]\nsource = "in/"\nprofile = "tardis-trades"\n'
    )
    return file


@pytest.fixture(scope="module")
def settings(config: Path) -> Settings:
    return load(config)


@pytest.fixture(scope="module")
def app(settings: Settings, dsn: str, config: Path) -> Iterator[APIFlask]:
    named = ["--config", str(config)]
    made = create_app(settings, dsn, [sys.executable, run.__file__, *named], named)
    yield made
    made.extensions["tradewind"].pool.close()


@pytest.fixture
def spot(dsn: str) -> Iterator[str]:
    """The feed, as the ledger knows it once a stream has run; it owes nothing."""
    connection = database.connect(dsn)
    with database.transaction(connection) as cursor:
        cursor.execute("TRUNCATE tradewind.files, tradewind.tallies CASCADE")
        ledger.ensure_feed(
            cursor, feed="spot", dataset="spot", source="in/", profile="p", profile_version="1", partition="month"
        )
        ledger.pause(cursor, "spot", paused=False)
    yield "spot"
    connection.close()


def ask(dsn: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
    connection = database.connect(dsn)
    try:
        with database.transaction(connection) as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())
    finally:
        connection.close()


def file_in(dsn: str, state: str, uri: str = "file:///in/a.csv", version: str = "v") -> int:
    """A file of the feed in a state."""
    return int(
        ask(
            dsn,
            "INSERT INTO tradewind.files (feed, dataset_id, uri, version, size, modified_at, effective_at, order_key, "
            "seen_by, state, reason) SELECT feed, dataset_id, %s, %s, 1, now(), now(), 'k', 'sweep', %s, 'why' "
            "FROM tradewind.feeds WHERE feed = 'spot' RETURNING file_id",
            uri,
            version,
            state,
        )[0][0]
    )


def ended(dsn: str, answer: Any, within: float = 60) -> dict[str, Any]:
    """The run of an action, once it has ended and its answer is kept."""
    assert answer.status_code == 202, answer.get_data(as_text=True)
    run_id, deadline = answer.get_json()["run_id"], time.monotonic() + within
    columns = "state, reason, last_lines, answer, asked_by, total_files"
    while time.monotonic() < deadline:
        (row,) = ask(dsn, f"SELECT {columns} FROM tradewind.runs WHERE run_id = %s", run_id)
        if row[0] in ENDED and row[3] is not None:
            return dict(zip(columns.split(", "), row, strict=True))
        time.sleep(0.05)
    raise AssertionError(f"run {run_id} did not end: {row}")


def test_a_feed_is_paused_and_resumed_and_the_audit_tells_who_did_it(
    operator: FlaskClient, dsn: str, spot: str
) -> None:
    told = ended(dsn, operator.post("/api/v1/feeds/spot/pause", json={}))
    assert (told["state"], told["answer"], told["asked_by"]) == (
        "done",
        [{"feed": "spot", "paused": True}],
        "the operator",
    )
    assert ask(dsn, "SELECT paused FROM tradewind.feeds WHERE feed = 'spot'") == [(True,)]
    ended(dsn, operator.post("/api/v1/feeds/spot/resume", json={}))
    assert ask(dsn, "SELECT paused FROM tradewind.feeds WHERE feed = 'spot'") == [(False,)]
    assert ask(dsn, "SELECT who, action, target FROM tradewind.audit ORDER BY audit_id DESC LIMIT 2") == [
        ("the operator", "resume", {"feed": "spot"}),
        ("the operator", "pause", {"feed": "spot"}),
    ]


def test_one_file_is_retried_and_no_other(operator: FlaskClient, dsn: str, spot: str) -> None:
    one, other = file_in(dsn, "quarantined"), file_in(dsn, "quarantined", "file:///in/b.csv")
    assert ended(dsn, operator.post(f"/api/v1/files/{one}/retry", json={}))["state"] == "done"
    assert ask(dsn, "SELECT file_id, state FROM tradewind.files ORDER BY 1") == [
        (one, "discovered"),
        (other, "quarantined"),
    ]


def test_all_quarantined_files_of_a_feed_are_retried(operator: FlaskClient, dsn: str, spot: str) -> None:
    file_in(dsn, "quarantined"), file_in(dsn, "quarantined", "file:///in/b.csv")
    ended(dsn, operator.post("/api/v1/feeds/spot/retry", json={"state": "quarantined"}))
    assert ask(dsn, "SELECT DISTINCT state FROM tradewind.files") == [("discovered",)]


def test_an_ignored_file_keeps_the_reason_even_one_that_looks_like_an_option(
    operator: FlaskClient, dsn: str, spot: str
) -> None:
    file_id = file_in(dsn, "quarantined")
    ended(dsn, operator.post(f"/api/v1/files/{file_id}/ignore", json={"reason": "--help; a test file"}))
    assert ask(dsn, "SELECT state, reason FROM tradewind.files") == [("ignored", "--help; a test file")]


def test_of_two_versions_of_a_file_only_the_one_that_was_meant_is_ignored(
    operator: FlaskClient, dsn: str, spot: str
) -> None:
    first, second = file_in(dsn, "quarantined"), file_in(dsn, "quarantined", version="w")
    assert ended(dsn, operator.post(f"/api/v1/files/{first}/ignore", json={"reason": "x"}))["state"] == "done"
    assert dict(ask(dsn, "SELECT file_id, state FROM tradewind.files")) == {first: "ignored", second: "quarantined"}


def test_of_two_versions_of_a_file_only_the_one_that_was_meant_is_retried(
    operator: FlaskClient, dsn: str, spot: str
) -> None:
    first, second = file_in(dsn, "quarantined"), file_in(dsn, "quarantined", version="w")
    assert ended(dsn, operator.post(f"/api/v1/files/{second}/retry", json={}))["state"] == "done"
    assert dict(ask(dsn, "SELECT file_id, state FROM tradewind.files")) == {first: "quarantined", second: "discovered"}


def test_a_loaded_file_cannot_be_ignored(operator: FlaskClient, dsn: str, spot: str) -> None:
    answer = operator.post(f"/api/v1/files/{file_in(dsn, 'unloaded')}/ignore", json={"reason": "x"})
    assert answer.status_code == 409
    assert "unloaded" in answer.get_json()["detail"]


def test_a_sweep_is_asked_for_and_its_counts_are_the_answer(operator: FlaskClient, dsn: str, spot: str) -> None:
    told = ended(dsn, operator.post("/api/v1/feeds/spot/sweep", json={}))
    assert told["state"] == "done", told
    assert (told["answer"][0]["feed"], told["answer"][0]["missed"]) == ("spot", 1)


def test_what_the_ledger_does_not_know_fails_with_its_last_lines(operator: FlaskClient, dsn: str, spot: str) -> None:
    told = ended(dsn, operator.post("/api/v1/feeds/other/pause", json={}))
    assert told["state"] == "failed"
    assert "the ledger does not know it yet" in told["last_lines"]


def test_a_process_that_dies_leaves_a_failed_run(settings: Settings, dsn: str, spot: str) -> None:
    code = "import os, sys; print('at work', file=sys.stderr); os.kill(os.getpid(), 9)"
    dying = create_app(settings, dsn, [sys.executable, "-c", code])
    client = dying.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {new_token(dsn, 'dying', 'operator')}"
    told = ended(dsn, client.post("/api/v1/feeds/spot/pause", json={}))
    assert (told["state"], told["reason"], told["last_lines"]) == ("failed", "killed by signal 9", "at work")


def test_a_process_that_cannot_start_leaves_a_failed_run(settings: Settings, dsn: str, spot: str) -> None:
    missing = create_app(settings, dsn, ["/no/such/program"])
    client = missing.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {new_token(dsn, 'missing', 'operator')}"
    told = ended(dsn, client.post("/api/v1/feeds/spot/pause", json={}))
    assert told["state"] == "failed"
    assert "could not be started" in told["reason"]


def test_a_viewer_cannot_act(viewer: FlaskClient, dsn: str, spot: str) -> None:
    before = ask(dsn, "SELECT count(*) FROM tradewind.runs")
    assert viewer.post("/api/v1/feeds/spot/pause", json={}).status_code == 403
    assert ask(dsn, "SELECT count(*) FROM tradewind.runs") == before


@pytest.mark.parametrize(
    ("path", "body", "status", "word"),
    [
        ("/api/v1/feeds/none/sweep", {}, 404, "none"),
        ("/api/v1/files/999999999/retry", {}, 404, "999999999"),
        ("/api/v1/feeds/spot/backfill", {"from": "2025-01-02", "to": "2025-01-01"}, 409, "before"),
        ("/api/v1/feeds/spot/backfill", {"from": "yesterday"}, 422, "date"),
        ("/api/v1/feeds/spot/backfill", {"since": "2025-01-01"}, 422, "Unknown field"),
        ("/api/v1/feeds/spot/retry", {"state": "loaded"}, 422, "Must be one of"),
        ("/api/v1/runs/999999999/cancel", {}, 404, "999999999"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    operator: FlaskClient, spot: str, path: str, body: dict[str, str], status: int, word: str
) -> None:
    answer = operator.post(path, json=body)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert word in answer.get_data(as_text=True)


def test_a_paused_feed_is_not_backfilled(operator: FlaskClient, dsn: str, spot: str) -> None:
    ask(dsn, "UPDATE tradewind.feeds SET paused = true WHERE feed = 'spot' RETURNING 1")
    assert operator.post("/api/v1/feeds/spot/backfill", json={}).status_code == 409


def test_a_queued_run_that_is_cancelled_never_begins(operator: FlaskClient, dsn: str) -> None:
    connection = database.connect(dsn)
    with database.transaction(connection) as cursor:
        run_id = asked_runs.queue(cursor, "backfill", ["spot"], ["backfill", "spot"], "somebody")
    connection.close()
    assert operator.post(f"/api/v1/runs/{run_id}/cancel", json={}).get_json()["state"] == "stopped"
    with pytest.raises(RunWithdrawn), runs.run(dsn, "backfill", ["spot"], RunId(run_id)):
        pass


def test_a_running_one_is_cancelled_and_a_stream_is_not(operator: FlaskClient, dsn: str) -> None:
    with runs.run(dsn, "backfill", ["spot"]) as backfill, runs.run(dsn, "stream", ["spot"]) as stream:
        assert operator.post(f"/api/v1/runs/{backfill.run_id}/cancel", json={}).get_json()["state"] == "running"
        assert backfill.cancelled()
        assert operator.post(f"/api/v1/runs/{stream.run_id}/cancel", json={}).status_code == 404
        assert not stream.cancelled()


def test_past_eight_at_once_a_run_is_refused(operator: FlaskClient, dsn: str, spot: str) -> None:
    connection = database.connect(dsn)
    with database.transaction(connection) as cursor:
        queued = [asked_runs.queue(cursor, "sweep", ["spot"], ["sweep"], "somebody") for _ in range(8)]
    answer = operator.post("/api/v1/feeds/spot/sweep", json={})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "10")
    with database.transaction(connection) as cursor:
        for run_id in queued:
            asked_runs.cancel(cursor, run_id, "somebody")
    connection.close()


@pytest.mark.slow
def test_a_backfill_is_started_and_its_progress_and_end_are_in_its_run(
    operator: FlaskClient, dsn: str, spot: str
) -> None:
    told = ended(dsn, operator.post("/api/v1/feeds/spot/backfill", json={"from": "2020-01-01"}), within=120)
    assert (told["state"], told["total_files"]) == ("done", 1), told
    assert told["answer"][0]["files"] == 1


@pytest.mark.slow
def test_a_backfill_that_is_cancelled_stops(operator: FlaskClient, dsn: str, spot: str, config: Path) -> None:
    for number in range(400):
        (config.parent / "in" / f"n{number}.csv").write_text(
            f"{HEADER}V,X,1735776000000000,1735776000000000,n{number},buy,1,1\n"
        )
    answer = operator.post("/api/v1/feeds/spot/backfill", json={})
    run_id, deadline = answer.get_json()["run_id"], time.monotonic() + 60
    while ask(dsn, "SELECT state FROM tradewind.runs WHERE run_id = %s", run_id) != [("running",)]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert operator.post(f"/api/v1/runs/{run_id}/cancel", json={}).status_code == 200
    assert ended(dsn, answer)["state"] == "stopped"
    assert ask(dsn, "SELECT count(*)::int FROM tradewind.files WHERE state = 'loading'") == [(0,)]
