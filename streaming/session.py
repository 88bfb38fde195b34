"""The Spark session: an existing one where there is one, else a quiet local one of our own."""

import os
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from streaming import cloud_options, connectors, java
from streaming.errors import SparkFailed
from streaming.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from streaming.feeds import FeedPlan

LOG_CONFIGURATION = Path(__file__).with_name("log4j2.properties")
#: What the job wants of any Spark.
ANYWHERE = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # A batch is a list of files or splits: few rows, each much work.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "10000",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.streaming.stopTimeout": "3s",
}
DEFAULTS = {
    "spark.master": "local[*]",
    "spark.app.name": "tradewind",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    **ANYWHERE,
}
#: Set by spark-submit for the program that it runs: Java is there already, and knows its master.
SUBMITTED = "PYSPARK_GATEWAY_PORT"
_SUBMITTERS = ("spark.master", "spark.remote", "spark.submit.", "spark.driver.host", "spark.driver.bindAddress")

# Spark's default for its logs sets the rights of every file by a process of its own (chmod), which takes a tenth of a
# second a batch; this one, also Spark's, does not. Both rename a whole file in. The first name is that of newer Sparks.
# On S3 a rename is a copy and a deletion: the log file still appears whole or not at all, and a stream has its
# checkpoint to itself, so that it need not be exclusive. A platform's writer that needs no rename is taken instead.
LOG_WRITER = "spark.sql.streaming.checkpointFileManagerClass"
_S3_LOG_WRITER = "org.apache.spark.internal.io.cloud.AbortableStreamBasedCheckpointFileManager"
_LOG_WRITERS = (
    "org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager",
    "org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager",
)


def local_session(settings: Settings, plans: Iterable["FeedPlan"] = ()) -> "SparkSession":
    """The active session if there is one; under spark-submit one on its master; else one by the settings: remote if
    they name one, else local.

    It can reach what Spark itself must for these feeds, as far as that can be set: `connectors.check` tells.
    Raises JavaMissing when a local one has no Java to run on, ConnectorMissing and SparkFailed.
    """
    from pyspark.sql import SparkSession

    clouds = connectors.clouds_of(connectors.places(settings, plans))
    if (active := SparkSession.getActiveSession()) is not None:
        return _reaching(active, settings, clouds)
    if SUBMITTED in os.environ:
        return _submitted_session(settings, clouds)
    confs = {**DEFAULTS, **settings.spark}
    if remote := confs.get("spark.remote"):
        return _reaching(_remote_session(remote, settings), settings, clouds)
    prepare_environment(settings.state.dir)
    confs |= connectors.confs(settings, clouds, confs)
    options = confs.get("spark.driver.extraJavaOptions", "")
    confs["spark.driver.extraJavaOptions"] = f"-Dlog4j2.configurationFile={LOG_CONFIGURATION.as_uri()} {options}"
    confs.setdefault("spark.sql.warehouse.dir", str(settings.state.dir / "spark-warehouse"))
    session = _started(confs, clouds)
    connectors.remember(session, settings, clouds)
    return session


def _submitted_session(settings: Settings, clouds: list[connectors.Cloud]) -> "SparkSession":
    """What the submitter says of the cluster stays; the settings' own master and driver's address are for here."""
    from pyspark import SparkConf, SparkContext

    SparkContext._ensure_initialized()
    given = dict(SparkConf().getAll())
    own = {name: value for name, value in settings.spark.items() if not name.startswith(_SUBMITTERS)}
    confs = {**ANYWHERE, **own, **given}
    for cloud in clouds:
        for name, value in cloud_options.options(cloud, settings).items():
            confs.setdefault(f"spark.hadoop.{name}", value)
    return _started(confs, clouds)


def _started(confs: dict[str, str], clouds: Iterable[connectors.Cloud]) -> "SparkSession":
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    for key, value in confs.items():
        builder = builder.config(key, value)
    try:
        session = _writing_logs_fast(builder.getOrCreate(), confs, "s3" in clouds)
    except (Py4JError, PySparkException) as error:
        raise SparkFailed(_told(error)) from error
    for cloud in clouds:
        for name, secret in cloud_options.secrets(cloud).items():
            session.conf.set(name, secret)
    return session


def _told(error: Exception) -> str:
    """Java's own message where it has one, without the trace."""
    thrown = getattr(error, "java_exception", None)
    return str(thrown.toString() if thrown is not None else error)


def _reaching(session: "SparkSession", settings: Settings, clouds: Iterable[connectors.Cloud]) -> "SparkSession":
    """A session of the platform's, with what it was not told of a cloud; what it says itself stays."""
    for cloud in clouds:
        for name, value in cloud_options.options(cloud, settings).items():
            if session.conf.get(name, None) is None:
                session.conf.set(name, value)
    return session


def _writing_logs_fast(session: "SparkSession", confs: dict[str, str], on_s3: bool) -> "SparkSession":
    names = (_S3_LOG_WRITER, *_LOG_WRITERS) if on_s3 else _LOG_WRITERS
    known = next(filter(partial(_has_class, session), names), None)
    if known and LOG_WRITER not in confs:
        session.conf.set(LOG_WRITER, known)
    return session


def _has_class(session: "SparkSession", name: str) -> bool:
    from py4j.protocol import Py4JJavaError

    try:
        return bool(session._jvm.org.apache.spark.util.Utils.classForName(name, True, False))  # type: ignore[union-attr]
    except Py4JJavaError:
        return False


def prepare_environment(state_dir: Path) -> None:
    """Sets what a local Spark takes from the environment: Java and the Python of its workers."""
    import pyspark

    found = java.find(int(pyspark.__version__.split(".")[0]))
    os.environ["JAVA_HOME"] = str(java.home_for_spark(found, state_dir))
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable


def _remote_session(remote: str, settings: Settings) -> "SparkSession":
    from pyspark.sql import SparkSession

    if remote.startswith("local"):
        prepare_environment(settings.state.dir)
    session = SparkSession.builder.remote(remote).getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session
