"""The manifests, as the real kustomize makes them, against Kubernetes' published schemas; no cluster is asked."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from streaming.settings import load
from tests.clouds.go_programs import built
from tests.docker.composed import DOCKER, composed
from tests.docker.dockerfile import stages

pytestmark = [pytest.mark.slow(2), pytest.mark.timeout(900)]  # where kustomize is not built yet

PLACES = ("base", "state-in-a-bucket")
VERSIONS = ("1.33", "1.37")
SOURCE = Path(__file__).parent / "kustomize"


@cache
def made(place: str) -> list[dict[str, Any]]:
    """Every object that `kubectl apply --kustomize` would send."""
    program = built(SOURCE, "sigs.k8s.io/kustomize/kustomize/v5")
    said = subprocess.run(
        [program, "build", DOCKER / "kubernetes" / place], capture_output=True, text=True, check=False, timeout=60
    )
    assert (said.returncode, said.stderr) == (0, ""), said.stderr
    return list(yaml.safe_load_all(said.stdout))


def of(place: str, kind: str, name: str) -> dict[str, Any]:
    (found,) = (one for one in made(place) if (one["kind"], one["metadata"]["name"]) == (kind, name))
    return found


def pods(place: str) -> dict[str, dict[str, Any]]:
    """The pods' specifications by their containers' names; each has one container."""
    templates = [one["spec"]["template"] for one in made(place) if "template" in one.get("spec", {})]
    return {template["spec"]["containers"][0]["name"]: template for template in templates}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("place", PLACES)
def test_every_object_is_as_the_schema_of_the_version_says(place: str, version: str) -> None:
    for one in made(place):
        kubernetes_validate.validate(one, version, strict=True)


@pytest.mark.parametrize("place", PLACES)
def test_a_pod_can_do_no_more_than_it_needs(place: str) -> None:
    assert set(pods(place)) == {"stream", "api", "migrate"}
    for template in pods(place).values():
        spec, (container,) = template["spec"], template["spec"]["containers"]
        assert spec["securityContext"]["runAsUser"] == int(stages()["job"].user)
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["automountServiceAccountToken"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["resources"]["requests"] and container["resources"]["limits"]["memory"]
        assert "env" not in container  # secrets are files


@pytest.mark.parametrize("place", PLACES)
def test_images_and_commands_are_those_of_the_containers(place: str) -> None:
    services = composed()["services"]
    for name, template in pods(place).items():
        (container,) = template["spec"]["containers"]
        image, _, tag = container["image"].partition(":")
        assert image == services[name]["image"].partition(":")[0]
        assert tag not in ("", "latest")
        assert container["args"] == services[name]["command"]


@pytest.mark.parametrize("place", PLACES)
def test_the_streams_probe_is_its_images_health_check(place: str) -> None:
    (container,) = pods(place)["stream"]["spec"]["containers"]
    for probe in ("startupProbe", "livenessProbe"):
        assert container[probe]["exec"]["command"] == stages()["job"].healthcheck


@pytest.mark.parametrize("place", PLACES)
def test_what_is_selected_is_there(place: str) -> None:
    labels = {name: template["metadata"]["labels"] for name, template in pods(place).items()}
    for service in ("stream", "api"):
        assert of(place, "Service", service)["spec"]["selector"].items() <= labels[service].items()
    policy = of(place, "NetworkPolicy", "ingress-to-api")["spec"]["podSelector"]["matchLabels"]
    assert [name for name in labels if policy.items() <= labels[name].items()] == ["api"]


@pytest.mark.parametrize("place", PLACES)
def test_what_is_mounted_is_there(place: str) -> None:
    here = {one["metadata"]["name"] for one in made(place) if one["kind"] == "ConfigMap"}
    claims = {
        one["metadata"]["name"] for one in of(place, "StatefulSet", "stream")["spec"].get("volumeClaimTemplates", [])
    }
    for name, template in pods(place).items():
        volumes = {one["name"] for one in template["spec"]["volumes"]} | (claims if name == "stream" else set())
        assert {one["name"] for one in template["spec"]["containers"][0]["volumeMounts"]} == volumes
        assert {one["configMap"]["name"] for one in template["spec"]["volumes"] if "configMap" in one} <= here


@pytest.mark.parametrize(("place", "kept"), [("base", "file:"), ("state-in-a-bucket", "s3:")])
def test_the_configuration_is_one_and_keeps_its_state_where_it_says(place: str, kept: str, tmp_path: Path) -> None:
    (config,) = (one for one in made(place) if one["kind"] == "ConfigMap")
    (tmp_path / "tradewind.toml").write_text(config["data"]["tradewind.toml"])
    settings = load(tmp_path / "tradewind.toml", {})
    assert settings.journals.place.startswith(kept)
    assert settings.api.tls
    hosts = {rule["host"] for rule in of(place, "Ingress", "api")["spec"]["rules"]}
    assert hosts == set(settings.api.hosts)


def test_no_volume_is_claimed_for_state_in_a_bucket() -> None:
    claimed = {place: "volumeClaimTemplates" in of(place, "StatefulSet", "stream")["spec"] for place in PLACES}
    assert claimed == {"base": True, "state-in-a-bucket": False}
