"""Places as one canonical text, raw: `s3://bucket/a b/*.csv`; and the same places as Spark spells them."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from triggers.stores import azure_names
from triggers.stores.local import path_of, uri_of

SCHEMES = ("file", "s3", "abfss", "https", "gs", "dbfs", "hdfs")
#: Other names of the same stores.
_ALIASES = {"s3a": "s3", "s3n": "s3", "abfs": "abfss", "wasb": "abfss", "wasbs": "abfss"}
#: What Spark and Hadoop call a store, where it is not what everybody else does.
_HADOOP = {"s3": "s3a"}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
#: On Databricks a folder below this is a volume of Unity Catalog; elsewhere it is a folder like any other.
VOLUMES = "/Volumes/"
DATABRICKS = "DATABRICKS_RUNTIME_VERSION"


def canonical(source: str, folder: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The uri of a path or uri; relative paths start at `folder`. Raises ValueError for a foreign scheme."""
    if not source.strip():
        raise ValueError("is empty; give the folder or bucket path where the files land")
    found = _SCHEME.match(source)
    if found is None:
        if source.startswith(VOLUMES) and DATABRICKS in environ:
            return _plain("dbfs", source)
        return uri_of(folder / Path(source).expanduser())
    scheme = _ALIASES.get(found[1].lower(), found[1].lower())
    if scheme not in SCHEMES:
        raise ValueError(f"has the scheme {scheme!r}; served are a plain path and {', '.join(SCHEMES)}")
    return _SPELLINGS.get(scheme, _bucket)(scheme, source[found.end() :])


def _local(scheme: str, rest: str) -> str:
    return uri_of(path_of(f"{scheme}:{rest}"))


def _bucket(scheme: str, rest: str) -> str:
    if not re.match(r"//[^/]", rest):
        raise ValueError(f"names no bucket: write {scheme}://BUCKET/folder")
    return f"{scheme}:{rest.rstrip('/')}"


def _plain(scheme: str, rest: str) -> str:
    """`dbfs:/Volumes/…`, in whichever number of slashes."""
    return f"{scheme}:/{rest.strip('/')}"


def _named(scheme: str, rest: str) -> str:
    """`hdfs://name:8020/…`; `hdfs:/…` is the cluster's own, `hdfs:///…`."""
    return f"{scheme}:{rest.rstrip('/')}" if rest.startswith("//") else f"{scheme}:///{rest.strip('/')}"


def _azure(scheme: str, rest: str) -> str:
    """A container of Azure, which `https://ACCOUNT.blob…/CONTAINER/` names as well."""
    if scheme == "https" and re.search("[?#]", rest):
        raise ValueError("holds a ? or #, which mean something else in https: write abfss://CONTAINER@ACCOUNT…/folder")
    return azure_names.canonical(f"{scheme}:{rest}").rstrip("/")


_SPELLINGS: Mapping[str, Callable[[str, str], str]] = {
    "file": _local,
    "abfss": _azure,
    "https": _azure,
    "dbfs": _plain,
    "hdfs": _named,
}


def scheme_of(uri: str) -> str:
    """What stands before the colon."""
    return uri.partition(":")[0]


def spark_uri(uri: str) -> str:
    """The place as Spark spells it, to be taken literally: checkpoint locations are."""
    scheme, _, rest = uri.partition(":")
    return f"{_HADOOP.get(scheme, scheme)}:{rest}"


def spark_path(uri: str) -> str:
    """The place as Spark reads it: its spelling, and glob signs that stand for themselves."""
    return "".join(f"\\{c}" if c in "{}[]*?\\" else c for c in spark_uri(uri))


def uri_of_spark(path: str, prefix: str = "") -> str:
    """The canonical uri of a path that Spark's file source reports, which is raw, not percent-encoded (seen on Spark
    4.3 and 3.5). `prefix` is what was listed: `hdfs:///…` is reported with the name of its node."""
    scheme, _, rest = path.partition(":")
    if scheme == "file":
        return uri_of(path_of(path))
    if prefix.startswith(f"{scheme}:///") and rest.startswith("//"):
        rest = "///" + rest[2:].partition("/")[2]
    if _ALIASES.get(scheme, scheme) == "abfss":
        return azure_names.canonical(path)
    return f"{_ALIASES.get(scheme, scheme)}:{rest}"
