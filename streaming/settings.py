"""`tradewind.toml`, checked whole before anything starts; nothing in it is silently ignored."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator

from cloud_jobs.spark_settings import flattened
from cloud_jobs.targets import AnyJob
from sinks import embedded
from streaming import settings_faults
from streaming.errors import SettingsError
from streaming.event_settings import HookEvents
from streaming.feed_settings import Feed, FeedName
from streaming.hook_settings import Hooks
from streaming.tables import S3, Api, Azure, Batch, Database, Gcs, Retention, State, Stream, Table
from triggers.folders import Folder, folder_of
from triggers.stores import Stores
from triggers.stores.access import Access, AzureAccess, GcsAccess, S3Access
from triggers.stores.local import uri_of

DEFAULT_FILE = "tradewind.toml"
CONFIG_VARIABLE = "TRADEWIND_CONFIG"
DATABASE_VARIABLE = "TRADEWIND_DATABASE_URL"
_MASTER = re.compile(r"local(\[(\*|\d+)(, *\d+)?\])?|local-cluster\[[\d, ]+\]|yarn|[a-z][a-z0-9+.-]*://.+")
#: A name in every service.
JobName = Annotated[str, StringConstraints(pattern=r"^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$")]
_MASTERS = 'a text such as "local[4]", "local[*]", "yarn" or "spark://host:7077"'


class Settings(Table):
    """The whole configuration; paths in it are absolute, sizes are bytes, durations timedeltas."""

    database: Database = Field(default_factory=Database)
    state: State = Field(default_factory=State)
    feeds: dict[FeedName, Feed] = Field(default_factory=dict)
    stream: Stream = Field(default_factory=Stream)
    batch: Batch = Field(default_factory=Batch)
    retention: Retention = Field(default_factory=Retention)
    spark: dict[str, str] = Field(default_factory=dict)
    s3: S3 = Field(default_factory=S3)
    azure: Azure = Field(default_factory=Azure)
    gcs: Gcs = Field(default_factory=Gcs)
    api: Api = Field(default_factory=Api)
    hooks: Hooks = Field(default_factory=Hooks)
    jobs: dict[JobName, AnyJob] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _state_beside_the_file(cls, data: Any) -> Any:
        # A default_factory sees no context; an empty table does.
        return {"state": {}, **data} if isinstance(data, dict) else data

    @field_validator("spark", mode="before")
    @classmethod
    def _flat(cls, table: object) -> object:
        if not isinstance(table, dict):
            raise ValueError(f'is a table of settings as Spark names them, such as master = "local[4]", not {table!r}')
        confs = flattened(table)
        master = confs.get("spark.master", "local")
        if not _MASTER.fullmatch(master):
            raise ValueError(f"has master = {master!r}: it is {_MASTERS}")
        return confs

    @field_validator("feeds")
    @classmethod
    def _own_names(cls, feeds: dict[str, Feed]) -> dict[str, Feed]:
        folded = [name.lower() for name in feeds]
        if len(set(folded)) < len(folded):
            raise ValueError("has names that differ only in upper and lower case: they would share a folder")
        return feeds

    @model_validator(mode="after")
    def _hooks_know_whom_to_believe(self) -> Self:
        for name, feed in self.feeds.items():
            if isinstance(feed.events, HookEvents) and self.hooks.of(feed.events.hook) is None:
                raise ValueError(
                    f"has feeds.{name}.events.hook = {feed.events.hook!r} and no table [hooks.{feed.events.hook}] that "
                    "says whom to believe"
                )
        return self

    @property
    def journals(self) -> Folder:
        """Where the journals of all feeds are."""
        return folder_of(self.state.journal or uri_of(self.state.dir / "journal"), self.access)

    @property
    def checkpoints(self) -> Folder:
        """Where the checkpoints of all feeds are."""
        return folder_of(self.state.checkpoints or uri_of(self.state.dir / "checkpoints"), self.access)

    @property
    def stores(self) -> Stores:
        """Where files lie, reached as the tables [s3], [azure] and [gcs] say; but see `FeedPlan.stores`."""
        return Stores(self.access)

    @property
    def access(self) -> Access:
        """The tables [s3], [azure] and [gcs], without what is Spark's alone."""
        s3, azure, gcs = (table.model_dump(exclude={"connector"}) for table in (self.s3, self.azure, self.gcs))
        return Access(S3Access(**s3), AzureAccess(**azure), GcsAccess(**gcs))

    def dsn(self) -> str:
        """The database's address with its password; starts or joins the embedded server. Never log it."""
        url = embedded.dsn(self.database.url, self.state.dir, self.database.postgres_version)
        return _with_password(url, self.database.password())

    def direct_dsn(self) -> str:
        """The address for session locks and LISTEN: `database.direct_url` if there is one, else `dsn()`."""
        if self.database.direct_url is None:
            return self.dsn()
        return _with_password(self.database.direct_url, self.database.password())


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Reads and checks the file: `path`, else TRADEWIND_CONFIG, else ./tradewind.toml.

    TRADEWIND_DATABASE_URL replaces database.url and may hold a password, which the file may not. Raises
    SettingsError with every fault of the file at once.
    """
    path = place_of(path, environ)
    text = _read(path)
    data = settings_faults.parsed(text, path)
    settings_faults.refuse_passwords(data, text, path)
    if url := environ.get(DATABASE_VARIABLE):
        data.setdefault("database", {})["url"] = url
    try:
        return Settings.model_validate(data, context={"folder": path.parent})
    except ValidationError as error:
        raise SettingsError(settings_faults.described(error, Settings, text, path)) from None


def place_of(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Where the file is that `load` reads."""
    return Path(path or environ.get(CONFIG_VARIABLE) or DEFAULT_FILE).expanduser().absolute()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError(
            f"{path} does not exist. `tradewind init` writes one; --config or {CONFIG_VARIABLE} names it."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error


def _with_password(url: str, password: str | None) -> str:
    parts = urlsplit(url)
    if password is None or parts.password:
        return url
    user, at, host = parts.netloc.rpartition("@")
    owner = f"{user.rstrip(':')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{owner}{at or '@'}{host}"))
