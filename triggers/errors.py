"""What can go wrong here, grouped by what the caller does next.

TriggerError
├── TryAgain                 the surroundings failed: the same call may work later
│   ├── StoreUnavailable
│   │   └── StoreRefused     credentials or rights: somebody must act, and then it works
│   ├── QueueUnavailable
│   ├── JournalUnwritable
│   └── LettersUnkept
├── SetAside                 this one object cannot be used: the others go on
│   ├── VersionVanished
│   ├── VersionChanged
│   ├── Unreadable
│   └── ListingIncomplete    raised at the end of a listing, after everything that could be listed
└── Stop                     nothing works until somebody changes something
    ├── ClientMissing
    ├── ClientTooOld
    ├── PrefixMissing
    ├── QueueMissing
    ├── QueueUnusable
    ├── UnknownStore
    ├── BadUri
    └── BadPolicy

Every error can be pickled: it crosses from Spark's tasks to the driver.
"""

from collections.abc import Sequence

_NO_FOLDER = "there is no such folder; create it, or correct the feed's `source` (a backfill's --prefix)"


class TriggerError(Exception):
    """Something about stores, queues or the journal went wrong."""


class TryAgain(TriggerError):
    """The surroundings failed; try again later."""


class SetAside(TriggerError):
    """One object cannot be used; go on with the others."""


class Stop(TriggerError):
    """Nothing works until the configuration or the place is put right."""


class StoreUnavailable(TryAgain):
    """The store did not answer."""

    def __init__(self, uri: str, cause: str) -> None:
        super().__init__(uri, cause)
        self.uri, self.cause = uri, cause

    def __str__(self) -> str:
        return f"{self.uri}: the store did not answer ({self.cause}); it is tried again"


class StoreRefused(StoreUnavailable):
    """The store answers and will not serve these credentials; it may again once they are put right."""

    def __str__(self) -> str:
        return f"{self.uri}: the store refuses: {self.cause}; it is tried again"


class QueueUnavailable(TryAgain):
    """The queue did not answer, or the place it watches went away."""

    def __init__(self, place: str, cause: str) -> None:
        super().__init__(place, cause)
        self.place, self.cause = place, cause

    def __str__(self) -> str:
        return (
            f"{self.place}: no events can be received ({self.cause}); it is tried again, "
            "and the sweep finds what was missed"
        )


class JournalUnwritable(TryAgain):
    """The journal cannot be written: nothing is acknowledged, nothing is lost."""

    def __init__(self, directory: str, cause: str) -> None:
        super().__init__(directory, cause)
        self.directory, self.cause = directory, cause

    def __str__(self) -> str:
        return (
            f"{self.directory}: the journal cannot be written ({self.cause}); make room or give the right "
            "to write there: the arrivals are kept and written then"
        )


class LettersUnkept(TryAgain):
    """Messages that nobody can read cannot be kept: they are not acknowledged, nothing is lost."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause

    def __str__(self) -> str:
        return f"messages that cannot be read cannot be kept ({self.cause}): they stay in their queue until then"


class VersionVanished(SetAside):
    """The object was deleted before it was read."""

    def __init__(self, uri: str, version: str) -> None:
        super().__init__(uri, version)
        self.uri, self.version = uri, version

    def __str__(self) -> str:
        return f"{self.uri}: version {self.version} is gone; put the file back to load it"


class VersionChanged(SetAside):
    """Other bytes are there now than those that were asked for; nothing that was read counts."""

    def __init__(self, uri: str, version: str, found: str) -> None:
        super().__init__(uri, version, found)
        self.uri, self.version, self.found = uri, version, found

    def __str__(self) -> str:
        return f"{self.uri}: version {self.version} was replaced by {self.found}; the new one is taken instead"


class Unreadable(SetAside):
    """A file or directory that exists cannot be read."""

    def __init__(self, uri: str, cause: str) -> None:
        super().__init__(uri, cause)
        self.uri, self.cause = uri, cause

    def __str__(self) -> str:
        return f"{self.uri}: cannot be read ({self.cause})"


class ListingIncomplete(SetAside):
    """Everything that could be listed was listed; these places could not."""

    def __init__(self, prefix: str, problems: Sequence[Unreadable]) -> None:
        super().__init__(prefix, tuple(problems))
        self.prefix, self.problems = prefix, tuple(problems)

    def __str__(self) -> str:
        named = "; ".join(str(problem) for problem in self.problems[:5])
        more = f"; and {len(self.problems) - 5} more" if len(self.problems) > 5 else ""
        return f"{self.prefix}: {len(self.problems)} place(s) could not be listed: {named}{more}"


class ClientMissing(Stop):
    """A cloud's client library is not installed."""

    def __init__(self, place: str, extra: str) -> None:
        super().__init__(place, extra)
        self.place, self.extra = place, extra

    def __str__(self) -> str:
        return f"{self.place}: its client is not installed; run pip install 'tradewind[{self.extra}]'"


class ClientTooOld(Stop):
    """The installed library cannot do what the settings ask for."""

    def __init__(self, place: str, cause: str) -> None:
        super().__init__(place, cause)
        self.place, self.cause = place, cause

    def __str__(self) -> str:
        return f"{self.place}: {self.cause}"


class PrefixMissing(Stop):
    """The feed's folder, or the bucket that it lies in, does not exist."""

    def __init__(self, prefix: str, cause: str = _NO_FOLDER) -> None:
        super().__init__(prefix, cause)
        self.prefix, self.cause = prefix, cause

    def __str__(self) -> str:
        return f"{self.prefix}: {self.cause}"


class QueueMissing(Stop):
    """There is no such queue."""

    def __init__(self, place: str, looked_in: str) -> None:
        super().__init__(place, looked_in)
        self.place, self.looked_in = place, looked_in

    def __str__(self) -> str:
        return (
            f"{self.place}: there is no such queue in {self.looked_in}; create it, or correct the feed's `events` "
            "and the cloud's table, which name the account and region that are asked"
        )


class QueueUnusable(Stop):
    """The queue cannot be reached as it is configured."""

    def __init__(self, place: str, cause: str) -> None:
        super().__init__(place, cause)
        self.place, self.cause = place, cause

    def __str__(self) -> str:
        return (
            f"{self.place}: the queue cannot be used ({self.cause}); correct the feed's `events` or the cloud's table"
        )


class UnknownStore(Stop):
    """No store reads this kind of uri."""

    def __init__(self, uri: str, known: Sequence[str]) -> None:
        super().__init__(uri, tuple(known))
        self.uri, self.known = uri, tuple(known)

    def __str__(self) -> str:
        known = ", ".join(self.known)
        return f"{self.uri}: no store reads this kind of place; a `source` begins with one of {known}"


class BadUri(Stop):
    """The uri names no place."""

    def __init__(self, uri: str, cause: str) -> None:
        super().__init__(uri, cause)
        self.uri, self.cause = uri, cause

    def __str__(self) -> str:
        return f"{self.uri!r}: {self.cause}"


class BadPolicy(Stop):
    """The `complete` setting is not one that exists."""

    def __init__(self, text: str, cause: str) -> None:
        super().__init__(text, cause)
        self.text, self.cause = text, cause

    def __str__(self) -> str:
        return (
            f"complete = {self.text!r}: {self.cause}; allowed are auto, rename, settle:10s, marker:.done, "
            "manifest:NAME and checksum"
        )
