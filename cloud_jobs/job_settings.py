"""What every table `[jobs.NAME]` says; each service's own settings are a model beside its target."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from cloud_jobs.job import Secret, SecretStore, Size, Target
from cloud_jobs.shapes import refuse_unknown
from cloud_jobs.spark_settings import flattened

#: Where a package fits: wheels exist for these.
Architecture = Literal["x86_64", "aarch64"]
Python = Literal["3.11", "3.12", "3.13"]
SPARK = r"3\.5|4\.\d{1,2}"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_STORES: Mapping[SecretStore, re.Pattern[str]] = {
    "aws": re.compile(r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+"),
    "azure": re.compile(r"https://[a-z0-9-]+\.vault\.[a-z.]+/secrets/[A-Za-z0-9-]+(/[0-9a-f]{32})?"),
    "google": re.compile(r"projects/[^/\s]+/secrets/[^/\s]+(/versions/[^/\s]+)?"),
}


def _from_config(path: object, info: ValidationInfo) -> object:
    if not isinstance(path, str | Path):
        return path
    return Path((info.context or {}).get("folder", Path.cwd())) / Path(path).expanduser()


#: A folder of this machine; a relative one starts at the configuration's.
LocalFolder = Annotated[Path, BeforeValidator(_from_config)]


class SizeTable(BaseModel):
    """`[jobs.NAME.size]`: how much of a cluster the job takes. Memory in MiB."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    driver_cores: int = Field(1, ge=1, le=512)
    driver_memory: int = Field(2048, ge=512, le=4_194_304)
    executors: int = Field(2, ge=1, le=10_000)
    executor_cores: int = Field(1, ge=1, le=512)
    executor_memory: int = Field(2048, ge=512, le=4_194_304)

    @property
    def size(self) -> Size:
        return Size(**self.model_dump())


class JobSettings(BaseModel, ABC):
    """What all kinds share. A kind's model narrows `kind` and gives `target`."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    #: The clouds whose file systems the service's Spark has by itself: no connector is fetched for them.
    brings: ClassVar[frozenset[str]] = frozenset()
    #: The store that a reference without a cloud's own form is meant for; None: there is none.
    own_store: ClassVar[SecretStore | None] = None
    #: How an address of `packages` may begin.
    takes: ClassVar[tuple[str, ...]] = ()

    kind: str
    packages: str  # the folder that packages are put into: s3://, gs://, abfss://, dbfs:/Volumes/, file:
    python: Python = "3.11"
    architecture: Architecture = "x86_64"
    spark: str = Field("4.3", pattern=f"^({SPARK})$")
    size: SizeTable = SizeTable()
    conf: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict)

    @property
    def inherits(self) -> bool:
        """Whether the driver has the environment that `tradewind submit` was called in."""
        return False

    @abstractmethod
    def target(self) -> Target:
        """The service, reached with the official client. Raises MissingClient."""

    @property
    def fetches(self) -> bool:
        """Whether the cluster reads the package from `packages`; else it has it already."""
        return True

    def held(self) -> tuple[Secret, ...]:
        """The secrets, each with its store."""
        return tuple(Secret(name, self._store(ref), ref) for name, ref in self.secrets.items())

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, table: Any) -> Any:
        return refuse_unknown(table, cls.model_fields)

    @field_validator("spark", mode="before")
    @classmethod
    def _is_a_version(cls, version: object) -> object:
        if not re.fullmatch(SPARK, str(version)):
            raise ValueError(f'is "3.5", or "4.0" and later: the version of the service\'s Spark, not {version!r}')
        return version

    @field_validator("packages")
    @classmethod
    def _is_a_place(cls, place: str, info: ValidationInfo) -> str:
        if "file:" in cls.takes and not re.match(r"[a-z0-9]+:/", place):
            place = f"file:{_from_config(place, info)}"
        if cls.takes and not place.startswith(cls.takes):
            raise ValueError(f"begins with {' or '.join(cls.takes)}, not {place!r}")
        return place.rstrip("/")

    @field_validator("conf", mode="before")
    @classmethod
    def _flat(cls, table: object) -> object:
        if not isinstance(table, dict):
            raise ValueError(f"is a table of Spark's settings, not {table!r}")
        return flattened(table)

    @field_validator("secrets")
    @classmethod
    def _are_references(cls, secrets: dict[str, str]) -> dict[str, str]:
        for name, reference in secrets.items():
            if not _VARIABLE.fullmatch(name):
                raise ValueError(f"has {name!r}, which is no name of an environment variable, such as PGPASSWORD")
            cls._store(reference)
        return secrets

    @classmethod
    def _store(cls, reference: str) -> SecretStore:
        """Never tells what it was given: it may be the secret itself."""
        found = next((store for store, form in _STORES.items() if form.fullmatch(reference)), cls.own_store)
        if found is None or (found == cls.own_store and not re.fullmatch(r"\S+", reference)):
            raise ValueError(
                "holds no reference to a secret: it is an ARN of AWS Secrets Manager, https://VAULT.vault.azure.net/"
                "secrets/NAME, or projects/PROJECT/secrets/NAME; never the value itself"
            )
        return found
