"""Java as tests start it: it lives for seconds, so it is compiled little and reads Spark's classes out of one file.

`python -m tests.quick_java` makes that file (class data sharing) beside the environment's programs, once.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import MutableMapping
from contextlib import suppress
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streaming import java

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

NAMES = SUBMIT, LAUNCHER = "SPARK_SUBMIT_OPTS", "SPARK_LAUNCHER_OPTS"
#: A file of classes that does not fit is passed over without a word.
OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -Xlog:disable"


def use(environ: MutableMapping[str, str] = os.environ) -> None:
    """From now on every Spark that has this environment starts so."""
    environ[SUBMIT] = environ[LAUNCHER] = OPTIONS
    with suppress(java.JavaMissing):
        if (classes := classes_file()).exists():
            environ[SUBMIT] += f' "-XX:SharedArchiveFile={classes}"'


def classes_file() -> Path:
    """Where the classes of this Spark are for this Java. Raises JavaMissing."""
    found, release = util.find_spec("pyspark"), _java().home / "release"
    assert found is not None and found.origin
    packages = Path(found.origin).parents[1]
    told = f"{packages} {metadata.version('pyspark')} {release.read_text() if release.exists() else release}"
    return packages / f"spark-classes-{hashlib.sha256(told.encode()).hexdigest()[:12]}.jsa"


def make(classes: Path) -> None:
    """Note which classes a stream loads, and write them down as Java has them in memory."""
    with tempfile.TemporaryDirectory() as folder:
        names, made = Path(folder) / "names", Path(folder) / "classes"
        path = _class_path(Path(folder), names)
        dump = ["-Xshare:dump", "-XX:+UseSerialGC", f"-XX:SharedClassListFile={names}", f"-XX:SharedArchiveFile={made}"]
        subprocess.run([_java().home / "bin" / "java", *dump, "-cp", path], capture_output=True, check=False)
        if made.exists():  # else this Java writes no such files, and tests only take longer
            fresh = classes.with_suffix(f".{os.getpid()}")
            shutil.copyfile(made, fresh)
            fresh.replace(classes)


def _class_path(folder: Path, names: Path) -> str:
    """That of a session which streams; its Java, gone by then, has written the names."""
    from streaming.session import local_session
    from streaming.settings import Settings

    os.environ[SUBMIT] = f"-XX:DumpLoadedClassList={names} -Xlog:disable"
    settings = Settings.model_validate({"state": {"dir": str(folder)}, "spark": {"master": "local[2]"}})
    session = local_session(settings)
    _stream(session, folder)
    gateway: Any = session.sparkContext._gateway
    path = str(gateway.jvm.System.getProperty("java.class.path"))
    session.stop()
    gateway.proc.stdin.close()
    gateway.proc.wait(60)
    return path


def _stream(session: "SparkSession", folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "a.json").write_text('{"a": "1"}\n')

    def take(batch: "DataFrame", number: int) -> None:
        batch.mapInArrow(lambda batches: batches, "a string").collect()

    stream = session.readStream.schema("a string").format("json").load(str(folder / "in")).writeStream
    stream.foreachBatch(take).option("checkpointLocation", str(folder / "checkpoint")).start().processAllAvailable()
    for query in session.streams.active:
        query.stop()


def _java() -> java.Java:
    return java.find(int(metadata.version("pyspark").split(".")[0]))


if __name__ == "__main__":
    if not classes_file().exists():
        make(classes_file())
