"""What the program answers to the shell: exit codes, and an error as a message with the way out."""

import errno
import sys
import traceback
from typing import Final

from cli_tool.logs import blotted

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2  # wrong usage or configuration
QUARANTINED: Final = 3  # finished, but something was set aside
INTERRUPTED: Final = 130  # Ctrl-C before a command could end by itself

#: By name, so that telling an error's meaning imports nothing. A class stands for those below it.
_CODES = {
    "streaming.errors.SettingsError": USAGE,
    "streaming.errors.ProfileError": USAGE,
    "triggers.errors.Stop": USAGE,
    "cloud_jobs.errors.PackageError": USAGE,
    "cloud_jobs.errors.TargetError": USAGE,
    "cloud_jobs.errors.MissingClient": USAGE,
    "checkpoints.errors.CheckpointMismatch": USAGE,
    "cli_tool.init.InitRefused": USAGE,
    "cli_tool.demo.DemoRefused": USAGE,
}
#: What a machine refuses of itself is no fault of the program.
_REFUSALS = {
    errno.ENOSPC: "make room there, or use another disk",
    errno.EDQUOT: "make room there, or use another disk",
    errno.EROFS: "use another folder",
    errno.EACCES: "give the right to, or use another folder",
    errno.EPERM: "give the right to, or use another folder",
}
_OWN = ("streaming.", "triggers.", "sinks.", "checkpoints.", "cloud_jobs.", "cli_tool.")


def code_of(error: BaseException) -> int:
    """The exit code of an error that ended a command."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    names = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
    return next((_CODES[name] for name in names if name in _CODES), FAILED)


def is_foreseen(error: BaseException) -> bool:
    """Whether one of the rooms raised it with a message meant for the operator."""
    return type(error).__module__.startswith(_OWN)


def tell(error: BaseException, verbose: bool) -> None:
    """Says on stderr what went wrong; with the traceback when it was not foreseen, or when asked for."""
    if isinstance(error, KeyboardInterrupt):
        return
    message = str(error) if is_foreseen(error) else _refusal(error)
    if verbose or message is None:
        sys.stderr.write(blotted("".join(traceback.format_exception(error))))
    if message is not None:
        sys.stderr.write(f"tradewind: {blotted(message)}\n")
    else:
        sys.stderr.write("tradewind: this is a fault of the program; please report it with the lines above.\n")


def _refusal(error: BaseException) -> str | None:
    if not isinstance(error, OSError) or error.errno not in _REFUSALS:
        return None
    return f"{error.filename or 'the output'}: {error.strerror}; {_REFUSALS[error.errno]}"
