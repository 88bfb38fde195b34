"""The schema comes up from nothing, twice, and from two programs at once."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory

from sinks import database, ledger, migrate
from tests.integration import schemas

pytestmark = pytest.mark.parametrize("postgres_version", [16, 18])
#: Of what migrations make: partitions come and go with the data. NOT NULL is a column's property.
CATALOG = {
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attcollation,
            pg_get_expr(d.adbin, d.adrelid)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d
            ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'tradewind'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
            AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2""",
    "constraints": """
        SELECT c.relname, n.conname, pg_get_constraintdef(n.oid) FROM pg_class c JOIN pg_constraint n
            ON n.conrelid = c.oid
        WHERE c.relnamespace = 'tradewind'::regnamespace AND NOT c.relispartition AND n.contype <> 'n' ORDER BY 1, 2""",
    "indexes": """
        SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid
        WHERE c.relnamespace = 'tradewind'::regnamespace AND NOT c.relispartition ORDER BY 1, 2""",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'tradewind' ORDER BY 1",
    "functions": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'tradewind'::regnamespace
        ORDER BY 1, 2""",
    "triggers": """
        SELECT c.relname, pg_get_triggerdef(t.oid) FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid
        WHERE c.relnamespace = 'tradewind'::regnamespace AND NOT c.relispartition AND NOT t.tgisinternal
        ORDER BY 1, 2""",
}
PROGRAM = "import sys; from sinks import migrate; sys.stdin.read(); print(migrate.migrate(sys.argv[1]))"


def test_an_empty_database_has_no_version_and_a_migrated_one_has_the_newest(postgres: str) -> None:
    assert migrate.current(postgres) is None
    assert migrate.migrate(postgres) == migrate.head() == migrate.current(postgres)


def test_the_newest_file_is_the_end_of_alembics_chain(postgres: str) -> None:
    assert [migrate.head()] == ScriptDirectory.from_config(migrate._config(postgres)).get_heads()


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


@pytest.mark.parametrize("dump", sorted(Path(schemas.__file__).parent.glob("*.sql")), ids=lambda path: path.stem)
def test_a_database_of_a_version_before_keeps_its_rows_and_gets_the_schema_of_a_fresh_one(
    postgres: str, fresh: str, dump: Path
) -> None:
    database.execute_alone(postgres, dump.read_text())
    assert migrate.current(postgres) == dump.stem
    before = rows(postgres)
    assert migrate.migrate(postgres) == migrate.head()
    after = rows(postgres)
    assert {name: [kept(row, after[name]) for row in held] for name, held in before.items()} == {
        name: [True] * len(held) for name, held in before.items()
    }
    derived = {"tallies"}
    assert {name: len(held) for name, held in after.items() if held and name not in derived} == {
        name: len(held) for name, held in before.items() if held
    }
    assert sum(row["files"] for row in after["tallies"]) == len(before["files"])
    migrate.migrate(fresh)
    assert schema(postgres) == schema(fresh)


@pytest.fixture
def fresh(postgres: str) -> Iterator[str]:
    """A second empty database of the same server."""
    name = postgres.partition("?")[0].rpartition("/")[2]
    database.execute_alone(postgres, f"CREATE DATABASE {name}_fresh TEMPLATE template0")
    yield postgres.replace(f"/{name}?", f"/{name}_fresh?")
    database.execute_alone(postgres, f"DROP DATABASE {name}_fresh WITH (FORCE)")


def ask(dsn: str, statement: str) -> list[tuple[Any, ...]]:
    connection = database.connect(dsn)
    with database.transaction(connection) as cursor:
        cursor.execute(statement)
        found = list(cursor.fetchall())
    connection.close()
    return found


def rows(dsn: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables as objects."""
    names = ask(
        dsn,
        "SELECT relname FROM pg_class WHERE relnamespace = 'tradewind'::regnamespace AND relkind IN ('r', 'p') "
        "AND NOT relispartition",
    )
    return {
        name: [row for (row,) in ask(dsn, f"SELECT to_jsonb(t) FROM tradewind.{name} t ORDER BY t::text")]
        for (name,) in names
    }


def kept(row: dict[str, Any], after: list[dict[str, Any]]) -> bool:
    """Whether a row is still there; it may have got further columns."""
    return any(all(one.get(key) == value for key, value in row.items()) for one in after)


def schema(dsn: str) -> dict[str, list[tuple[Any, ...]]]:
    """What the catalog holds of tables, their columns, constraints and indexes, views and functions."""
    return {what: ask(dsn, statement) for what, statement in CATALOG.items()}


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
