"""Lines that are no trades go into the books by their reason, from the file to the ledger. No Spark is needed."""

from pathlib import Path
from typing import Any

import pytest

from cli_tool import shown
from sinks import database, ledger, runs
from streaming.batch import Batch
from streaming.feeds import plans
from streaming.settings import Settings
from streaming.sightings import Sighting
from triggers.stores import Stores

LAYOUT = """
name = "events"
version = "1"

[columns]
trade_id = "id"
symbol = { const = "S" }
venue = { const = "V" }
event_time = "time"
price = "price"
quantity = "qty"
action = { column = "what", values = { fill = "new", halt = "ignore" }, other = "ignore" }

[[ignore]]
column = "what"
values = ["placed", "pulled"]
reason = "order message"

[identity]
kind = "id"
"""
HEADER = "what,id,time,price,qty\n"
FILL = "fill,{},2025-01-02T03:04:05Z,{},1\n"
Rows = dict[str, dict[str, Any]]


@pytest.fixture
def loaded(tmp_path: Path, migrated_postgres: str) -> Any:
    """Load texts by name, as one batch, and give back what the ledger says by name."""
    (tmp_path / "in").mkdir()
    (tmp_path / "events.toml").write_text(LAYOUT)
    feed = {"source": str(tmp_path / "in"), "profile": str(tmp_path / "events.toml"), "discovery": "sweep"}
    settings = Settings.model_validate({"state": {"dir": str(tmp_path / "state")}, "feeds": {"x": feed}})

    def load(**texts: str) -> Rows:
        for name, text in texts.items():
            (tmp_path / "in" / f"{name}.csv").write_text(text)
        (plan,) = plans(settings)
        connection = database.connect(migrated_postgres)
        with runs.run(migrated_postgres, "command", ["x"]) as run:
            with database.transaction(connection) as cursor:
                dataset_id = ledger.ensure_feed(
                    cursor, feed="x", dataset="x", source=plan.prefix, profile="events", profile_version="1",
                    partition="month",
                )  # fmt: skip
            seen = [Sighting.of(one, plan, "sweep") for one in Stores().of(plan.prefix).list(plan.prefix)]
            Batch(plan, migrated_postgres, run.run_id, dataset_id).take(seen, None)
        rows = ledger.rows(connection, "files", feed="x", state=None, uri=None, limit=100)
        connection.close()
        return {Path(row["uri"]).stem: row for row in rows}

    return load


def test_ignored_lines_are_booked_by_reason_and_shown(loaded: Any) -> None:
    row = loaded(a=HEADER + "placed,,,,\n" + FILL.format(1, 2) + "pulled,,,,\nhalt,,,,\nodd,,,,\n")["a"]
    assert (row["state"], row["records"], row["inserted"], row["ignored"]) == ("loaded", 5, 1, 4)
    assert row["ignored_by"] == {"order message": 2, 'what "halt"': 1, "what is none of fill, halt": 1}
    assert "order message: 2" in shown.text(row["ignored_by"])


def test_files_gathered_in_one_pass_have_each_their_own_reasons(loaded: Any) -> None:
    files = loaded(a=HEADER + FILL.format(1, 2) + "placed,,,,\n", b=HEADER + "halt,,,,\n", c=HEADER + FILL.format(2, 2))
    assert {name: row["ignored_by"] for name, row in files.items()} == {
        "a": {"order message": 1},
        "b": {'what "halt"': 1},
        "c": None,
    }
    assert {row["state"] for row in files.values()} == {"loaded"}


def test_a_key_that_contradicts_itself_sets_its_file_aside_with_the_lines_of_the_file(loaded: Any) -> None:
    twice = HEADER + FILL.format(1, 2) + "placed,,,,\n\n" + FILL.format(1, 3)
    files = loaded(a=twice, b=HEADER + FILL.format(5, 5) + FILL.format(5, 5))
    assert (files["a"]["state"], files["b"]["state"]) == ("quarantined", "loaded")
    assert "1 of S, V, 2025-01-02 in lines 2 and 5 (price 2 and 3)" in files["a"]["reason"]
    assert (files["b"]["inserted"], files["b"]["duplicate"]) == (1, 1)
