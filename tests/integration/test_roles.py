"""`tradewind db roles`: the ingesting role needs no more than it prints, the reading role can change nothing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from sinks import database, embedded, ledger, migrate, retention, roles, runs, staging
from sinks.errors import RightsMissing
from tests.integration.loading import Desk, Row, correct, file

pytestmark = pytest.mark.parametrize("postgres_version", [16, 18])
NAMES = ("tradewind_ingest", "tradewind_read")


@pytest.fixture
def addresses(postgres: str) -> Iterator[list[str]]:
    """A database with the roles, as the ingesting and as the reading role."""
    run(postgres, roles.script())
    yield [postgres.replace(f"{embedded.ROLE}@", f"{name}@") for name in NAMES]
    for name in reversed(NAMES):  # one by one: at once PostgreSQL trips over the default rights that both share
        run(postgres, f"DROP OWNED BY {name} CASCADE")
        run(postgres, f"DROP ROLE {name}")


def run(dsn: str, statement: str) -> None:
    connection = database.connect(dsn)
    with database.transaction(connection) as cursor:
        cursor.execute(statement)
    connection.close()


def test_the_printed_rights_are_enough_to_migrate(addresses: list[str]) -> None:
    assert migrate.migrate(addresses[0]) == migrate.head()


def test_the_printed_rights_are_enough_to_ingest_and_reading_changes_nothing(addresses: list[str]) -> None:
    ingest, read = addresses
    assert migrate.migrate(ingest) == migrate.head()
    connection = database.connect(ingest)
    with runs.run(ingest, "command", ["test"]) as this:
        desk = Desk(ingest, connection, this.run_id)
        desk.load_each(file("a", 1, Row("x", "1")), file("b", 2, correct("x", "2")))
        assert desk.trades() == [("x", "2025-01-02", "2", "corrected")]
        stage = staging.Staging(f"r_{this.run_id}_1")
        with database.transaction(connection) as cursor:
            stage.create(cursor)
            assert staging.drop_leftovers(cursor) == 0
            stage.drop(cursor)
    retention.prune(connection, *[timedelta(days=90)] * 4)
    connection.close()
    assert_reads_only(read)


def assert_reads_only(dsn: str) -> None:
    reader = database.connect(dsn)
    with database.transaction(reader) as cursor:
        cursor.execute("SELECT price::text FROM tradewind.trades")
        assert cursor.fetchall() == [("2",)]
        cursor.execute("SELECT count(*) FROM tradewind.trades_as_of(now())")
        assert cursor.fetchone() == (1,)
    assert [row["uri"] for row in ledger.rows(reader, "files", feed=None, state=None, uri=None, limit=9)] == ["a", "b"]
    for statement in (
        "DELETE FROM tradewind.trades",
        "DELETE FROM tradewind.dead_letters",
        "UPDATE tradewind.files SET state = 'discovered'",
        "INSERT INTO tradewind.datasets (name) VALUES ('mine')",
        "CREATE TABLE tradewind.mine ()",
        "CREATE TABLE tradewind_staging.mine ()",
    ):
        with pytest.raises(RightsMissing), database.transaction(reader) as cursor:
            cursor.execute(statement)
    reader.close()


def test_neither_role_is_a_superuser_or_makes_databases_or_roles(addresses: list[str]) -> None:
    connection = database.connect(addresses[0])
    with database.transaction(connection) as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'tradewind%%' AND "
            "(rolsuper OR rolcreatedb OR rolcreaterole)"
        )
        assert cursor.fetchall() == []
    connection.close()
