"""One migrated database of each PostgreSQL version; every test has a feed and a dataset of its own in it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from sinks import database, embedded, migrate, runs
from sinks.work import Rules
from tests.integration.loading import Desk


@pytest.fixture(scope="session")
def migrated(server: Callable[[int], str]) -> Iterator[Callable[[int], tuple[str, Any, runs.RunId]]]:
    """Address, connection and run in a migrated database of a version."""
    made: dict[int, tuple[str, Any, runs.RunId]] = {}
    with ExitStack() as stack:

        def of(version: int) -> tuple[str, Any, runs.RunId]:
            if version not in made:
                dsn = _database(server(version))
                # Dropped at the end: to shut down, the server would otherwise write out thousands of partitions.
                stack.callback(database.execute_alone, server(version), "DROP DATABASE merges WITH (FORCE)")
                migrate.migrate(dsn)
                connection = database.connect(dsn)
                stack.callback(connection.close)
                run = stack.enter_context(runs.run(dsn, "command", ["test"]))
                made[version] = dsn, connection, run.run_id
            return made[version]

        yield of


@pytest.fixture
def desk_with(migrated: Callable[[int], tuple[str, Any, runs.RunId]], postgres_version: int) -> Callable[..., Desk]:
    """A new feed and dataset under the rules that are given."""

    def make(**rules: Any) -> Desk:
        return Desk(*migrated(postgres_version), Rules(**rules))

    return make


@pytest.fixture
def desk(desk_with: Callable[..., Desk]) -> Desk:
    return desk_with()


def _database(address: str) -> str:
    database.execute_alone(address, "CREATE DATABASE merges TEMPLATE template0")
    return address.replace(f"/{embedded.DATABASE}?", "/merges?")
