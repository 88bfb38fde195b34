"""The schema comes up from nothing, twice, and from two programs at once."""

import subprocess
import sys

import pytest
from alembic import command

from sinks import database, ledger, migrate

pytestmark = pytest.mark.parametrize("postgres_version", [16, 18])
PROGRAM = "import sys; from sinks import migrate; sys.stdin.read(); print(migrate.migrate(sys.argv[1]))"


def test_an_empty_database_has_no_version_and_a_migrated_one_has_the_newest(postgres: str) -> None:
    assert migrate.current(postgres) is None
    assert migrate.migrate(postgres) == migrate.head() == migrate.current(postgres)


def test_migrating_twice_changes_nothing(postgres: str) -> None:
    migrate.migrate(postgres)
    before = tables(postgres)
    assert migrate.migrate(postgres) == migrate.head()
    assert tables(postgres) == before


def test_two_programs_that_migrate_at_once_both_succeed(postgres: str) -> None:
    program = [sys.executable, "-c", PROGRAM, postgres]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    both = [subprocess.Popen(program, text=True, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    for one in both:
        one.stdin.close()  # both have started: now both go on
        one.stdin = None
    answers = [one.communicate(timeout=60) for one in both]
    assert [one.returncode for one in both] == [0, 0], answers
    assert {out.strip() for out, _ in answers} == {migrate.head()}


def tables(dsn: str) -> list[tuple[str, int]]:
    connection = database.connect(dsn)
    with database.transaction(connection) as cursor:
        cursor.execute(
            "SELECT relname, oid::int FROM pg_class WHERE relnamespace = 'tradewind'::regnamespace ORDER BY 1"
        )
        found = list(cursor.fetchall())
    connection.close()
    return found


def test_a_database_of_the_first_version_is_brought_up_with_what_is_in_it(postgres: str) -> None:
    command.upgrade(migrate._config(postgres), "0001")
    assert migrate.current(postgres) == "0001"
    connection = database.connect(postgres)
    with database.transaction(connection) as cursor:
        cursor.execute("INSERT INTO tradewind.datasets (name) VALUES ('d')")
        cursor.execute(
            "INSERT INTO tradewind.feeds (feed, dataset_id, source, profile, profile_version) "
            "SELECT 'f', dataset_id, 's', 'p', '1' FROM tradewind.datasets"
        )
        cursor.execute(
            "INSERT INTO tradewind.files (feed, dataset_id, uri, version, size, modified_at, effective_at, order_key, "
            "seen_by) SELECT 'f', dataset_id, 'u', 'v', 1, now(), now(), 'k', 'sweep' FROM tradewind.datasets"
        )
    assert migrate.migrate(postgres) == migrate.head() != "0001"
    (row,) = ledger.rows(connection, "files", feed="f", state=None, uri=None, limit=10)
    connection.close()
    assert (row["uri"], row["ignored_by"]) == ("u", None)
