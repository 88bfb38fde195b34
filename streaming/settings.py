"""`tradewind.toml`, checked whole before anything starts; nothing in it is silently ignored."""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from streaming.event_settings import Events
from streaming.locations import canonical
from streaming.units import ByteSize, Ceiling, Duration, MaxRejects, byte_size, duration
from triggers import completeness
from triggers.errors import BadPolicy, BadUri
from triggers.folders import KNOWN as KEPT_IN
from triggers.folders import Folder, folder_of
from triggers.sources import Source
from triggers.stores import Stores
from triggers.stores.access import Access, AzureAccess, GcsAccess, S3Access
from triggers.stores.local import uri_of

DEFAULT_FILE = "tradewind.toml"
CONFIG_VARIABLE = "TRADEWIND_CONFIG"
DATABASE_VARIABLE = "TRADEWIND_DATABASE_URL"

Discovery = Literal["events", "listing", "sweep"]
OnOverwrite = Literal["merge", "replace"]
Partition = Literal["month", "day"]
AfterLoad = Literal["keep", "archive", "delete"]
_MASTER = re.compile(r"local(\[(\*|\d+)(, *\d+)?\])?|local-cluster\[[\d, ]+\]|yarn|[a-z][a-z0-9+.-]*://.+")
_MASTERS = 'a text such as "local[4]", "local[*]", "yarn" or "spark://host:7077"'
ReadWith = Literal["client", "spark"]
ONLY_BY_SPARK = ("dbfs:", "hdfs:")
FeedName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]


class SettingsError(ValueError):
    """The configuration cannot be used; the message names file, lines and keys, and what is allowed."""

    exit_code = 2


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _from_config(path: object, info: ValidationInfo) -> object:
    if not isinstance(path, str | Path):
        return path
    if re.match(r"[a-z0-9]+://", str(path)):
        raise ValueError(f"is a local folder or file in this version, not {path!r}")
    return _folder(info) / Path(path).expanduser()


def _folder(info: ValidationInfo) -> Path:
    return Path((info.context or {}).get("folder", Path.cwd()))


ConfigPath = Annotated[Path, BeforeValidator(_from_config)]


class Database(_Table):
    """Where trades go. `max_writers` bounds the connections that copy at once, over all processes."""

    url: str = Field("embedded", repr=False)
    direct_url: str | None = Field(None, repr=False)
    max_writers: int = Field(4, ge=1, le=1000)
    postgres_version: Literal[16, 18] = 18
    password_file: ConfigPath | None = None

    @field_validator("url", "direct_url")
    @classmethod
    def _is_postgresql(cls, url: str | None) -> str | None:
        if url not in (None, "embedded") and not re.match(r"postgres(ql)?://", str(url)):
            raise ValueError('is "embedded" or postgresql://user@host:port/database')
        return url

    @model_validator(mode="after")
    def _direct_url_has_its_server(self) -> Self:
        if self.direct_url and self.url == "embedded":
            raise ValueError('has a direct_url, which has no meaning with url = "embedded": remove one of them')
        return self

    def password(self) -> str | None:
        """The content of `password_file` without its last line end. Raises SettingsError if unreadable."""
        if self.password_file is None:
            return None
        try:
            return self.password_file.read_text().rstrip("\r\n")
        except OSError as error:
            raise SettingsError(f"database.password_file: {error}") from error


def _state_place(place: object, info: ValidationInfo) -> object:
    if not isinstance(place, str):
        return place
    uri = canonical(place, _folder(info))
    if not uri.startswith(KEPT_IN):
        raise ValueError(f"is a folder or begins with one of {', '.join(KEPT_IN)}, not {place!r}")
    return uri


StatePlace = Annotated[str, BeforeValidator(_state_place)]


class State(_Table):
    """The folder of checkpoints, journals and the embedded database; the first two may lie elsewhere, in a bucket."""

    dir: ConfigPath = Field(Path("state"), validate_default=True)
    journal: StatePlace | None = None
    checkpoints: StatePlace | None = None


class Feed(_Table):
    """A source prefix, the profile that reads it, and how its files are found.

    `values` are constants of this feed over the profile's rules: symbol, venue, currency, account. `override`
    sets any key of the profile anew, dotted: {"columns.price.scale": 100}.
    """

    source: str
    profile: str
    dataset: FeedName | None = None
    discovery: Discovery | None = None
    complete: str = "auto"
    max_rejects: MaxRejects = Field(Ceiling.parse("1%"))
    on_overwrite: OnOverwrite | None = None
    partition: Partition | None = None
    values: dict[str, str] = Field(default_factory=dict)
    override: dict[str, Any] = Field(default_factory=dict)
    events: Events | None = None
    read_with: ReadWith | None = None
    name_order: bool = False
    after_load: AfterLoad = "keep"
    after_load_after: Duration = Field(duration("7d"))
    archive_to: str | None = None

    @field_validator("source", "archive_to")
    @classmethod
    def _canonical(cls, source: str | None, info: ValidationInfo) -> str | None:
        if source is None:
            return None
        try:
            return canonical(source, _folder(info))
        except BadUri as error:
            raise ValueError(str(error)) from None

    @model_validator(mode="after")
    def _events_come_from_somewhere(self) -> Self:
        if self.events is not None and self.found_by != "events":
            raise ValueError(f'has a table [events], which discovery = "{self.found_by}" does not use')
        if self.found_by == "events" and self.events is None and not self.source.startswith("file:"):
            raise ValueError('with discovery = "events" needs a table [events] that names the queue')
        if self.events is not None and not self.events.tells_of(self.source):
            raise ValueError(f"has the events of {self.events.service}, which never tells of {self.source}")
        return self

    @model_validator(mode="after")
    def _archive_is_another_place(self) -> Self:
        if (self.archive_to is not None) != (self.after_load == "archive"):
            raise ValueError('needs archive_to with after_load = "archive", and has no use for it otherwise')
        if self.after_load != "keep" and self.by_spark:
            raise ValueError('is read through Spark, which removes nothing: after_load has to be "keep"')
        if self.after_load == "keep" and "after_load_after" in self.model_fields_set:
            raise ValueError('has after_load_after, which after_load = "keep" does not use')
        if self.archive_to is not None:
            self._check_place(Source.parse(self.source), f"{self.archive_to}/")
        return self

    def _check_place(self, source: Source, place: str) -> None:
        if source.prefix.startswith(place) or (place.startswith(source.prefix) and source.glob is None):
            raise ValueError("has an archive_to within its own source: what is archived would be found again")
        if place.partition(":")[0] != source.prefix.partition(":")[0]:
            raise ValueError("has an archive_to in another store than its source: objects move within one")

    @property
    def found_by(self) -> Discovery:
        """How new files are found: as set, else by events where the kernel or a queue gives them."""
        if self.discovery is not None:
            return self.discovery
        return "events" if self.events is not None or self.source.startswith("file:") else "sweep"

    @property
    def by_spark(self) -> bool:
        """Whether files are listed and read through Spark: as set, else where nobody else can."""
        return self.source.startswith(ONLY_BY_SPARK) if self.read_with is None else self.read_with == "spark"

    @field_validator("profile")
    @classmethod
    def _from_config(cls, profile: str, info: ValidationInfo) -> str:
        return str(_folder(info) / Path(profile).expanduser()) if profile.endswith(".toml") else profile

    @field_validator("complete")
    @classmethod
    def _known_policy(cls, complete: str) -> str:
        try:
            completeness.parse(complete)
        except BadPolicy as error:
            raise ValueError(str(error).removeprefix("complete ")) from None
        return complete


class Stream(_Table):
    """The live query. `health_port` 0 takes a free one; false switches the health page off (None here). How often is
    swept depends on how the feed is discovered, unless it is set. With
    `listen` false the stream leaves the queues to `tradewind listen`."""

    trigger: Duration = Field(duration("50 milliseconds"))
    health_port: int | None = Field(0, ge=0, le=65535)
    listen: bool = True
    sweep_every: Duration | None = None
    full_sweep_every: Duration | None = None

    @field_validator("health_port", mode="before")
    @classmethod
    def _false_is_off(cls, port: object) -> object:
        if port is True:
            raise ValueError("is a port, 0 for a free one, or false to switch the health page off")
        return None if port is False else port

    def sweeps_every(self, discovery: Discovery) -> timedelta:
        """How often a feed is swept: sooner where nothing else finds its files."""
        return self.sweep_every or (duration("10s") if discovery == "sweep" else duration("10min"))

    def full_sweeps_every(self, discovery: Discovery) -> timedelta:
        """How often every object is looked at, whatever its name and whether or not it has moved."""
        return self.full_sweep_every or (duration("1h") if discovery == "sweep" else duration("6h"))

    @property
    def processing_time(self) -> str:
        """The trigger as Spark takes it."""
        return f"{int(self.trigger.total_seconds() * 1000)} milliseconds"


class Batch(_Table):
    """How much is taken into one merge, and how it is cut over tasks. Sizes are bytes."""

    max_bytes: ByteSize = byte_size("512MiB")
    max_files: int = Field(10_000, ge=1)
    split_bytes: ByteSize = byte_size("32MiB")
    driver_bytes: ByteSize = byte_size("4MiB")
    driver_files: int = Field(16, ge=0)


class _Cloud(_Table):
    """`connector` is where Spark's own access comes from, for prefixes in listing mode and for state in a bucket:
    "packages" (from Maven, when first needed), "provided" (the platform's), or a folder of jars."""

    connector: str = "packages"

    @field_validator("connector")
    @classmethod
    def _is_known_or_a_folder(cls, connector: str, info: ValidationInfo) -> str:
        if connector in ("packages", "provided"):
            return connector
        folder = _folder(info) / Path(connector).expanduser()
        if not any(folder.glob("*.jar")):
            raise ValueError(f'is "packages", "provided" or a folder of jars; there are none in {folder}')
        return str(folder)


class S3(_Cloud):
    """How S3 is reached, and SQS beside it. Credentials come from AWS's own chain (environment, ~/.aws, the machine's
    role), never from this file."""

    endpoint: str | None = None
    region: str | None = None
    profile: str | None = None
    anonymous: bool = False


class Azure(_Cloud):
    """How Azure Blob and Queue storage are reached; credentials come from DefaultAzureCredential or the environment."""

    endpoint: str | None = None
    queue_endpoint: str | None = None
    anonymous: bool = False


class Gcs(_Cloud):
    """How Google Cloud Storage and Pub/Sub are reached; credentials are the application's default ones."""

    endpoint: str | None = None
    pubsub_endpoint: str | None = None
    project: str | None = None
    anonymous: bool = False


class Retention(_Table):
    """How long what is kept for looking back stays."""

    rejects: Duration = Field(duration("90d"))
    batches: Duration = Field(duration("90d"))
    runs: Duration = Field(duration("90d"))
    letters: Duration = Field(duration("90d"))
    journal: Duration = Field(duration("1d"))


class Settings(_Table):
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
        confs = dict(_confs(table))
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
        from sinks import embedded

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
    from streaming import settings_faults

    path = Path(path or environ.get(CONFIG_VARIABLE) or DEFAULT_FILE).expanduser().absolute()
    text = _read(path)
    data = settings_faults.parsed(text, path)
    settings_faults.refuse_passwords(data, text, path)
    if url := environ.get(DATABASE_VARIABLE):
        data.setdefault("database", {})["url"] = url
    try:
        return Settings.model_validate(data, context={"folder": path.parent})
    except ValidationError as error:
        raise SettingsError(settings_faults.described(error, Settings, text, path)) from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError(
            f"{path} does not exist. `tradewind init` writes one; --config or {CONFIG_VARIABLE} names it."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error


def _confs(table: Mapping[str, object], above: str = "") -> list[tuple[str, str]]:
    """Flattens `[spark]`: TOML reads a.b.c as tables in tables. `master` means spark.master.

    Raises ValueError for lists and dates.
    """
    found = []
    for key, value in table.items():
        name = f"{above}{key}"
        if isinstance(value, dict):
            found += _confs(value, f"{name}.")
        elif isinstance(value, str | int | float):
            full = name if name.startswith("spark.") else f"spark.{name}"
            found.append((full, str(value).lower() if isinstance(value, bool) else str(value)))
        else:
            raise ValueError(f"has {name} = {value!r}: a setting of Spark is a text, a number, true or false")
    return found


def _with_password(url: str, password: str | None) -> str:
    parts = urlsplit(url)
    if password is None or parts.password:
        return url
    user, at, host = parts.netloc.rpartition("@")
    owner = f"{user.rstrip(':')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{owner}{at or '@'}{host}"))
