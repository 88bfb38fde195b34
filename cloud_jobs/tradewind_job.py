"""The first file that runs on a cluster: checks that the package fits, resolves secrets, runs a command of Tradewind.

Of Python itself alone, in words that old ones can read too: it has to be able to refuse them.
"""

import json
import os
import platform
import shutil
import sys
import tarfile
import tempfile
from typing import Any, Dict, List, Optional, Tuple

#: Written in when a package is made: python, architecture, environment (sha256), mark, config (files by name).
PACKAGE: Dict[str, Any] = {}
MARK = "tradewind_environment.json"
SAME = {"amd64": "x86_64", "arm64": "aarch64"}
USAGE = 2
PACKED_FOR = ("3.11", "3.12", "3.13")


class Misfit(Exception):
    """The package and this machine do not fit together."""


def main(arguments: List[str]) -> int:
    """Runs the command; its exit code."""
    try:
        check_machine()
        environment, secrets, command = understood(arguments)
        sys.path.insert(0, found(environment))
    except Misfit as misfit:
        sys.stderr.write("tradewind: {}\n".format(misfit))
        return USAGE
    return run(secrets, command)


def check_machine() -> None:
    """Before anything else: native modules of another Python or processor end in riddles."""
    python = "{}.{}".format(*sys.version_info[:2])
    if python != PACKAGE["python"] or platform.python_implementation() != "CPython":
        raise Misfit(
            "this package is for Python {}, and the cluster runs {} {} ({}); {}".format(
                PACKAGE["python"], platform.python_implementation(), python, sys.executable, way_out(python)
            )
        )
    machine = SAME.get(platform.machine().lower(), platform.machine())
    if machine != PACKAGE["architecture"]:
        raise Misfit(
            "this package is for {}, and the cluster's machines are {}; pack for them: tradewind package "
            "--architecture {}".format(PACKAGE["architecture"], machine, machine)
        )


def way_out(python: str) -> str:
    """What can be done about a cluster's Python: not for each are there wheels."""
    if python in PACKED_FOR and platform.python_implementation() == "CPython":
        return "pack for it: tradewind package --python {}".format(python)
    return "nothing can be packed for that one: name a CPython {} there as the job's interpreter".format(
        " or ".join(PACKED_FOR)
    )


def understood(arguments: List[str]) -> Tuple[str, List[List[str]], List[str]]:
    """The environment, the secrets as [variable, store, reference], and the command after `--`."""
    if "--" not in arguments:
        raise Misfit("nothing to do: a command follows `--`, such as: -- backfill spot")
    at = arguments.index("--")
    environment, secrets = "environment", []
    for word in arguments[:at]:
        name, _, value = word.partition("=")
        if name == "--environment":
            environment = value
        elif name == "--secret" and value.count("=") >= 2:
            secrets.append(value.split("=", 2))
        else:
            raise Misfit("{!r} is no option of this program".format(word))
    return environment, secrets, arguments[at + 1 :]


def found(environment: str) -> str:
    """The folder of the packed environment: where the service has unpacked it, else unpacked here."""
    path = environment[len("file://") :] if environment.startswith("file:///") else environment
    path = path[len("file:") :] if path.startswith("file:/") else path
    if os.path.isfile(path):
        return checked(unpacked(path))
    if os.path.isdir(path):
        return checked(os.path.abspath(path))
    of_spark = shipped(path)
    if of_spark is None:
        raise Misfit("the packed environment is not in {} as {!r}".format(os.getcwd(), environment))
    return checked(of_spark)


def shipped(name: str) -> Optional[str]:
    """Where Spark itself unpacks `spark.archives` for a driver that runs beside the cluster."""
    from pyspark import SparkFiles
    from pyspark.sql import SparkSession

    SparkSession.builder.getOrCreate()
    folder = os.path.join(SparkFiles.getRootDirectory(), os.path.basename(name))
    return folder if os.path.isdir(folder) else None


def unpacked(archive: str) -> str:
    """A folder that is whole under its name: several drivers of one machine may start at once."""
    import hashlib

    digest = hashlib.sha256()
    with open(archive, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    if digest.hexdigest() != PACKAGE["environment"]:
        raise Misfit("{} is not the environment of this package; send both again".format(archive))
    owned = "tradewind-{}-{}".format(os.getuid(), digest.hexdigest()[:16])
    folder = os.path.join(tempfile.gettempdir(), owned)
    if not os.path.isdir(folder):
        fresh = tempfile.mkdtemp(prefix=owned + "-")
        with tarfile.open(archive) as tar:
            checks: Dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            tar.extractall(fresh, **checks)
        try:
            os.rename(fresh, folder)
        except OSError:  # another one was quicker
            shutil.rmtree(fresh)
    if os.stat(folder).st_uid != os.getuid():
        raise Misfit("{} is another user's".format(folder))
    return folder


def checked(folder: str) -> str:
    """Raises Misfit where the folder is not the environment of this package."""
    try:
        with open(os.path.join(folder, MARK)) as file:
            mark = json.load(file)
    except (IOError, ValueError):
        mark = None
    if mark != PACKAGE["mark"]:
        raise Misfit("{} is not the environment of this package; send both again".format(folder))
    return folder


def run(secrets: List[List[str]], command: List[str]) -> int:
    """With the packed environment in reach: secrets, the configuration, the command."""
    from cli_tool.run import main as tradewind
    from cloud_jobs import secret_stores

    folder = tempfile.mkdtemp(prefix="tradewind-job-")
    try:
        os.environ.update(secret_stores.resolved(secrets))
        for name, text in PACKAGE["config"].items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return tradewind(["--config", os.path.join(folder, "tradewind.toml")] + command)
    except secret_stores.SecretsMissing as missing:
        sys.stderr.write("tradewind: {}\n".format(missing))
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        end_spark()


def end_spark() -> None:
    """A session that `shipped` began."""
    if "pyspark" in sys.modules:
        from pyspark.sql import SparkSession

        active = SparkSession.getActiveSession()
        if active is not None and "DATABRICKS_RUNTIME_VERSION" not in os.environ:
            active.stop()


if __name__ == "__main__":
    ended = main(sys.argv[1:])
    if ended:  # an exit of 0 counts as a failure where a notebook's Python runs this
        sys.exit(ended)
