"""What of a configuration goes to a cluster: nothing secret, and nothing that only this machine has."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli_tool import toml_text
from cloud_jobs.archive import CONFIG
from cloud_jobs.errors import PackageError
from streaming import connectors
from streaming.feeds import plans
from streaming.session import ANYWHERE
from streaming.settings import DATABASE_VARIABLE, Settings

_HERE_ONLY = ("api", "jobs", "spark")  # the API is not sent; a job's own tables and Spark's settings are in its request
_OF_A_MASTER = ("spark.master", "spark.remote", "spark.driver.host", "spark.driver.bindAddress", "spark.submit.")
_SECRET_KEY = re.compile(r"password|passwd|secret|token|credential|account\.key|access\.key|\.sas\.", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"://[^/\s:@\"]*:[^@\s/\"]+@|(?:\b(?:AccountKey|SharedAccessKey|SharedAccessSignature|sig)|password)=(?!\{\{)[^;&\s\"]+",
    re.IGNORECASE,
)
_SECRET_VARIABLE = re.compile(r"PASSWORD|SECRET|TOKEN|CREDENTIAL|_KEY$|CONNECTION_STRING")
_SHORTEST = 8  # characters of a value in the environment to be looked for: shorter ones are words


@dataclass
class Packed:
    """The configuration's files by name, and what the job's environment has to bring instead of what was left out."""

    files: dict[str, str] = field(default_factory=dict)
    needs: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def packed(settings: Settings, path: Path, environ: Mapping[str, str] = os.environ) -> Packed:
    """The file at `path`, made fit for a cluster. Raises PackageError, which names the key and the way out."""
    data = {name: table for name, table in tomllib.loads(path.read_text("utf-8")).items() if name not in _HERE_ONLY}
    found = Packed()
    data["database"] = _database(data.get("database", {}), found)
    data["state"] = _state(data.get("state", {}), settings)
    data["feeds"] = {name: _feed(name, feed, path.parent, found) for name, feed in data.get("feeds", {}).items()}
    data["hooks"] = {name: _without(hook, "secret_files") for name, hook in data.get("hooks", {}).items()}
    for cloud in ("s3", "azure", "gcs"):
        data[cloud] = _cloud(cloud, data.get(cloud, {}), found)
    found.files[CONFIG] = toml_text.written({name: table for name, table in data.items() if table})
    refuse_secrets(found.files, environ)
    return found


def conf(settings: Settings, own: Mapping[str, str]) -> dict[str, str]:
    """Spark's settings for a request: what Tradewind wants, `[spark]`, and the job's own, which win.

    Raises PackageError where one of them is a secret: a request is shown, logged and kept.
    """
    given = {name: value for name, value in settings.spark.items() if not name.startswith(_OF_A_MASTER)}
    for name in {**given, **own}:
        if _SECRET_KEY.search(name) and "provider" not in name.lower():
            raise PackageError(
                f"{name} would stand in the request for all to see; let the cluster's own identity reach the store, or "
                "keep the value in the cluster's configuration"
            )
    _refuse_shown({**given, **own})
    refuse_secrets({f"the setting {name}": str(value) for name, value in {**given, **own}.items()})
    return {**ANYWHERE, **given, **own}


def coordinates(settings: Settings, spark: str, brought: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Maven's packages for what Spark itself must reach, and what of theirs not to fetch. Raises PackageError."""
    clouds = set(connectors.clouds_of(connectors.places(settings, plans(settings)))) - set(brought)
    wanted = [cloud for cloud in sorted(clouds) if getattr(settings, cloud).connector == "packages"]
    found = [_connector(cloud, spark) for cloud in wanted]
    return tuple(p for one in found for p in one.packages), tuple(e for one in found for e in one.excludes)


def refuse_secrets(files: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> None:
    """Raises PackageError where a text holds what looks like a secret, or the value of one in the environment."""
    values = {n: v for n, v in environ.items() if _SECRET_VARIABLE.search(n) and len(v) >= _SHORTEST}
    for name, text in files.items():
        if found := _SECRET_TEXT.search(text):
            what = re.split("[=:]", found[0])[0]
            raise PackageError(
                f"{name} would hold a secret ({what}…); give it to the job by [jobs.NAME.secrets] as a variable of its "
                "environment, and take it out of the configuration"
            )
        for variable, value in values.items():
            if value in text:
                raise PackageError(f"{name} would hold the value of {variable}; take it out, a job gets it as a secret")


def _refuse_shown(conf: Mapping[str, str]) -> None:
    """Of Spark's settings whose names tell nothing: an address or an option of Java's may hold a password too."""
    for name, value in conf.items():
        if found := _SECRET_TEXT.search(str(value)):
            what = re.split("[=:]", found[0])[0]
            raise PackageError(
                f"{name} holds what looks like a secret ({what}…), and would stand in the request for all to see; keep "
                "it in the cluster's configuration"
            )


def _connector(cloud: connectors.Cloud, spark: str) -> connectors.Connector:
    known = connectors.connectors()
    found = next((one for one in known if (one.cloud, one.spark) == (cloud, spark)), None)
    if found is None:
        tried = ", ".join(one.spark for one in known if one.cloud == cloud)
        raise PackageError(
            f"no packages are known that make Spark {spark} reach {cloud} (they are for {tried}); where the cluster "
            f'has its own, set [{cloud}] connector = "provided"'
        )
    return found


def _database(table: Mapping[str, Any], found: Packed) -> dict[str, Any]:
    if table.get("url", "embedded") == "embedded":
        found.needs.append(DATABASE_VARIABLE)
    elif "password_file" in table:
        found.needs.append("PGPASSWORD")
        found.notes.append("database.password_file stays here: PGPASSWORD takes its place")
    return _without(table, "password_file", "postgres_version")


def _state(table: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """`dir` is a folder of the driver's own there; the others have to lie where all of the cluster reads them."""
    for key in ("journal", "checkpoints"):
        if table.get(key) is None:
            raise PackageError(
                f"state.{key} is not set: below state.dir only this machine reads it. Give a bucket's address, or the "
                "path of a folder that driver and executors share"
            )
        _refuse_relative(f"state.{key}", table[key])
    return {"journal": settings.state.journal, "checkpoints": settings.state.checkpoints}


def _feed(name: str, table: Mapping[str, Any], folder: Path, found: Packed) -> dict[str, Any]:
    for key in ("source", "archive_to"):
        if key in table:
            _refuse_relative(f"feeds.{name}.{key}", table[key])
    if not table["profile"].endswith(".toml"):
        return dict(table)
    own = f"profiles/{name}.toml"
    found.files[own] = (folder / Path(table["profile"]).expanduser()).read_text("utf-8")
    return {**table, "profile": own}


def _cloud(cloud: str, table: Mapping[str, Any], found: Packed) -> dict[str, Any]:
    connector = table.get("connector", "packages")
    if connector not in ("packages", "provided"):
        raise PackageError(
            f'{cloud}.connector is a folder of this machine: with "packages" the job fetches the jars, with '
            '"provided" the cluster has them'
        )
    if "profile" in table:
        found.notes.append(f"{cloud}.profile stays here: the job has the identity that its service gives it")
    # Whichever way the jars come there, Spark has them by the time that Tradewind starts.
    return {**_without(table, "profile", "connector"), **({"connector": "provided"} if table else {})}


def _refuse_relative(key: str, place: str) -> None:
    if not re.match(r"[A-Za-z0-9+.-]+:|/", place):
        raise PackageError(
            f"{key} = {place!r} starts at this machine's configuration; give a bucket's address, or the whole path of "
            "a folder that driver and executors share"
        )


def _without(table: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name not in names}
