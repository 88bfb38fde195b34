"""The services of docker/compose.yaml as the Compose CLI itself reads them; it needs no engine for that."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
COMPOSE = Path(sys.executable).with_name("docker-compose")


def composed(*profiles: str, file: Path = DOCKER / "compose.yaml") -> dict[str, Any]:
    """The whole of what the file means, its services and their secrets, configs and volumes."""
    chosen = [word for profile in profiles for word in ("--profile", profile)]
    command = [str(COMPOSE), "--file", str(file), *chosen, "config", "--format", "json"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment(), timeout=60)
    assert told.returncode == 0, told.stderr
    assert not told.stderr, told.stderr
    read: dict[str, Any] = json.loads(told.stdout)
    return read


def _environment() -> dict[str, str]:
    """Without what a developer has set for Compose."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("COMPOSE_", "DOCKER_"))}
