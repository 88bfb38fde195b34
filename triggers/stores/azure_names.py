"""The names of Azure's objects: many spellings, one canonical uri, `abfss://container@account.dfs.core.windows.net/path`.

After https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-introduction-abfs-uri and
https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-endpoints
"""

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote

from triggers.errors import BadUri

# ACCOUNT.blob.core.windows.net, ACCOUNT.z01.dfs.storage.azure.net, ACCOUNT.privatelink.blob.core.chinacloudapi.cn …
_HOST = re.compile(
    r"(?P<account>[a-z0-9]{3,24})(-secondary)?(?P<zone>\.z\d+)?(\.privatelink)?\.(?P<service>blob|dfs|queue)\.(?P<cloud>[a-z0-9.-]+)",
    re.IGNORECASE,
)
_CONTAINER = re.compile(r"(?=.{3,63}\Z)[a-z0-9]+(-[a-z0-9]+)*|\$root|\$web")
_HADOOP = re.compile(r"(abfss?|wasbs?)://(?P<container>[^@/]*)@(?P<host>[^/]*)(/(?P<path>.*))?", re.DOTALL)
_WEB = re.compile(r"https?://(?P<host>[^/]*)/(?P<container>[^/]*)(/(?P<path>[^?#]*))?([?#].*)?", re.DOTALL)
_EXAMPLE = "abfss://container@account.dfs.core.windows.net/path"


@dataclass(frozen=True, slots=True)
class Place:
    """A blob or the beginning of blobs' names; `path` is raw. `cloud` is `core.windows.net` or another one's."""

    account: str
    container: str
    path: str
    cloud: str = "core.windows.net"

    @property
    def uri(self) -> str:
        """The canonical spelling."""
        return f"abfss://{self.container}@{self.account}.dfs.{self.cloud}/{self.path}"

    @property
    def key(self) -> str:
        """The account's name, without the zone of accounts that have one."""
        return self.account.partition(".")[0]

    def url(self, service: str) -> str:
        """Where the account's blob or queue service answers."""
        return f"https://{self.account}.{service}.{self.cloud}"

    @property
    def folder(self) -> "Place":
        """The same as the beginning of names: `trades` does not take in `trades-old/`."""
        return self if not self.path or self.path.endswith("/") else self.at(f"{self.path}/")

    def at(self, path: str) -> "Place":
        """Another blob of this container."""
        return replace(self, path=path)


def place_of(uri: str) -> Place:
    """The place behind abfss, abfs, wasbs, wasb (raw) or https (percent-encoded) uris. Raises BadUri."""
    found = _HADOOP.fullmatch(uri) or _WEB.fullmatch(uri)
    host = _HOST.fullmatch(found["host"]) if found else None
    if found is None or host is None or host["service"] == "queue":
        raise BadUri(uri, f"it names no container and account of Azure: write {_EXAMPLE}")
    if not _CONTAINER.fullmatch(found["container"]):
        raise BadUri(uri, f"{found['container']!r} cannot be a container: 3 to 63 small letters, digits and hyphens")
    path = found["path"] or ""
    raw = path if found.re is _HADOOP else _decoded(uri, path)
    return Place(_account(host), found["container"], raw, host["cloud"].lower())


def queue_of(url: str) -> tuple[Place, str]:
    """The account (as a place without container and path) and the name behind a queue's url. Raises BadUri."""
    found = _WEB.fullmatch(url)
    host = _HOST.fullmatch(found["host"]) if found else None
    if found is None or host is None or host["service"] != "queue" or not found["container"] or found["path"]:
        raise BadUri(url, "it names no queue of Azure: write https://ACCOUNT.queue.core.windows.net/NAME")
    return Place(_account(host), "", "", host["cloud"].lower()), found["container"]


def canonical(uri: str) -> str:
    """The one spelling of a uri. Raises BadUri."""
    return place_of(uri).uri


def _account(host: re.Match[str]) -> str:
    return f"{host['account']}{host['zone'] or ''}".lower()


def _decoded(uri: str, path: str) -> str:
    try:
        return unquote(path, errors="strict")
    except UnicodeDecodeError:
        raise BadUri(uri, "what is percent-encoded in it is not UTF-8") from None
