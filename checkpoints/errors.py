"""What can be wrong with a checkpoint; each is a matter for the operator.

CheckpointError
├── CheckpointMismatch     made under other settings than today's
├── CheckpointForeign      made by something else than Tradewind, or its fingerprint is lost
└── CheckpointUnwritable   no room, no permission
"""

from collections.abc import Mapping

RESET = "`tradewind checkpoints reset {feed}` starts a new one: the ledger knows what is loaded, nothing is lost"


class CheckpointError(Exception):
    """A checkpoint cannot be used as it is."""


class CheckpointMismatch(CheckpointError):
    """A setting that may not change over a checkpoint did change."""

    def __init__(self, directory: str, feed: str, changes: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(directory, feed, dict(changes))
        self.directory, self.feed, self.changes = directory, feed, dict(changes)

    def __str__(self) -> str:
        told = ", ".join(f"{name} was {old!r} and is now {new!r}" for name, (old, new) in self.changes.items())
        way_out = RESET.format(feed=self.feed)
        return f"{self.directory}: made under other settings: {told}. Put them back, or {way_out}"


class CheckpointForeign(CheckpointError):
    """There is a checkpoint, and no readable fingerprint in it."""

    def __init__(self, directory: str, feed: str, cause: str) -> None:
        super().__init__(directory, feed, cause)
        self.directory, self.feed, self.cause = directory, feed, cause

    def __str__(self) -> str:
        way_out = RESET.format(feed=self.feed)
        return f"{self.directory}: {self.cause}, so nobody knows what it belongs to. {way_out}"


class CheckpointUnwritable(CheckpointError):
    """The checkpoint's folder cannot be written."""

    def __init__(self, directory: str, cause: str) -> None:
        super().__init__(directory, cause)
        self.directory, self.cause = directory, cause

    def __str__(self) -> str:
        return f"{self.directory}: cannot be written ({self.cause}); make room, or give the right to write there"
