"""Spark's own access to a cloud: the jars of its file system, found once and remembered.

Tradewind's stores and tasks need none of it. Spark does where it lists a prefix itself, and where its checkpoints or
the journal that it reads lie in a bucket.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from streaming import cloud_options
from streaming.errors import ConnectorMissing
from streaming.hadoop import hadoop_version
from streaming.locations import scheme_of, spark_uri

if TYPE_CHECKING:
    from streaming.feeds import FeedPlan
    from streaming.settings import Settings

Cloud = Literal["s3", "azure", "gcs"]
CLOUDS: Mapping[str, Cloud] = {"s3": "s3", "abfss": "azure", "gs": "gcs"}
#: A cloud's scheme as Hadoop spells it.
SCHEMES: Mapping[Cloud, str] = {"s3": "s3a", "azure": "abfss", "gcs": "gs"}
TABLE = Path(__file__).with_name("connectors.toml")
_JARS, _PACKAGES, _EXCLUDES = "spark.jars", "spark.jars.packages", "spark.jars.excludes"


@dataclass(frozen=True, slots=True)
class Connector:
    """The Maven packages that make Spark reach a cloud, and what they bring in vain."""

    cloud: Cloud
    spark: str
    hadoop: str
    packages: tuple[str, ...]
    excludes: tuple[str, ...]


@cache
def connectors() -> tuple[Connector, ...]:
    """All that are known to work, each with the Hadoop it was tried on."""
    rows = tomllib.loads(TABLE.read_text())["connector"]
    return tuple(
        Connector(r["cloud"], r["spark"], r["hadoop"], tuple(r["packages"]), tuple(r["excludes"])) for r in rows
    )


def places(settings: Settings, plans: Iterable[FeedPlan]) -> list[str]:
    """The places that Spark itself must reach for these feeds."""
    listed = [plan.source.prefix for plan in plans if plan.discovery == "listing" or plan.by_spark]
    return [settings.journals.place, settings.checkpoints.place, *listed]


def clouds_of(uris: Iterable[str]) -> list[Cloud]:
    """The clouds that these lie in, each once."""
    return sorted({CLOUDS[scheme] for scheme in map(scheme_of, uris) if scheme in CLOUDS})


def confs(settings: Settings, clouds: Iterable[Cloud], given: Mapping[str, str]) -> dict[str, str]:
    """Spark's settings for a session that is about to start: its jars and options; `given` are the operator's.

    Raises ConnectorMissing where no packages are known for this Hadoop.
    """
    clouds = list(clouds)
    found: dict[str, str] = {}
    for cloud in clouds:
        found |= {f"spark.hadoop.{name}": value for name, value in cloud_options.options(cloud, settings).items()}
    return {**found, **_jars(settings, clouds, given)}


def check(session: Any, uris: Iterable[str], settings: Settings) -> None:
    """Make sure that Spark has a file system for each place, before a stream starts.

    Hadoop itself is asked. On Spark Connect nobody can be, and the server's own error tells. Raises ConnectorMissing.
    """
    if not hasattr(session, "_jsparkSession"):
        return
    for scheme in sorted({scheme_of(spark_uri(uri)) for uri in uris}):
        if not _serves(session, scheme):
            cloud = next((cloud for cloud, known in SCHEMES.items() if known == scheme), None)
            raise _missing(scheme, cloud, settings)


def _serves(session: Any, scheme: str) -> bool:
    from py4j.protocol import Py4JJavaError

    try:
        configuration = session._jsparkSession.sessionState().newHadoopConf()
        session._jvm.org.apache.hadoop.fs.FileSystem.getFileSystemClass(scheme, configuration)
    except Py4JJavaError:  # "No FileSystem for scheme", ClassNotFoundException
        return False
    return True


def remember(session: Any, settings: Settings, clouds: Iterable[Cloud]) -> None:
    """Note where the packages' jars are, so that the next session takes them from there, quickly and without a net."""
    wanted = [connector for cloud in clouds if (connector := _known(cloud)) is not None]
    note = _note(settings, wanted)
    if wanted and not note.exists():
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(session.sparkContext.getConf().get(_JARS, "").replace(",", "\n"))


def told(cloud: Cloud, settings: Settings) -> str:
    """Where Spark's access to a cloud comes from, in words. Raises ConnectorMissing."""
    setting = getattr(settings, cloud).connector
    if setting == "provided":
        return "the platform's"
    if setting != "packages":
        return f"the jars of {setting}"
    wanted = [_required(cloud, settings)]
    where = "there already" if _kept(settings, wanted) else "taken from Maven when first needed, then kept by Ivy"
    return f"{wanted[0].packages[0]} and {len(wanted[0].packages) - 1} more, {where}"


def _jars(settings: Settings, clouds: list[Cloud], given: Mapping[str, str]) -> dict[str, str]:
    setting: dict[Cloud, str] = {cloud: getattr(settings, cloud).connector for cloud in clouds}
    folders = [one for one in setting.values() if one not in ("packages", "provided")]
    jars = [str(jar) for folder in folders for jar in sorted(Path(folder).glob("*.jar"))]
    wanted = [_required(cloud, settings) for cloud, value in setting.items() if value == "packages"]
    if kept := _kept(settings, wanted):
        jars, wanted = jars + kept, []
    lists = {
        _JARS: jars,
        _PACKAGES: [package for one in wanted for package in one.packages],
        _EXCLUDES: [package for one in wanted for package in one.excludes],
    }
    return {name: ",".join([*filter(None, [given.get(name)]), *values]) for name, values in lists.items() if values}


def _known(cloud: Cloud) -> Connector | None:
    hadoop = hadoop_version()
    return next((one for one in connectors() if (one.cloud, one.hadoop) == (cloud, hadoop)), None)


def _required(cloud: Cloud, settings: Settings) -> Connector:
    found = _known(cloud)
    if found is None:
        raise _missing(SCHEMES[cloud], cloud, settings)
    return found


def _note(settings: Settings, wanted: list[Connector]) -> Path:
    names = "\n".join(package for one in wanted for package in (*one.packages, "-", *one.excludes))
    return settings.state.dir / "connectors" / f"{hashlib.sha256(names.encode()).hexdigest()[:16]}.txt"


def _kept(settings: Settings, wanted: list[Connector]) -> list[str]:
    """The jars that an earlier session resolved, if all of them are still there."""
    note = _note(settings, wanted)
    if not wanted or not note.exists():
        return []
    jars = note.read_text().split()
    return jars if all(Path(jar.removeprefix("file://")).exists() for jar in jars) else []


def _missing(scheme: str, cloud: Cloud | None, settings: Settings) -> ConnectorMissing:
    if cloud is None:
        return ConnectorMissing(
            scheme, "spark", "only a platform that has one can serve it (Databricks, a Hadoop cluster)"
        )
    if getattr(settings, cloud).connector == "provided":
        return ConnectorMissing(scheme, cloud, f'the platform provides none; set [{cloud}] connector = "packages"')
    hadoop = hadoop_version()
    if any(one.cloud == cloud and one.hadoop == hadoop for one in connectors()):
        known = ", ".join(next(one.packages for one in connectors() if (one.cloud, one.hadoop) == (cloud, hadoop)))
        return ConnectorMissing(scheme, cloud, f"the session was started without it; add the packages {known}")
    tried = ", ".join(one.hadoop for one in connectors() if one.cloud == cloud)
    return ConnectorMissing(
        scheme, cloud, f"no packages are known for Hadoop {hadoop or 'of this Spark'} (they are for {tried}); "
        'put its jars into a folder and name that, or set "provided" if the platform has them',
    )  # fmt: skip
