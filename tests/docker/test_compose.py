"""docker/compose.yaml, read by the real Compose CLI; what runs outside of containers is in test_services.py."""

import json
import os
import stat
import subprocess
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from streaming.settings import load
from tests.docker.composed import COMPOSE, DOCKER, composed
from tests.docker.dockerfile import stages

ALL = composed("*")
SERVICES: dict[str, dict[str, Any]] = ALL["services"]
CLOUDS = ("aws", "azure", "gcs")
OURS = {name: one for name, one in SERVICES.items() if one["image"].startswith("tradewind-")}


@pytest.mark.parametrize("profiles", [(), *[(cloud,) for cloud in CLOUDS], CLOUDS], ids=" and ".join)
def test_a_profile_adds_a_cloud_and_the_stream_of_it(profiles: tuple[str, ...]) -> None:
    always = {name for name in SERVICES if not name.endswith(CLOUDS)}
    added = {name for cloud in profiles for name in (cloud, f"stream-{cloud}")}
    assert set(composed(*profiles)["services"]) == always | added


def test_ports_are_published_on_this_machine_alone() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert {port["target"]: port["host_ip"] for port in published} == {8420: "127.0.0.1", 8080: "127.0.0.1"}


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_can_do_no_more_than_it_needs(name: str) -> None:
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service and "cap_add" not in service and "user" not in service


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_an_image_of_ours_or_pinned(name: str) -> None:
    image, _, tag = SERVICES[name]["image"].partition(":")
    if name in OURS:
        assert image.removeprefix("tradewind-") in stages()
        assert any(one.get("build", {}).get("target") == image.removeprefix("tradewind-") for one in OURS.values())
    else:
        assert (image, tag.count(".")) == ("postgres", 1)


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_are_files(name: str) -> None:
    told = json.dumps([SERVICES[name].get("environment", {}), SERVICES[name].get("command")])
    for word in ("PASSWORD", "SECRET", "KEY", "TOKEN"):
        for variable, value in (SERVICES[name].get("environment") or {}).items():
            if word in variable and not name.startswith("stream-"):  # those are of stand-ins, and open nothing
                assert "/run/secrets/" in value, variable
    assert "postgresql://tradewind" not in told
    for secret in SERVICES[name].get("secrets", []):
        assert secret["source"] in ALL["secrets"]


@pytest.mark.parametrize("name", ["tradewind", "cloud"])
def test_a_configuration_is_one(name: str, tmp_path: Path) -> None:
    text = Path(ALL["configs"][name]["file"]).read_text()
    (tmp_path / "tradewind.toml").write_text(text)
    settings = load(tmp_path / "tradewind.toml", {})
    assert settings.stream.health_port == 8421
    assert str(settings.database.password_file) == "/run/secrets/tradewind_password"


def test_what_has_no_health_ends_by_itself() -> None:
    ends = {name for name, one in SERVICES.items() if one.get("healthcheck", {}).get("disable")}
    assert ends == {"migrate", "airflow-migrate"}
    assert {SERVICES[name]["restart"] for name in ends} == {"no"}
    waited = {
        (name, on)
        for name, one in SERVICES.items()
        for on, how in one.get("depends_on", {}).items()
        if how["condition"] == "service_completed_successfully"
    }
    assert {on for _, on in waited} == ends


def test_up_makes_the_secrets_once_where_only_their_owner_may_enter(tmp_path: Path) -> None:
    copytree(DOCKER, tmp_path / "docker", ignore=lambda _, names: {"secrets", "inbox"} & set(names))
    said = _up(tmp_path, "aws", "gcs")
    secrets = tmp_path / "docker" / "secrets"
    made = {file.name: file.read_text() for file in secrets.iterdir()}
    assert set(made) == set(ALL["secrets"])
    assert len(set(made.values())) == len(made)
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in secrets.iterdir()} == {0o644}
    assert (tmp_path / "docker" / "inbox" / "spot").is_dir()
    assert {"aws", "stream-aws", "gcs", "stream-gcs", "api"} <= set(said.splitlines())
    assert all(secret not in said for secret in made.values())
    _up(tmp_path)
    assert {file.name: file.read_text() for file in secrets.iterdir()} == made


def _up(folder: Path, *profiles: str) -> str:
    """up.sh, with the Compose CLI under Docker's name, which lists the services instead of starting them."""
    docker = folder / "docker-without-an-engine" / "docker"
    docker.parent.mkdir(exist_ok=True)
    listing = '$(sed "s/ up .*/ config --services/" <<<" $*")'
    docker.write_text(f'#!/bin/bash\nset -eu\nshift\nexec "{COMPOSE}" {listing}\n')
    docker.chmod(0o755)
    environ = {**os.environ, "PATH": f"{docker.parent}{os.pathsep}{os.environ['PATH']}"}
    ran = subprocess.run(
        ["bash", folder / "docker" / "up.sh", *profiles],
        env=environ, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
