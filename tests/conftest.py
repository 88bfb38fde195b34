"""What tests share: real servers, a real Spark, a clean environment. Each is started when first asked for."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import stamina

from sinks import database, embedded, keeper, migrate
from tests import quick_java
from triggers.queues import no_grpc_in_forks

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.clouds.azurite import Azurite
    from tests.clouds.event_grid_server import EventGridServer
    from tests.clouds.fake_gcs import FakeGcs
    from tests.clouds.google import Google
    from tests.clouds.moto_server import MotoServer
    from tests.clouds.pubsub_emulator import PubSubEmulator
    from tests.clouds.versitygw import Versitygw

CASES = "TRADEWIND_CASES"
#: A developer's own settings must not decide whether a test passes.
FOREIGN = (
    "TRADEWIND_",
    "PG",
    "SPARK_",
    "PYSPARK_",
    "HADOOP_",
    "AWS_",
    "BOTO",
    "AZURE_",
    "DATABRICKS_",
    "KUBE",
    "GOOGLE_",
    "PUBSUB_",
    "STORAGE_",
)

_folder = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    # A root of its own for each run: pytest takes others' rights from the shared one, under which a server of
    # another run may be working as another user.
    config.stash[_folder] = Path(tempfile.mkdtemp(prefix="tradewind-tests-"))
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(config.stash[_folder])
    for name in [name for name in os.environ if name.startswith(FOREIGN) and name != CASES]:
        del os.environ[name]
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as where a script starts this in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)  # else programs under test could not be interrupted
    quick_java.use()
    no_grpc_in_forks()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus in (0, 5):  # what a failed test left behind may explain it
        shutil.rmtree(session.config.stash[_folder], ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow tests begin with the longest, and each worker gets its share of them, so that all end at about one time."""
    workers = int(getattr(config, "workerinput", {"workercount": 1})["workercount"])
    slow = _slow(items)
    others, whole = [item for item in items if not _seconds(item)], len(items)
    items.clear()
    for worker in range(workers):  # each starts with an equal part of the list, and later takes from others' ends
        share = [item for unit in slow[worker::workers] for item in unit]
        room = max(0, whole * (worker + 1) // workers - len(items) - len(share))
        items += share + others[:room]
        del others[:room]
    items += others


def _slow(items: list[pytest.Item]) -> list[list[pytest.Item]]:
    """The slow tests, the longest first: each by itself, or all of a file that are to be run by one worker."""
    units: dict[object, list[pytest.Item]] = {}
    for item in filter(_seconds, items):
        units.setdefault(item.path if item.get_closest_marker("together") else item, []).append(item)
    return sorted(units.values(), key=lambda unit: sum(map(_seconds, unit)), reverse=True)


def _seconds(item: pytest.Item) -> float:
    """About how long a slow test takes, `@pytest.mark.slow(90)`; nought of any other."""
    return max((float(*marker.args or (10,)) for marker in item.iter_markers("slow")), default=0.0)


@pytest.fixture(scope="session")
def server() -> Iterator[Callable[[int], str]]:
    """Gives the address of a running PostgreSQL of a version; one of each is enough for all tests."""
    folder = Path(tempfile.mkdtemp(prefix="tradewind-servers-"))
    used: dict[int, str] = {}

    def start(version: int) -> str:
        if version not in used:
            used[version] = embedded.dsn(embedded.EMBEDDED, folder / str(version), version)
            _wait_for_no_disk(used[version])
        return used[version]

    yield start
    for version in used:
        embedded.leave(folder / str(version))
    _remove(folder)


@stamina.retry(on=OSError, attempts=5)
def _remove(folder: Path) -> None:
    """The keeper of a server may still look at its locks, which makes their folder again."""
    if folder.exists():
        shutil.rmtree(folder)


def _wait_for_no_disk(address: str) -> None:
    """Tests of this server pull no plug."""
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        database.execute_alone(address, f"ALTER SYSTEM SET {setting} = off")
    database.execute_alone(address, "SELECT pg_reload_conf()")


@pytest.fixture
def postgres_version() -> int:
    """Override by `@pytest.mark.parametrize("postgres_version", [16, 18])`."""
    return 18


@pytest.fixture
def postgres(server: Callable[[int], str], postgres_version: int) -> Iterator[str]:
    """The address of a fresh, empty database."""
    with _database(server(postgres_version), "template0") as address:
        yield address


@pytest.fixture
def migrated_postgres(
    server: Callable[[int], str], _migrated: Callable[[int], str], postgres_version: int
) -> Iterator[str]:
    """The address of a fresh database that has Tradewind's tables, which are empty."""
    with _database(server(postgres_version), _migrated(postgres_version)) as address:
        yield address


@pytest.fixture(scope="session")
def _migrated(server: Callable[[int], str]) -> Callable[[int], str]:
    """The name of a database of a version to make others of: to copy the tables is quicker than to migrate."""

    @cache
    def named(version: int) -> str:
        database.execute_alone(server(version), "CREATE DATABASE migrated TEMPLATE template0")
        migrate.migrate(_renamed(server(version), "migrated"))
        return "migrated"

    return named


@contextmanager
def _database(address: str, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    database.execute_alone(address, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _renamed(address, name)
    database.execute_alone(address, f"DROP DATABASE {name} WITH (FORCE)")


def _renamed(address: str, name: str) -> str:
    return address.replace(f"/{embedded.DATABASE}?", f"/{name}?")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Path]:
    """A made but stopped embedded PostgreSQL 18, to be copied: making one takes longer than most tests."""
    folder = Path(tempfile.mkdtemp(prefix="tradewind-cluster-"))
    embedded.dsn(embedded.EMBEDDED, folder)
    embedded.leave(folder)
    yield embedded.pgdata_of(folder)
    _remove(folder)


@pytest.fixture
def state(cluster: Path, tmp_path: Path) -> Iterator[Path]:
    """A `state.dir` of its own whose embedded PostgreSQL starts at once; nothing runs in it yet."""
    folder = tmp_path / "state"
    folder.mkdir()
    subprocess.run(["cp", "-a", cluster, folder / cluster.name], check=True)  # with its owner, who is not root
    yield folder
    embedded.leave(folder)
    keeper.stop(embedded.pgdata_of(folder))
    if sockets := re.search(r"/tradewind-postgres-[0-9a-f]+$", str(embedded._socket_folder(folder / cluster.name))):
        shutil.rmtree(Path(tempfile.gettempdir()) / sockets[0][1:], ignore_errors=True)  # of a server that was killed


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator["SparkSession"]:
    """A local session of two cores."""
    from streaming.session import local_session
    from streaming.settings import Settings
    from tests.clouds import aws_environment, azure_environment

    state = tmp_path_factory.mktemp("spark")
    settings = Settings.model_validate({"state": {"dir": str(state)}, "spark": {"master": "local[2]"}})
    with pytest.MonkeyPatch.context() as patch:
        aws_environment.environment(patch)  # tasks have the environment in which their Java was started
        azure_environment.environment(patch)
        session = local_session(settings)
    yield session
    session.stop()


@pytest.fixture(scope="session")
def moto() -> Iterator["MotoServer"]:
    """AWS on this machine; one is enough for all tests."""
    from tests.clouds.moto_server import MotoServer

    with MotoServer() as server:
        yield server


@pytest.fixture
def aws(moto: "MotoServer", monkeypatch: pytest.MonkeyPatch) -> "MotoServer":
    """An empty AWS account on this machine, and credentials for it in the environment."""
    from tests.clouds.aws_environment import environment

    environment(monkeypatch)
    moto.reset()
    return moto


@pytest.fixture(scope="session")
def _versitygw() -> Iterator["Versitygw"]:
    from tests.clouds.versitygw import Versitygw

    with Versitygw() as server:
        yield server


@pytest.fixture
def versitygw(_versitygw: "Versitygw", monkeypatch: pytest.MonkeyPatch) -> "Versitygw":
    """S3 by a server of another make than moto, and credentials for it in the environment."""
    from tests.clouds.aws_environment import environment

    environment(monkeypatch)
    return _versitygw


@pytest.fixture(scope="session")
def azurite() -> Iterator["Azurite"]:
    """Azure Blob and Queue storage on this machine; one for all tests, each makes containers of its own."""
    from tests.clouds.azurite import Azurite

    with Azurite() as server:
        yield server


@pytest.fixture
def azure(azurite: "Azurite", monkeypatch: pytest.MonkeyPatch) -> Iterator["Azurite"]:
    """The same, counted anew, and credentials for it in the environment."""
    from tests.clouds.azure_environment import environment

    environment(monkeypatch)
    azurite.blobs.forget()
    azurite.queues.forget()
    yield azurite
    azurite.put_right()


@pytest.fixture
def grid(monkeypatch: pytest.MonkeyPatch) -> Iterator["EventGridServer"]:
    """An Event Grid namespace on this machine, and its key in the environment."""
    from tests.clouds.event_grid_server import EventGridServer
    from triggers.queues.event_grid import KEY

    with EventGridServer() as server:
        monkeypatch.setenv(KEY, server.key)
        yield server


@pytest.fixture(scope="session")
def fake_gcs() -> Iterator["FakeGcs"]:
    """Google Cloud Storage on this machine, for all tests: each makes a bucket of its own."""
    from tests.clouds.fake_gcs import FakeGcs

    with FakeGcs("memory") as server:  # whose names may be as long as Google's
        yield server


@pytest.fixture
def gcs(fake_gcs: "FakeGcs") -> "FakeGcs":
    """The same, counted from nought."""
    fake_gcs.forget()
    return fake_gcs


@pytest.fixture
def gcs_on_disk() -> Iterator["FakeGcs"]:
    """A server of its own for many objects; names are of 255 bytes at most."""
    from tests.clouds.fake_gcs import FakeGcs

    with FakeGcs() as server:
        yield server


@pytest.fixture(scope="session")
def pubsub() -> Iterator["PubSubEmulator"]:
    """Google's Pub/Sub on this machine, for all tests: each makes a topic of its own."""
    from tests.clouds.pubsub_emulator import PubSubEmulator

    with PubSubEmulator() as server:
        yield server


@pytest.fixture
def google(pubsub: "PubSubEmulator") -> Iterator["Google"]:
    """Cloud Storage that tells a topic of its own, and a door before Pub/Sub."""
    from tests.clouds.google import telling

    with telling(pubsub) as made:
        yield made


@pytest.fixture(scope="session")
def cases() -> Path:
    """The folder of real files; tests that need it skip where it is not."""
    folder = os.environ.get(CASES, "")
    if not folder or not Path(folder).is_dir():
        pytest.skip(f"{CASES} names no folder of real files")
    return Path(folder)
