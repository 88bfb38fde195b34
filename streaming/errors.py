"""What can go wrong while files are read.

StreamingError
├── ProfileError     stop: a layout is wrong, or a setting asks for what it cannot do
├── FileBroken       set aside: the whole file is quarantined, nothing of it is merged
├── SuggestError     stop: no profile can be proposed from these files
├── StreamFailed     stop: Spark ended a query
├── SparkFailed      stop: Spark did not start
├── ConnectorMissing stop: Spark itself cannot reach a place that a feed or the state lies in
└── BooksError       stop: lines and records do not add up, which is a fault of this program
"""

import re


class StreamingError(Exception):
    """The reading of trade files failed."""


class ProfileError(StreamingError):
    """A profile is not valid; the message names the layout, the key and what is allowed."""


class FileBroken(StreamingError):
    """A file as a whole cannot be read; the message says where in it and the way out."""

    @property
    def reason(self) -> str:
        """The message, as the ledger keeps it."""
        return str(self)


class SuggestError(StreamingError):
    """No profile can be proposed; the message says what was looked for and not found."""


class BooksError(StreamingError):
    """Lines and records of a file do not add up: nothing of it may be merged."""


class SparkFailed(StreamingError):
    """Spark did not start with these settings."""

    def __init__(self, cause: str) -> None:
        self.cause = cause.strip().split("\n")[0]
        super().__init__(
            f"Spark did not start: {self.cause}; what it said itself stands above. Look at [spark] in the "
            "configuration, and at `tradewind doctor`"
        )


class StreamFailed(StreamingError):
    """A query ended by itself; nothing is lost: start again and it goes on with what is owed."""

    def __init__(self, feed: str, cause: str) -> None:
        self.feed, self.cause = feed, _foreseen(cause) or cause
        super().__init__(f"{feed}: the stream ended: {self.cause}")


class ConnectorMissing(StreamingError):
    """Spark has no file system for a place; the message names the setting that cures it."""

    def __init__(self, scheme: str, cloud: str, cure: str) -> None:
        super().__init__(scheme, cloud, cure)
        self.scheme, self.cloud, self.cure = scheme, cloud, cure

    def __str__(self) -> str:
        return f"Spark has no file system for {self.scheme}: ([{self.cloud}] connector): {self.cure}"


def _foreseen(cause: str) -> str | None:
    """Of Spark's account of a failed batch, with its traceback, the one line of an error that names the way out."""
    told = re.findall(r"^(?:sinks|triggers|streaming|checkpoints)\.\S+: (.+)$", cause, re.MULTILINE)
    return str(told[-1]) if told else None


class SettingsError(ValueError):
    """The configuration cannot be used; the message names file, lines and keys, and what is allowed."""

    exit_code = 2
