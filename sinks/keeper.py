"""Keeps one embedded PostgreSQL alive while anybody uses it, and stops it when nobody does.

Run as a program (`python -I keeper.py …`) by `sinks.embedded`, so it imports the standard library only. A
user of the server holds a shared lock on `users`; the kernel gives it back whatever ends that process,
`kill -9` included. The keeper waits for the exclusive lock: once it gets it, the last user is gone. Starting
and stopping happen under the lock on `start`, so that no server is stopped under somebody who just joined.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

READY = "ready"
#: Seconds for a start; it may have to recover from a crash first.
START_PATIENCE = 120.0
FAST_SHUTDOWN, IMMEDIATE_SHUTDOWN = signal.SIGINT, signal.SIGQUIT
#: No process can have it (kernels end at 2**22): PostgreSQL takes a lock file that names it for a dead one's.
NOBODY = 2**31 - 2


def lock_folder(pgdata: Path) -> Path:
    return pgdata.with_name(f"{pgdata.name}.locks")


@contextmanager
def locked(pgdata: Path) -> Iterator[None]:
    """Holds the right to start and stop the server in `pgdata`; waits for it."""
    with _opened(lock_folder(pgdata) / "start") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def join(pgdata: Path) -> int:
    """Counts this process among the users, until the returned descriptor is closed."""
    handle = os.open(lock_folder(pgdata) / "users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def stop_if_unused(pgdata: Path) -> bool:
    """Stops the server unless somebody still uses it; True when it is down afterwards."""
    with locked(pgdata), _opened(lock_folder(pgdata) / "users") as users:
        if not _alone(users):
            # The keeper, too, has this lock, for the moment in which it was given to it: asked again once it is past.
            fcntl.flock(users, fcntl.LOCK_SH)
            if not _alone(users):
                return False
        stop(pgdata)
        return True


def _alone(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def stop(pgdata: Path, patience: float = 20.0) -> None:
    """Shuts the server down: sessions are cut off, what is committed stays. Its socket's folder goes with it."""
    sockets = _socket_folder(pgdata)
    _shut_down(pgdata, patience)
    if sockets and sockets != pgdata and running(pgdata) is None:
        with suppress(OSError):
            sockets.rmdir()


def _socket_folder(pgdata: Path) -> Path | None:
    lines = _pid_file(pgdata)
    return Path(lines[4].strip()) if len(lines) > 4 and lines[4].strip() else None


def _shut_down(pgdata: Path, patience: float) -> None:
    for how in (FAST_SHUTDOWN, IMMEDIATE_SHUTDOWN):
        if (pid := running(pgdata)) is None:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, how)
        if _wait_until(lambda: running(pgdata) is None, patience):
            return


def running(pgdata: Path) -> int | None:
    """The pid of the server in `pgdata`, or None; a lock file with another program's pid does not count."""
    pid = _pid_file(pgdata)[0]
    return int(pid) if pid.isdigit() and _serves(int(pid), pgdata) else None


def is_ready(pgdata: Path) -> bool:
    lines = _pid_file(pgdata)
    return len(lines) > 7 and lines[7].strip() == READY and running(pgdata) is not None


def disown_stale_lock(pgdata: Path) -> None:
    """Makes a lock file whose pid now belongs to another program harmless.

    PostgreSQL would refuse to start beside a living pid. The file itself stays: it names the shared memory by
    which PostgreSQL notices orphaned backends, and starting beside those would ruin the data.
    """
    pid, *rest = _pid_file(pgdata)
    if pid.isdigit() and int(pid) != NOBODY and running(pgdata) is None:
        (pgdata / "postmaster.pid").write_text("\n".join([str(NOBODY), *rest]) + "\n")


def _pid_file(pgdata: Path) -> list[str]:
    try:
        return (pgdata / "postmaster.pid").read_text().splitlines() or [""]
    except FileNotFoundError:
        return [""]


def _serves(pid: int, pgdata: Path) -> bool:
    # A server's working directory is its data directory; a zombie has none.
    if Path("/proc/self/cwd").exists():
        try:
            return os.path.realpath(f"/proc/{pid}/cwd") == os.path.realpath(pgdata)
        except PermissionError:
            return False
    command = ["ps", "-p", str(pid), "-o", "command="]
    return str(pgdata) in subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _wait_until(true: Callable[[], bool], patience: float) -> bool:
    deadline = time.monotonic() + patience
    while not (reached := true()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return reached


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def main(pgdata: Path, socket_folder: str, postgres: str, user: str) -> int:
    """Starts the server, answers when it takes connections, and stays behind as its keeper.

    Exit code 0: it runs; 1: it does not, and stderr holds the reason.
    """
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        command = [postgres, "-D", str(pgdata), "-c", "listen_addresses=", "-k", socket_folder]
        _keep(pgdata, command, user, writer)
    os.close(writer)
    with os.fdopen(reader) as answers:
        answer = answers.read()
    if answer != READY:
        sys.stderr.write(answer or "its keeper ended before the server ran")
    return 0 if answer == READY else 1


def _keep(pgdata: Path, command: list[str], user: str, answers: int) -> None:
    try:
        _leave_terminal()
        server = _started(pgdata, command, user)
        answer = _when_ready(pgdata, server)
        os.write(answers, answer.encode())
        os.close(answers)
        # A server that ends by itself needs no keeper: the next user starts both again.
        _wait_for_the_last_user(pgdata, server)
    except BaseException as error:  # noqa: BLE001 - there is nobody above a forked child
        with suppress(OSError):
            os.write(answers, repr(error).encode())
    os._exit(0)


def _started(pgdata: Path, command: list[str], user: str) -> subprocess.Popen[bytes]:
    other = {"user": user, "group": pgdata.stat().st_gid, "extra_groups": []} if user else {}
    with log_file(pgdata).open("ab") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **other)  # type: ignore[call-overload,no-any-return]


def _when_ready(pgdata: Path, server: subprocess.Popen[bytes]) -> str:
    _wait_until(lambda: is_ready(pgdata) or server.poll() is not None, START_PATIENCE)
    if server.poll() is not None:
        return f"it ended at once with code {server.returncode}"
    return READY if is_ready(pgdata) else f"it took no connections within {START_PATIENCE:.0f} s"


def _wait_for_the_last_user(pgdata: Path, server: subprocess.Popen[bytes]) -> None:
    while True:
        signal.signal(signal.SIGCHLD, lambda *_: os._exit(0) if server.poll() is not None else None)
        if server.poll() is not None:
            return
        with _opened(lock_folder(pgdata) / "users") as users:
            fcntl.flock(users, fcntl.LOCK_EX)
        # From here on the server's end is our own doing, and we may not end before its socket's folder is gone.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if stop_if_unused(pgdata):
            return


def _leave_terminal() -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)


def log_file(pgdata: Path) -> Path:
    return pgdata.with_name(f"{pgdata.name}.log")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:5]))
