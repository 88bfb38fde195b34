"""Which Hadoop the installed Spark brings."""

import os
import re
from pathlib import Path


def hadoop_version() -> str:
    """Of the Hadoop that comes with the installed Spark, `3.5.0`; empty where it cannot be told."""
    import pyspark

    home = Path(os.environ.get("SPARK_HOME") or Path(pyspark.__file__).parent)
    named = (re.fullmatch(r"hadoop-client-api-(.+)\.jar", jar.name) for jar in (home / "jars").glob("hadoop-*.jar"))
    return next((found[1] for found in named if found), "")
