"""The pages on Kubernetes, Databricks and Synapse: configurations load, commands are understood, rights are real."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from cloud_jobs.databricks import DatabricksSettings
from cloud_jobs.job_settings import JobSettings
from cloud_jobs.kubernetes import KubernetesSettings
from cloud_jobs.kubernetes_api import ClusterSettings
from cloud_jobs.kubernetes_submit import KubernetesSubmitSettings
from cloud_jobs.synapse import SynapseSettings
from tests.unit.job_pages import DOCS, commands, configurations, configured, pages, understood

PAGES = pages("kubernetes", "databricks", "synapse")
CONFIGURATIONS = configurations(PAGES)
#: What the pages use of other programs, each with its flags, as their own documents have them.
THEIRS: dict[str, dict[str, set[str]]] = {
    "kubectl": {
        "create namespace": set(),
        "create secret generic": {"--namespace", "--from-file"},
        "create": {"--namespace", "-f"},
        "apply": {"--namespace", "-f"},
        "delete pod": {"--namespace"},
        "logs": {"--namespace"},
        "cluster-info": set(),
    },
    "helm": {"repo add": {"--force-update"}, "install": {"--namespace", "--create-namespace", "--set"}},
    "docker": {"build": {"--tag"}, "push": set(), "run": {"--rm", "--version"}},
    "databricks": {
        "auth login": {"--host"},
        "volumes create": set(),
        "secrets create-scope": set(),
        "secrets put-secret": set(),
        "secrets put-acl": set(),
        "bundle validate": set(),
        "bundle deploy": set(),
    },
    "az": {
        "login": set(),
        "group create": {"--name", "--location"},
        "storage account create": {"--name", "--resource-group", "--sku", "--enable-hierarchical-namespace"},
        "storage fs create": {"--name", "--account-name", "--auth-mode"},
        "synapse spark pool create": {
            "--name", "--workspace-name", "--resource-group", "--spark-version", "--node-size", "--node-count",
            "--enable-auto-pause", "--delay",
        },
        "synapse role assignment create": {"--workspace-name", "--role", "--assignee"},
        "keyvault create": {"--name", "--resource-group", "--enable-rbac-authorization"},
        "keyvault secret set": {"--vault-name", "--name", "--file"},
        "role assignment create": {"--role", "--assignee", "--scope"},
        "rest": {"--method", "--resource", "--body", "--url"},
    },
}  # fmt: skip
PRIVILEGES = {"USE CATALOG": "CATALOG", "USE SCHEMA": "SCHEMA", "READ VOLUME": "VOLUME", "WRITE VOLUME": "VOLUME"}


@pytest.mark.parametrize(("page", "text"), CONFIGURATIONS)
def test_a_configuration_makes_a_job_of_the_pages_service(page: str, text: str, tmp_path: Path) -> None:
    job = configured(text, tmp_path).jobs["nightly"]
    assert job.kind.startswith(page)
    job.target()


@pytest.mark.parametrize("page", PAGES)
def test_our_own_commands_are_understood(page: str, tmp_path: Path) -> None:
    seen = understood(PAGES[page], configured("", tmp_path), bare=("submit",))
    assert {"submit", "jobs", "serve", "db", "runs"} <= seen


@pytest.mark.parametrize("program", THEIRS)
def test_the_commands_of_others_are_theirs(program: str) -> None:
    found = [words for page in PAGES.values() for words in commands(page, program)]
    assert found
    for words in found:
        known = [name for name in THEIRS[program] if words[: len(name.split())] == name.split()]
        assert known, f"{program} {shlex.join(words)}"
        flags = {word.partition("=")[0] for word in words if word.startswith("-") and word != "--"}
        assert flags <= THEIRS[program][max(known, key=len)], words


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    links = re.findall(r"\]\((?!https:)([^)#]+)[^)]*\)", PAGES[page])
    files = re.findall(r"(?:-f |@|cp )((?:docs|cloud_jobs)/[\w./-]+)", PAGES[page])
    assert links and files
    assert [link for link in links if not (DOCS / "how-to" / link).exists()] == []
    assert [file for file in files if not (DOCS.parent / file).exists()] == []


SERVICES = [
    ("kubernetes", KubernetesSettings),
    ("kubernetes", KubernetesSubmitSettings),
    ("kubernetes", ClusterSettings),
    ("databricks", DatabricksSettings),
    ("synapse", SynapseSettings),
]


@pytest.mark.parametrize(("page", "model"), SERVICES)
def test_each_setting_of_a_service_has_its_row(page: str, model: type[JobSettings]) -> None:
    rows = PAGES[page][PAGES[page].index("Settings\n| key") :]
    told = {name for row in rows.splitlines() if row.startswith("| `") for name in re.findall(r"`(\w+)`", row)}
    assert set(model.model_fields) - set(JobSettings.model_fields) <= told


@pytest.mark.parametrize("path", sorted((DOCS / "policies").glob("kubernetes-*.yaml")), ids=lambda path: str(path.name))
def test_a_document_of_rights_is_of_kubernetes_own_schemas(path: Path) -> None:
    for one in yaml.safe_load_all(path.read_text()):
        kubernetes_validate.validate(one, "1.34", strict=True)
        for rule in one.get("rules", []):
            assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]
            assert "secrets" not in rule["resources"]


def test_the_grants_are_unity_catalogs_and_no_wider_than_a_volume_needs() -> None:
    text = (DOCS / "policies" / "databricks-grants.sql").read_text()
    statements = re.findall(r"^GRANT (.*?) ON (\w+) \S+ TO `[^`]+`;$", text, re.M)
    assert len(statements) == 8
    assert all(PRIVILEGES[privilege] == kind for privilege, kind in statements)


def test_the_image_is_built_as_hadolint_likes_it(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```dockerfile\n(.*?)^```", PAGES["kubernetes"], re.M | re.S)
    (tmp_path / "Dockerfile").write_text(text)
    hadolint = Path(sys.executable).with_name("hadolint")
    ran = subprocess.run([hadolint, tmp_path / "Dockerfile"], capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stdout


def test_the_package_lies_in_the_image_where_the_job_looks_for_it(tmp_path: Path) -> None:
    from tests.clouds.kubernetes_jobs import a_pod_job

    text = next(text for page, text in CONFIGURATIONS if page == "kubernetes")
    spec = configured(text, tmp_path).jobs["nightly"].target().request(a_pod_job())["spec"]
    (image,) = re.findall(r"^```dockerfile\n(.*?)^```", PAGES["kubernetes"], re.M | re.S)
    placed = dict(re.findall(r"^(?:COPY|ADD) package/(\S+) (\S+)$", image, re.M))
    assert spec["mainApplicationFile"] == f"local://{placed['tradewind_job.py']}"
    assert spec["arguments"][0] == f"--environment={placed['environment.tar.gz']}"
