"""One app over one migrated database; a client for each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from psycopg2.extras import RealDictCursor

from api import dashboard
from api.app import create_app
from sinks import database, migrate, tokens
from sinks.tokens import Role
from streaming.settings import Settings
from tests.api.hooking import Hooked, hooked


@pytest.fixture(scope="module")
def dsn(server: Callable[[int], str], request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database for the tests of one module."""
    name = f"api_{request.module.__name__.rpartition('.')[2]}"
    database.execute_alone(server(18), f"CREATE DATABASE {name} TEMPLATE template0")
    database.execute_alone(server(18), f"ALTER DATABASE {name} SET synchronous_commit = off")
    made = server(18).replace("/tradewind?", f"/{name}?")
    migrate.migrate(made)
    yield made
    database.execute_alone(server(18), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def settings(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    state: Path = tmp_path_factory.mktemp("state")
    return Settings.model_validate({"database": {"url": dsn}, "state": {"dir": str(state)}})


@pytest.fixture(scope="module")
def app(settings: Settings, dsn: str) -> Iterator[APIFlask]:
    made = create_app(settings, dsn)
    made.config[dashboard.FOLDER] = None  # whether or not it is built here
    yield made
    made.extensions["tradewind"].pool.close()


@pytest.fixture(scope="module")
def app_with(settings: Settings, dsn: str) -> Iterator[Callable[..., APIFlask]]:
    """Another app over the same database, some keys of [api] set."""
    made: list[APIFlask] = []

    def with_api(**api: Any) -> APIFlask:
        told = {"database": {"url": dsn}, "state": {"dir": str(settings.state.dir)}, "api": api}
        made.append(create_app(Settings.model_validate(told), dsn))
        return made[-1]

    yield with_api
    for one in made:
        one.extensions["tradewind"].pool.close()


@pytest.fixture(scope="module")
def token_of(dsn: str) -> Callable[[Role], str]:
    """A new token of a role."""
    made: dict[Role, str] = {}

    def token(role: Role) -> str:
        if role not in made:
            made[role] = new_token(dsn, f"the {role}", role)
        return made[role]

    return token


@pytest.fixture
def anonymous(app: APIFlask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def viewer(app: APIFlask, token_of: Callable[[Role], str]) -> FlaskClient:
    return _client(app, token_of("viewer"))


@pytest.fixture
def operator(app: APIFlask, token_of: Callable[[Role], str]) -> FlaskClient:
    return _client(app, token_of("operator"))


@pytest.fixture
def hooks(dsn: str, tmp_path: Path) -> Iterator[Hooked]:
    """An app with all hooks, and what the clouds publish."""
    yield from hooked(dsn, tmp_path)


def new_token(dsn: str, name: str, role: Role, expires_at: Any = None) -> str:
    """A token in the database."""
    connection = database.connect(dsn)
    with database.transaction(connection), connection.cursor(cursor_factory=RealDictCursor) as cursor:
        token = tokens.create(cursor, name, role, expires_at)
    connection.close()
    assert token
    return token


def _client(app: APIFlask, token: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client
