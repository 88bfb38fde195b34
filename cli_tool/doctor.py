"""`tradewind doctor`: what is wrong on this machine, and the cure."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli_tool import outcome
from cli_tool.app import App, app_of
from cli_tool.logs import blotted

if TYPE_CHECKING:
    from streaming.connectors import Cloud
    from streaming.settings import Settings
    from triggers.queues import Place
    from triggers.queues.port import Standing


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `cure` is empty where nothing is wrong."""

    check: str
    ok: bool
    detail: str
    cure: str = ""


class Ill(Exception):
    """What is wrong, and the cure."""

    def __init__(self, detail: str, cure: str) -> None:
        super().__init__(detail)
        self.cure = cure


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Look at Python, Java, Spark, database, schema, sources, queues and state; exit code 1 if anything is wrong."""
    findings = []
    for finding in examine(app_of(context)):
        findings.append(finding)
        typer.echo(json.dumps(asdict(finding), ensure_ascii=False) if as_json else _line(finding))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(outcome.FAILED)


def examine(app: App) -> Iterator[Finding]:
    """Looks at everything, one finding at a time; without a configuration the rest is left out."""
    yield _look("python", _python)
    yield _look("java", _java)
    yield _look("spark", _spark)
    configuration = _look("configuration", lambda: _configuration(app))
    yield configuration
    if not configuration.ok:
        return
    settings = app.settings
    yield _look("state", lambda: _state(settings))
    database = _look("database", lambda: _database(settings))
    yield database
    if database.ok:
        yield _look("schema", lambda: _schema(settings))
    for cloud in _clouds(settings):
        yield _look(f"connector {cloud}", lambda cloud=cloud: _connector(settings, cloud))  # type: ignore[misc]
    for name in settings.feeds:
        yield _look(f"source {name}", lambda name=name: _source(settings, name))  # type: ignore[misc]
    for place in _queues(settings):
        yield _look(f"queue {place}", lambda place=place: _queue(settings, place))  # type: ignore[misc]
    if settings.hooks.names:
        yield _look("hooks", lambda: _hooks(settings))


def _look(check: str, examined: Callable[[], str]) -> Finding:
    try:
        return Finding(check, True, examined())
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is wrong
        return Finding(check, False, blotted(str(error)).strip(), getattr(error, "cure", ""))


def _python() -> str:
    import platform
    import sys

    return f"{platform.python_version()} ({sys.executable})"


def _java() -> str:
    import pyspark

    from streaming import java

    found = java.find(int(pyspark.__version__.split(".")[0]))
    return f"Java {found.major} from {found.source} ({found.home})"


def _spark() -> str:
    try:
        import pyspark
    except ImportError:
        raise Ill("pyspark is not installed", "pip install 'tradewind[spark]'") from None
    from importlib.metadata import version

    old = pyspark.__version__.startswith("3.")
    arrow, numpy, pandas = (version(name) for name in ("pyarrow", "numpy", "pandas"))
    if old and (_major(arrow) >= 18 or _major(numpy) >= 2):
        raise Ill(
            f"Spark {pyspark.__version__} with pyarrow {arrow} and numpy {numpy}",
            "pip install 'pyarrow<18' 'numpy<2': Spark 3.5 cannot use newer ones.",
        )
    if _major(pandas) >= 3:
        raise Ill(f"Spark {pyspark.__version__} with pandas {pandas}", "pip install 'pandas<3'")
    return f"Spark {pyspark.__version__}, pyarrow {arrow}"


def _major(version: str) -> int:
    return int(version.split(".")[0])


def _configuration(app: App) -> str:
    feeds = len(app.settings.feeds)
    return f"{feeds} feed{'' if feeds == 1 else 's'}"


def _state(settings: "Settings") -> str:
    import shutil
    import tempfile

    folder = settings.state.dir
    above = next(place for place in [folder, *folder.parents] if place.exists())
    try:
        with tempfile.TemporaryFile(dir=above):
            pass
    except OSError as error:
        raise Ill(
            f"{above} cannot be written: {error.strerror}", "Give the right to write there, or set state.dir."
        ) from None
    free = shutil.disk_usage(above).free
    if free < 1 << 30:
        raise Ill(f"{above} has {free >> 20} MiB left", "Make room, or set state.dir to another disk.")
    return f"{folder}, {free >> 30} GiB free"


def _database(settings: "Settings") -> str:
    from sinks import database, embedded

    if settings.database.url == embedded.EMBEDDED and embedded.version_of(settings.state.dir) is None:
        embedded.binaries(settings.database.postgres_version)
        return f"embedded PostgreSQL {settings.database.postgres_version}, made when first used"
    connection = database.connect(settings.dsn())
    try:
        version = connection.server_version
        encoding = connection.info.parameter_status("server_encoding")
    finally:
        connection.close()
    if version < 160000:
        raise Ill(f"PostgreSQL {version // 10000}", "Use PostgreSQL 16, 17 or 18.")
    if encoding != "UTF8":
        raise Ill(f"its encoding is {encoding}", "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0")
    return f"PostgreSQL {version // 10000}.{version % 10000}"


def _schema(settings: "Settings") -> str:
    from sinks import embedded, migrate

    if settings.database.url == embedded.EMBEDDED and embedded.version_of(settings.state.dir) is None:
        return "made when first used"
    found, needed = migrate.current(settings.dsn()), migrate.head()
    if found != needed:
        raise Ill(f"the schema is at {found or 'nothing'}, this program needs {needed}", "tradewind db migrate")
    return f"at {found}"


def _clouds(settings: "Settings") -> "list[Cloud]":
    from streaming import connectors
    from streaming.feeds import plans

    try:
        return connectors.clouds_of(connectors.places(settings, plans(settings) if settings.feeds else ()))
    except Exception:  # noqa: BLE001 - a feed that cannot be resolved is told by its own line
        return []


def _connector(settings: "Settings", cloud: "Cloud") -> str:
    from streaming import connectors
    from streaming.errors import ConnectorMissing

    try:
        return connectors.told(cloud, settings)
    except ConnectorMissing as missing:
        raise Ill(str(missing), missing.cure) from None


def _source(settings: "Settings", name: str) -> str:
    from streaming.feeds import plan

    resolved = plan(name, settings.feeds[name], settings)
    if resolved.prefix.startswith("file:"):
        _readable(name, resolved.prefix)
    return f"{settings.feeds[name].source}, read as {resolved.profile.name}"


def _readable(name: str, prefix: str) -> None:
    import shlex

    from triggers.stores.local import path_of

    folder = Path(path_of(prefix))
    try:
        next(folder.iterdir(), None)
    except FileNotFoundError:
        raise Ill(
            f"{folder} does not exist", f"mkdir -p {shlex.quote(str(folder))}, or set feeds.{name}.source."
        ) from None
    except OSError as error:
        raise Ill(f"{folder} cannot be listed: {error.strerror}", "Give the right to read it.") from None


def _queues(settings: "Settings") -> "list[Place]":
    """Those that feeds name; a hook is none."""
    from triggers.queues import Hook

    places = dict.fromkeys(feed.events.place for feed in settings.feeds.values() if feed.events)
    return [place for place in places if not isinstance(place, Hook)]


def _queue(settings: "Settings", place: "Place") -> str:
    from triggers.queues import queue_for
    from triggers.queues.port import Measured

    queue, _ = queue_for(place, settings.stores.access)
    with closing(queue):
        return _stands(queue.standing()) if isinstance(queue, Measured) else "its service tells nothing of it"


def _hooks(settings: "Settings") -> str:
    try:
        from api.hooks.door import Door
    except ImportError as missing:
        raise Ill(f"{missing.name} is not installed", "pip install 'tradewind[api]'") from None
    served = Door(settings, "").desks  # which reads the secrets, and asks nobody
    told = [f"/hooks/{name} for {', '.join(desk.listener.counts.feeds) or 'no feed'}" for name, desk in served.items()]
    return f"`tradewind serve` answers {'; '.join(told)}"


def _stands(standing: "Standing") -> str:
    waiting = "?" if standing.waiting is None else f"{standing.waiting:,}"
    if standing.dead_letters is None:
        return f"{waiting} messages wait; what is never acknowledged comes again until it expires"
    return (
        f"{waiting} messages wait; after {standing.gives_up_after} deliveries that nobody acknowledges one goes to "
        f"{standing.dead_letters}"
    )


def _line(finding: Finding) -> str:
    mark = typer.style("ok   ", fg="green") if finding.ok else typer.style("WRONG", fg="red")
    cure = f"\n      cure: {finding.cure}" if finding.cure else ""
    return f"{mark} {finding.check}: {finding.detail}{cure}"
