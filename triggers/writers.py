"""Asks the kernel whether anybody has a local file open for writing."""

# Text, not Path objects: this is asked for each of ten thousand files of a burst.
# ruff: noqa: PTH114, PTH120

import errno
import fcntl
import os
import signal
import sys
from functools import lru_cache
from pathlib import Path
from typing import Literal

Writers = Literal[
    "none",  # nobody has it open for writing
    "some",  # somebody has
    "unknown",  # this kernel, this file system or these rights cannot tell
]

# Linux's number; the fcntl module does not export it.
_F_SETSIG = 10

# On these every writer is on this machine and known to the kernel. On network and FUSE file systems a lease
# says nothing about writers elsewhere, or is refused with the same error that means "being written".
_LOCAL = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "tmpfs", "f2fs", "zfs", "bcachefs", "overlay"})


def writers_of(path: str) -> Writers:
    """Whether the file is open for writing now. Takes a read lease for an instant; no byte is read.

    A lease is refused with EAGAIN while the file is open for writing (fcntl(2), "Leases"). A writer who opens
    it in that very instant waits until the lease is given back, microseconds later.
    """
    if sys.platform != "linux":
        return "unknown"
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return "unknown"
    try:
        folder = os.path.dirname(os.path.realpath(path) if os.path.islink(path) else path)
        return _ask(handle) if _file_system(folder, os.fstat(handle).st_dev) in _LOCAL else "unknown"
    finally:
        os.close(handle)


def _ask(handle: int) -> Writers:
    try:
        # The kernel tells a lease's holder of a writer by SIGIO, which kills; nobody minds a SIGURG.
        fcntl.fcntl(handle, _F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as refused:
        return "some" if refused.errno == errno.EAGAIN else "unknown"
    return "none"


@lru_cache(maxsize=4096)
def _file_system(folder: str, device: int) -> str:  # noqa: ARG001 (the device makes a remount another key)
    # By the longest mount point above: btrfs shows other device numbers to stat than to mountinfo.
    real = f"{Path(folder).resolve()}/"
    best, kind = -1, ""
    for mount_point, name in _mounts():
        if real.startswith(mount_point.rstrip("/") + "/") and len(mount_point) >= best:
            best, kind = len(mount_point), name
    return kind


def _mounts() -> list[tuple[str, str]]:
    try:
        lines = Path("/proc/self/mountinfo").read_bytes().splitlines()
    except OSError:
        return []
    return [_mount(os.fsdecode(line)) for line in lines]


def _mount(line: str) -> tuple[str, str]:
    before, _, after = line.partition(" - ")
    point = before.split(" ")[4]
    for code, character in ((r"\040", " "), (r"\011", "\t"), (r"\012", "\n"), (r"\134", "\\")):
        point = point.replace(code, character)
    return point, after.split(" ")[0]
