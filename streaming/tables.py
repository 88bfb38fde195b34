"""The tables of `tradewind.toml` but for the feeds: database, state, stream, batch, clouds, retention."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from streaming.errors import SettingsError
from streaming.locations import canonical
from streaming.units import ByteSize, Duration, byte_size, duration
from triggers.folders import KNOWN as KEPT_IN

Discovery = Literal["events", "listing", "sweep"]
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f]*:[0-9a-f:]+")
_ORIGIN = re.compile(r"https?://([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(:\d{1,5})?")


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _from_config(path: object, info: ValidationInfo) -> object:
    if not isinstance(path, str | Path):
        return path
    if re.match(r"[a-z0-9]+://", str(path)):
        raise ValueError(f"is a local folder or file in this version, not {path!r}")
    return folder_of_config(info) / Path(path).expanduser()


def folder_of_config(info: ValidationInfo) -> Path:
    return Path((info.context or {}).get("folder", Path.cwd()))


ConfigPath = Annotated[Path, BeforeValidator(_from_config)]


class Database(Table):
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
    uri = canonical(place, folder_of_config(info))
    if not uri.startswith(KEPT_IN):
        raise ValueError(f"is a folder or begins with one of {', '.join(KEPT_IN)}, not {place!r}")
    return uri


StatePlace = Annotated[str, BeforeValidator(_state_place)]


class State(Table):
    """The folder of checkpoints, journals and the embedded database; the first two may lie elsewhere, in a bucket."""

    dir: ConfigPath = Field(Path("state"), validate_default=True)
    journal: StatePlace | None = None
    checkpoints: StatePlace | None = None


class Stream(Table):
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


class Batch(Table):
    """How much is taken into one merge, and how it is cut over tasks. Sizes are bytes."""

    max_bytes: ByteSize = byte_size("512MiB")
    max_files: int = Field(10_000, ge=1)
    split_bytes: ByteSize = byte_size("32MiB")
    driver_bytes: ByteSize = byte_size("4MiB")
    driver_files: int = Field(16, ge=0)


class _Cloud(Table):
    """`connector` is where Spark's own access comes from, for prefixes in listing mode and for state in a bucket:
    "packages" (from Maven, when first needed), "provided" (the platform's), or a folder of jars."""

    connector: str = "packages"

    @field_validator("connector")
    @classmethod
    def _is_known_or_a_folder(cls, connector: str, info: ValidationInfo) -> str:
        if connector in ("packages", "provided"):
            return connector
        folder = folder_of_config(info) / Path(connector).expanduser()
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


class Retention(Table):
    """How long what is kept for looking back stays."""

    rejects: Duration = Field(duration("90d"))
    batches: Duration = Field(duration("90d"))
    runs: Duration = Field(duration("90d"))
    letters: Duration = Field(duration("90d"))
    journal: Duration = Field(duration("1d"))


class Airflow(Table):
    """Where actions are handed to, instead of being processes of the API: a DAG that runs `tradewind` with the words of
    `conf.command` and the environment TRADEWIND_RUN_ID = `conf.run_id`. `token_file` holds a token of Airflow's API and
    is read at every action."""

    url: str = Field(pattern=r"^https?://[^\s?#]+$")
    token_file: ConfigPath
    dag: str = Field("tradewind_command", pattern=r"^[A-Za-z0-9_.-]{1,250}$")


class Api(Table):
    """`tradewind serve`. On other addresses than this machine's it starts only where `tls = true` declares that a proxy
    in front speaks TLS, or `private = true` that no other machine reaches it, as in a container whose port is published
    on 127.0.0.1; `cors` are the origins of pages that may ask besides the API's own, `hosts` the names by which it is
    asked."""

    host: str = "127.0.0.1"
    port: int = Field(8420, ge=0, le=65535)
    tls: bool = False
    private: bool = False
    threads: int = Field(16, ge=2, le=256)
    max_sockets: int = Field(200, ge=1, le=10_000)
    cors: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    session: Duration = Field(duration("12h"))
    airflow: Airflow | None = None

    @field_validator("cors")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f'holds {origin!r}: an origin is "https://name" or "https://name:port", in small letters'
                )
        return origins

    @field_validator("hosts")
    @classmethod
    def _are_names(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not _HOST.fullmatch(host):
                raise ValueError(f"holds {host!r}: a host is a name or an address in small letters, without a port")
        return hosts

    @field_validator("session")
    @classmethod
    def _lasts(cls, session: timedelta) -> timedelta:
        if not timedelta(minutes=1) <= session <= timedelta(days=30):
            raise ValueError("is between a minute and 30 days")
        return session
