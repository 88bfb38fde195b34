"""A feed's table in `tradewind.toml`: where its files land, how they are read and found, what becomes of them."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from streaming.event_settings import Events, HookEvents
from streaming.locations import canonical
from streaming.tables import Discovery, Table, folder_of_config
from streaming.units import Ceiling, Duration, MaxRejects, duration
from triggers import completeness
from triggers.errors import BadPolicy, BadUri
from triggers.sources import Source

OnOverwrite = Literal["merge", "replace"]
Partition = Literal["month", "day"]
AfterLoad = Literal["keep", "archive", "delete"]
ReadWith = Literal["client", "spark"]
Calendar = Literal["every day", "weekdays"]
ONLY_BY_SPARK = ("dbfs:", "hdfs:")
FeedName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]


class Feed(Table):
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
    calendar: Calendar = "every day"
    after_load: AfterLoad = "keep"
    after_load_after: Duration = Field(duration("7d"))
    archive_to: str | None = None

    @field_validator("source", "archive_to")
    @classmethod
    def _canonical(cls, source: str | None, info: ValidationInfo) -> str | None:
        if source is None:
            return None
        try:
            uri = canonical(source, folder_of_config(info))
        except BadUri as error:
            raise ValueError(str(error)) from None
        # In a bucket a last slash says that a source is no file's name; on a disk that can be seen.
        is_folder = info.field_name == "source" and source.endswith("/") and not uri.startswith("file:")
        return f"{uri}/" if is_folder else uri

    @model_validator(mode="after")
    def _events_come_from_somewhere(self) -> Self:
        if self.events is not None and self.found_by != "events":
            raise ValueError(f'has a table [events], which discovery = "{self.found_by}" does not use')
        if self.found_by == "events" and self.events is None and not self.source.startswith("file:"):
            raise ValueError('with discovery = "events" needs a table [events] that names the queue')
        if self.events is not None and not self.events.tells_of(self.source):
            raise ValueError(f"has the events of {self.events.service}, which never tells of {self.source}")
        if isinstance(self.events, HookEvents) and self.by_spark:
            raise ValueError("has the events of a hook, whose API cannot look at files that only Spark can read")
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
        return str(folder_of_config(info) / Path(profile).expanduser()) if profile.endswith(".toml") else profile

    @field_validator("complete")
    @classmethod
    def _known_policy(cls, complete: str) -> str:
        try:
            completeness.parse(complete)
        except BadPolicy as error:
            raise ValueError(str(error).removeprefix("complete ")) from None
        return complete
