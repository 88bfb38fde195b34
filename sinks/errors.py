"""What can go wrong in the database, grouped by what the caller does next.

SinkError
├── Retry                 do the whole transaction again
│   ├── Contention        serialisation failure, deadlock, lock timeout, unique race
│   └── ConnectionLost    the server went away: connect again, then retry
├── Stop                  an operator must act first
│   ├── DatabaseDown      not reached at all
│   ├── DatabaseFull      53100: no space left on the server
│   ├── SchemaMissing     `tradewind db migrate` was not run
│   ├── RightsMissing     the role lacks a documented right
│   ├── RunWithdrawn      cancelled before it began
│   └── BooksUnbalanced   a CHECK refused the books: a defect, nothing was merged
├── TookTooLong           57014: a statement was given up; ask for less
└── ClaimLost             another run took the files over: drop the work
"""


class SinkError(Exception):
    """The database refused."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(" ".join(filter(None, [(self.__doc__ or "").strip(), detail])))
        self.detail = detail


class Retry(SinkError):
    """The transaction can be repeated."""


class Contention(Retry):
    """Another transaction was in the way; the whole merge is tried again."""


class ConnectionLost(Retry):
    """The connection to PostgreSQL was lost; it is opened again."""


class Stop(SinkError):
    """An operator has to act before work can go on."""


class DatabaseDown(Stop):
    """PostgreSQL cannot be reached; check that it runs and that database.url is right (`tradewind doctor`)."""


class DatabaseFull(Stop):
    """PostgreSQL has no disk space left; free some, then start again: nothing is lost and the files are still owed."""


class SchemaMissing(Stop):
    """The schema is missing or older than this program; run `tradewind db migrate`."""


class RightsMissing(Stop):
    """The role may not do this; `tradewind db roles` prints the rights it needs."""


class RunWithdrawn(Stop):
    """The run was cancelled before it began, or is not one that waits to begin: nothing was done."""


class BooksUnbalanced(Stop):
    """The books of a file do not balance, so nothing of it was merged; please report this with the file."""


class TookTooLong(SinkError):
    """The statement took longer than it may, and was given up; ask for less."""


class ClaimLost(SinkError):
    """Another run has taken these files over; this run drops them."""


def told(error: SinkError) -> str:
    """The error as one text, for a way on which only texts pass; `of` makes it an error again."""
    return f"{type(error).__name__}: {error.detail}"


def of(text: str) -> SinkError:
    """The error that `told` wrote."""
    name, _, detail = text.partition(": ")
    return _KINDS[name](detail)


_KINDS: dict[str, type[SinkError]] = {
    kind.__name__: kind
    for kind in (
        SinkError, Contention, ConnectionLost, DatabaseDown, DatabaseFull, SchemaMissing, RightsMissing, RunWithdrawn,
        BooksUnbalanced,
    )
}  # fmt: skip
