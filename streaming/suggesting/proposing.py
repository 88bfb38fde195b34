"""A profile proposed for files of no known layout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from streaming.errors import SuggestError
from streaming.suggesting.clock import Clock, clock_of
from streaming.suggesting.dialect import Cut, cut
from streaming.suggesting.kinds import Column, columns_of
from streaming.suggesting.meanings import action_of, no_trades, side_of
from streaming.suggesting.names import plain, score, sure
from streaming.suggesting.paths import Told, told
from streaming.suggesting.roles import Roles, roles_of
from streaming.suggesting.said import Proposal, Said
from streaming.suggesting.sample import Sample

_ORDER = (
    "trade_id",
    "symbol",
    "venue",
    "event_time",
    "side",
    "price",
    "quantity",
    "currency",
    "account",
    "version",
    "action",
)


def proposed(samples: Sequence[Sample], name: str) -> tuple[Proposal, list[Column]]:
    """A proposal and what the columns hold. Raises SuggestError where no trade can be read off the sample."""
    found = cut(samples[0])
    for other in samples[1:]:
        _append(found, samples[0], other)
    columns = columns_of(found)
    files = [one.name for one in samples[:3]]
    return _Proposing(found, columns, [one.uri for one in samples], files, name).done(), columns


def _append(found: Cut, first: Sample, other: Sample) -> None:
    more = cut(other)
    if more.names != found.names or more.settings["delimiter"] != found.settings["delimiter"]:
        raise SuggestError(
            f"{other.name} is of another layout than {first.name} ({', '.join(more.names)[:200]}): "
            "have a profile suggested for each by itself"
        )
    found.rows += more.rows


def _may_be_flag(column: Column) -> bool:
    plain_words = column.numbers is None or column.numbers.whole
    return plain_words and not column.is_day and all(len(text) <= 12 for text in column.distinct)


def _trimming(rule: Any, padded: set[str]) -> Any:
    if isinstance(rule, str):
        return {"column": rule, "trim": True} if rule in padded else rule
    made = dict(rule)
    if isinstance(made.get("date"), dict):
        made["date"] = _trimming(made["date"], padded)
    return made | ({"trim": True} if made.get("column") in padded else {})


class _Proposing:
    def __init__(self, found: Cut, columns: list[Column], uris: list[str], files: list[str], name: str) -> None:
        self.cut, self.columns, self.uris, self.files = found, columns, uris, files
        self.clock: Clock = clock_of(columns, uris, found.header)
        self.roles: Roles = roles_of(columns, found.header, self.clock.columns)
        self.names = self._names()
        self.path: Told | None = None
        self.made = Proposal(top={"name": Said(name), "version": Said("1")})

    def done(self) -> Proposal:
        """The whole of it."""
        for role in ("price", "quantity"):
            if role not in self.roles.columns:
                raise SuggestError(self._missing(role))
        self.made.dialect = self._dialect()
        self._path()
        rules = {"event_time": self._time(), **self._texts(), **self._numbers(), **self._side(), **self._action()}
        rules = {role: self._trimmed(said) for role, said in rules.items()}
        self.made.columns = {role: rules[role] for role in _ORDER if role in rules} | self._rest()
        self.made.top["description"] = Said(f"Proposed from {', '.join(self.files)}").asking(*self._left())
        if self.clock.local:
            self.made.dates = {"zone": Said("UTC", ("the zone in which a trade's date is read: that of the times",))}
        self.made.identity = self._identity()
        return self.made

    def _missing(self, role: str) -> str:
        seen = ", ".join(f"{one.name} ({one.kind})" for one in self.columns[:30])
        quotes = [one for one in self.columns if re.search(r"\b(?:bid|ask)\b", plain(one.name))]
        hint = "; bid and ask are quotes, no trades" if len(quotes) > 1 else ""
        return f"no column can be told to be the {role}{hint}: the columns are {seen}"

    def _names(self) -> dict[Column, str]:
        """The columns' names in the profile: without a header they are called by what they are taken for."""
        if self.cut.header:
            return {one: one.name for one in self.columns}
        by_role = {one: re.sub(r"time \d", "time", role) for role, one in self.roles.columns.items()}
        if len(self.clock.columns) == 2:
            by_role[self.clock.columns[1]] = "date"
        return {one: by_role.get(one, one.name) for one in self.columns}

    def _name(self, role: str) -> str:
        return self.names[self.roles.columns[role]]

    def _dialect(self) -> dict[str, Said]:
        settings = dict(self.cut.settings)
        if not self.cut.header:
            why = "no header: the names are made up"
            settings = {"header": Said(False), "columns": Said(list(self.names.values()), (why,)), **settings}
        if "shapes" in settings:
            settings["shapes"] = settings.pop("shapes")
        return {key: said for key, said in settings.items() if (key, said.value) != ("delimiter", ",")}

    def _path(self) -> None:
        self.path = told(self.uris, date=True, symbol="symbol" not in self.roles.columns)
        self.path = self.path or told(self.uris, date=True, symbol=False)
        if self.path:
            seen = ", ".join(f"{key} {text}" for key, text in self.path.values.items())
            self.made.path = {"pattern": Said(self.path.pattern, (f"finds {seen}",))}

    def _time(self) -> Said:
        said, names = self.clock.said, {one.name: self.names[one] for one in self.clock.columns}
        rule = dict(said.value)
        rule |= {"column": names[rule["column"]]} if "column" in rule else {}
        if isinstance(rule.get("date"), dict):
            rule["date"] = rule["date"] | {"column": names[rule["date"]["column"]]}
        return Said(rule, said.because, said.questions)

    def _trimmed(self, said: Said) -> Said:
        """The rule, made to take off blanks where they stand around its texts in the sample."""
        padded = {self.names[one] for one in self.columns if one.padded}
        return Said(_trimming(said.value, padded), said.because, said.questions)

    def _left(self) -> Iterator[str]:
        """What columns without a part in the profile may tell all the same."""
        free = [one for one in self.roles.free(self.columns) if 1 < len(one.distinct) <= 4]
        for one in free:
            if not one.empty and sure(score(one.name, "action")) and "side" in self.roles.columns:
                listed = ", ".join(sorted(one.distinct))
                yield f'"{self.names[one]}" holds {listed}: is each of these a new trade, and none a cancelled one?'
        flags = [one for one in free if _may_be_flag(one)]
        if flags and not {"side", "action"} & set(self.roles.columns) and not self._is_signed():
            some = "; ".join(f"{self.names[one]} ({', '.join(sorted(one.distinct))})" for one in flags[:3])
            yield f"no column could be told to be the side: is it {some}?"

    def _doubt(self, role: str) -> str:
        return self.roles.doubts.get(role, "")

    def _texts(self) -> dict[str, Said]:
        rules: dict[str, Said] = {
            role: Said(self._name(role)).asking(self._doubt(role))
            for role in ("trade_id", "symbol", "venue", "currency", "account")
            if role in self.roles.columns
        }
        if rules.get("trade_id") and not self._may_be_id():
            del rules["trade_id"]
        rules.setdefault("symbol", self._symbol_of_path())
        unknown = "no column tells where the trades were made: name the venue"
        rules.setdefault("venue", Said({"const": "UNKNOWN"}, (), (unknown,)))
        for role in ("symbol", "venue", "currency", "account"):
            column = self.roles.columns.get(role)
            if column and column.empty:
                rules[role] = self._partly_empty(role, column, rules[role])
        return rules

    def _partly_empty(self, role: str, column: Column, said: Said) -> Said:
        asked = f"{column.empty} of {column.empty + len(column.texts)} records have no {role}: such lines"
        if role in ("currency", "account"):
            return said
        return said.asking(f"{asked} are rejected; what are they?")

    def _symbol_of_path(self) -> Said:
        if self.path and "symbol" in self.path.values:
            told = self.path.values["symbol"]
            return Said({"path": "symbol"}, (), (f"no column names the symbol: is it {told} of the file's name?",))
        return Said({"const": "UNKNOWN"}, (), ("neither a column nor the file's name tells the symbol: name it",))

    def _numbers(self) -> dict[str, Said]:
        rules = {role: self._number(role) for role in ("price", "quantity")}
        if "version" in self.roles.columns and self._may_be_id():
            rules["version"] = Said(self._name("version"))
        return rules

    def _number(self, role: str) -> Said:
        column = self.roles.columns[role]
        keys = dict(column.numbers.keys) if column.numbers else {}
        absolute = role == "quantity" and self._is_signed()
        keys |= {"absolute": True} if absolute else {}
        question = column.numbers.question if column.numbers else ""
        value: Any = {"column": self._name(role), **keys} if keys else self._name(role)
        said = Said(value).asking(self._doubt(role), question)
        if role == "price" and column.numbers and column.numbers.whole and min(column.numbers.values) >= 10_000:
            said = said.asking("all prices are whole and large: are they scaled, as by scale = 10000?")
        if column.empty and "action" not in self.roles.columns:
            said = said.asking(f"{column.empty} records have no {role} and are rejected: what are they?")
        return said

    def _is_signed(self) -> bool:
        column = self.roles.columns["quantity"]
        return bool(column.numbers and column.numbers.signed)

    def _side(self) -> dict[str, Said]:
        if "side" in self.roles.columns:
            return {"side": self._side_of_words()}
        if self._is_signed():
            asked = "quantities below zero are taken for sells, and those above for buys: is that so?"
            return {"side": Said({"sign_of": self._name("quantity")}, (), (asked,))}
        return {}

    def _side_of_words(self) -> Said:
        column, name = self.roles.columns["side"], self._name("side")
        said, other = side_of(column, name)
        if other:
            self.made.ignore.append(no_trades(column, name, other))
        return said.asking(self._doubt("side"))

    def _action(self) -> dict[str, Said]:
        column = self.roles.columns.get("action")
        said = action_of(column, self.names[column], self._may_be_id()) if column else None
        return {"action": said} if said else {}

    def _rest(self) -> dict[str, Said]:
        """A repeated name is used beside its second one, so that the first is known to be meant."""
        used = {self.names[one] for one in (*self.roles.columns.values(), *self.clock.columns)}
        twice = [name for one in used for name in self.cut.names if name == f"{one}_2"]
        return {"keep": Said(twice, ("the name stands twice in the header",))} if twice else {}

    def _may_be_id(self) -> bool:
        column = self.roles.columns.get("trade_id")
        if column is None or column.empty:
            return False
        return column.unique or "version" in self.roles.columns or "action" in self.roles.columns

    def _identity(self) -> dict[str, Said]:
        if self._may_be_id():
            return self._by_id(self.roles.columns["trade_id"])
        column = self.roles.columns.get("trade_id")
        because = ("no column is a trade's id: equal rows of a file are separate trades",)
        if column is not None:
            fault = "is missing in some records" if column.empty else "repeats in the sample"
            because = (f'"{column.name}" {fault}, so it is no id by itself',)
        asked = "is the n-th equal row of another file the same trade (across), or another one (file)?"
        return {"kind": Said("content", because), "scope": Said("across", (), (asked,))}

    def _by_id(self, column: Column) -> dict[str, Said]:
        unique = "unique in the sample" if column.unique else "not unique in the sample: its states are ordered"
        kind = Said("id", (f'"{self.names[column]}" is {unique} ({len(column.texts)} records)',))
        if column.numbers and column.numbers.whole and min(column.numbers.values) in (0.0, 1.0):
            asked = "the ids begin at the very first number: do they begin again each day, or only once (dataset)?"
            return {"kind": kind, "unique": Said("day", (), (asked,))}
        return {"kind": kind}
