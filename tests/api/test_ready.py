"""Whether the API is ready: the schema is this program's, and asking costs no connection of its own."""

from __future__ import annotations

from flask.testing import FlaskClient

from sinks import database, migrate


def test_with_another_schema_it_is_not_ready_and_names_the_cure(anonymous: FlaskClient, dsn: str) -> None:
    database.execute_alone(dsn, "UPDATE tradewind_schema_version SET version_num = '0001'")
    answer = anonymous.get("/readyz")
    database.execute_alone(dsn, f"UPDATE tradewind_schema_version SET version_num = '{migrate.head()}'")
    assert (answer.status_code, answer.get_json()["cure"]) == (503, "Run `tradewind db migrate`.")
    assert anonymous.get("/readyz").status_code == 200


def test_what_the_role_may_not_read_is_told_and_is_no_fault_of_the_program(viewer: FlaskClient, dsn: str) -> None:
    database.execute_alone(dsn, "ALTER TABLE tradewind.datasets RENAME TO away")
    answer = viewer.get("/api/v1/summary")
    database.execute_alone(dsn, "ALTER TABLE tradewind.away RENAME TO datasets")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert answer.get_json()["cure"]
