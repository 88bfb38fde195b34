"""Profiles: a vendor's layout as data. Layouts that come with Tradewind stand in `layouts/*.toml`."""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from streaming.errors import ProfileError
from streaming.profiles.catalogue import path_of
from streaming.profiles.dialects import Dialect
from streaming.profiles.expressions import Pattern
from streaming.profiles.header_names import check_names
from streaming.profiles.line_rules import IgnoreRule, check_columns, without_columns
from streaming.profiles.overrides import merged
from streaming.profiles.rules import Columns, Frozen, TextRule, day, known_zone

SETTABLE = ("symbol", "venue", "currency", "account")


class PathRule(Frozen):
    """A regular expression with named groups, searched in the uri."""

    pattern: Pattern


class Match(Frozen):
    """What tells this layout from others: the file's name, names its header holds, its first record."""

    name: Pattern = ""
    header: tuple[str, ...] = ()
    first: Pattern = ""


class Identity(Frozen):
    """When two rows are the same trade.

    `id`: the same trade_id, symbol and venue, `unique` in the dataset or on a day. `content`: all
    values equal, and the n-th of its equals in the file; `scope` says whether other files' rows can be it. An id that
    stands twice in one file with different values sets the file aside where no version and no correction orders its
    states, unless `repeats` says that the later line is the newer state.
    """

    kind: Literal["id", "content"]
    unique: Literal["dataset", "day"] = "dataset"
    scope: Literal["across", "file"] = "across"
    repeats: Literal["refuse", "newest"] = "refuse"


class Dates(Frozen):
    """The zone in which a trade's date is read off its time."""

    zone: str = "UTC"

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        return known_zone(zone)


class Profile(Frozen):
    """A vendor's layout: dialect, columns, units, identity, and what the path tells."""

    name: str
    description: str = ""
    declared: str = Field(alias="version")
    source: str = ""  # the vendor's document that the layout follows
    since: date | None = None  # the first day of files in this layout, and the last
    until: date | None = None
    match: Match | None = None
    dialect: Dialect = Dialect()
    columns: Columns
    ignore: tuple[IgnoreRule, ...] = ()
    quotes_only: str | None = Field(default=None, min_length=1)  # why the layout holds no trades at all
    path: PathRule | None = None
    identity: Identity
    dates: Dates = Dates()
    partition: Literal["month", "day"] = "month"

    @model_validator(mode="before")
    @classmethod
    def _quotes_have_no_trades(cls, data: Any) -> Any:
        return without_columns(data)

    @model_validator(mode="after")
    def _rules_agree(self) -> Self:
        rules = self.columns.rules()
        groups = set(re.compile(self.path.pattern).groupindex) if self.path else set()
        for name, rule in rules.items():
            for group in rule.groups:
                if group not in groups:
                    raise ValueError(f'columns.{name}: [path] pattern has no group called "{group}"')
            for column in () if self.dialect.header else rule.reads:
                if column not in self.dialect.named:
                    raise ValueError(f'columns.{name}: dialect.columns holds no "{column}"')
        if "venue" not in rules:
            raise ValueError('columns.venue is missing; where there is but one, write venue = {const = "…"}')
        check_columns(self.ignore, self.dialect.header, self.dialect.named)
        check_names(self.used, self.dialect)
        self._check_identity(rules.keys())
        return self

    def _check_identity(self, named: Any) -> None:
        if self.identity.kind == "id" and "trade_id" not in named:
            raise ValueError('identity.kind = "id" needs columns.trade_id; without an id use "content"')
        if self.identity.kind == "content" and "trade_id" in named:
            raise ValueError('identity.kind = "content" takes no columns.trade_id; `keep` the column instead')
        action = self.columns.action
        if self.identity.kind == "content" and action and {"correct", "cancel"} & set(action.values.values()):
            raise ValueError('corrections and cancels need identity.kind = "id", to say of which trade')

    @classmethod
    def load(cls, name_or_path: str | Path, override: Mapping[str, Any] | None = None) -> "Profile":
        """The layout of that name, or the profile in that .toml file; raises ProfileError.

        `override` holds single settings over the file's, by dotted key: see streaming.profiles.overrides.
        """
        path = path_of(name_or_path)
        try:
            return cls.model_validate(merged(tomllib.loads(path.read_text("utf-8")), override or {}))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ProfileError(f"{path}: cannot be read as TOML: {error}") from error
        except ValidationError as error:
            raise ProfileError(f"{path}: {_explained(error)}") from error

    @property
    def version(self) -> str:
        """The declared version and a hash of all that the profile says, so that no change goes unseen."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return f"{self.declared}+{hashlib.sha256(content.encode()).hexdigest()[:8]}"

    @property
    def on_overwrite(self) -> Literal["merge", "replace"]:
        """What a new version of a file does to the trades of the one before, where the feed does not say."""
        # Without ids a changed line is another trade: the old one has to go with the old version.
        return "replace" if self.identity.kind == "content" else "merge"

    @property
    def repeats(self) -> Literal["refuse", "newest"]:
        """What an id that stands twice in one file with different values is: states that have an order are no fault."""
        action = self.columns.action
        amends = action is not None and {"correct", "cancel"} & set(action.values.values())
        return "newest" if self.columns.version or amends else self.identity.repeats

    @property
    def may_be_cut(self) -> bool:
        """Whether a plain file of this layout may be cut by byte range.

        Not where a line end may be a value's, where one is not a byte of its own, and where a trailer's totals
        are those of the whole file.
        """
        dialect = self.dialect
        return not dialect.newlines_in_values and dialect.encoding == "utf-8" and dialect.trailer is None

    @property
    def used(self) -> frozenset[str]:
        """The columns that the profile names, to read, to keep or to leave."""
        columns, trailer = self.columns, self.dialect.trailer
        read = [*(rule.reads for rule in columns.rules().values()), [rule.column for rule in self.ignore]]
        summed = [trailer.sum.column] if trailer and trailer.sum else []
        return frozenset(chain(*read, columns.keep, columns.ignore, self.dialect.named, summed))

    def with_values(self, values: Mapping[str, str]) -> "Profile":
        """The profile with constants of the feed (symbol, venue, currency, account) over its own rules."""
        for key in values:
            if key not in SETTABLE:
                raise ProfileError(f"values.{key}: a feed may set {', '.join(SETTABLE)}; nothing else")
        fixed = {key: TextRule(const=value) for key, value in values.items()}
        # Built anew: a copy would take the rules along that were looked up before.
        columns = Columns.model_construct(**{**dict(self.columns), **fixed})
        return self.model_copy(update={"columns": columns})

    def path_values(self, uri: str) -> dict[str, str]:
        """What the path tells: the pattern's named groups that took part in the match.

        The last match counts: what a file's name says goes before what a folder above it seems to say.
        """
        matches = list(re.finditer(self.path.pattern, uri)) if self.path else []
        return {key: text for key, text in matches[-1].groupdict().items() if text} if matches else {}

    def date_of(self, uri: str) -> date | None:
        """The path's `date` (YYYY-MM-DD or YYYYMMDD), if it holds a possible one."""
        return day(self.path_values(uri).get("date", ""))

    def sequence_of(self, uri: str) -> str | None:
        """The path's `sequence`, which orders the files of one date."""
        return self.path_values(uri).get("sequence")


def _explained(error: ValidationError) -> str:
    lines = []
    for fault in error.errors(include_url=False):
        key = ".".join(str(part) for part in fault["loc"])
        lines.append(f"{key}: {fault['msg'].removeprefix('Value error, ')}" if key else fault["msg"])
    return "; ".join(line.removeprefix("Value error, ") for line in lines)
