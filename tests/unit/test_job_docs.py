"""The pages on Kubernetes, Databricks and Synapse: configurations load, commands are understood, rights are real."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from cli_tool import submitting
from cli_tool.commands import COMMANDS, loaded
from cloud_jobs.databricks import DatabricksSettings
from cloud_jobs.job_settings import JobSettings
from cloud_jobs.kubernetes import KubernetesSettings
from cloud_jobs.kubernetes_api import ClusterSettings
from cloud_jobs.kubernetes_submit import KubernetesSubmitSettings
from cloud_jobs.synapse import SynapseSettings
from streaming.settings import Settings, load

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {
    page: (DOCS / "how-to" / f"{page}.md").read_text(encoding="utf-8")
    for page in ("kubernetes", "databricks", "synapse")
}
CONFIGURATIONS = [
    (page, text)
    for page in PAGES
    for text in re.findall(r"^```toml\n(.*?)^```", PAGES[page], re.M | re.S)
    if "[jobs.nightly]" in text
]
FEED = '[feeds.spot]\nsource = "s3://market-data/spot/"\nprofile = "binance-spot-trades"\n'
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


def commands(page: str, program: str) -> Iterator[list[str]]:
    """The words after the program's name of each of its command lines on a page, in blocks and in the text."""
    blocks = [block.replace("\\\n", " ") for block in re.findall(r"^```sh\n(.*?)^```", page, re.M | re.S)]
    rest = re.sub(r"^```.*?^```", "", page, flags=re.M | re.S)
    texts = [text.replace("\n", " ") for text in re.findall(r"`([^`]+)`", rest)]
    for line in [line for block in blocks for line in block.splitlines()] + texts:
        if line.startswith(f"{program} "):
            yield shlex.split(line)[1:]


def configured(text: str, folder: Path) -> Settings:
    path = folder / "tradewind.toml"
    path.write_text(text if "[feeds." in text else f"{FEED}{text}")
    return load(path, environ={})


@pytest.mark.parametrize(("page", "text"), CONFIGURATIONS)
def test_a_configuration_makes_a_job_of_the_pages_service(page: str, text: str, tmp_path: Path) -> None:
    job = configured(text, tmp_path).jobs["nightly"]
    assert job.kind.startswith(page)
    job.target()


@pytest.mark.parametrize("page", PAGES)
def test_our_own_commands_are_understood(page: str, tmp_path: Path) -> None:
    settings = configured(FEED, tmp_path)
    seen = set()
    for name, *words in commands(PAGES[page], "tradewind"):
        seen.add(name)
        assert name in COMMANDS
        ours, theirs = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, None)
        command: Any = loaded(name)
        while hasattr(command, "commands") and ours:
            command = command.commands[ours.pop(0)]
        needed = [one.name for one in command.params if one.required and one.param_type_name == "argument"]
        if ours or theirs is not None or not needed:
            command.make_context(name, [*ours, *(["--", *theirs] if theirs else [])])
        if theirs is not None:
            submitting.understood(settings, theirs)
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


SERVICES: list[tuple[str, type[JobSettings], type[JobSettings]]] = [
    ("kubernetes", KubernetesSettings, JobSettings),
    ("kubernetes", KubernetesSubmitSettings, JobSettings),
    ("kubernetes", ClusterSettings, JobSettings),
    ("databricks", DatabricksSettings, JobSettings),
    ("synapse", SynapseSettings, JobSettings),
]


@pytest.mark.parametrize(("page", "model", "base"), SERVICES)
def test_each_setting_of_a_service_has_its_row(page: str, model: type[JobSettings], base: type[JobSettings]) -> None:
    rows = PAGES[page][PAGES[page].index("Settings\n| key") :]
    told = {name for row in rows.splitlines() if row.startswith("| `") for name in re.findall(r"`(\w+)`", row)}
    assert set(model.model_fields) - set(base.model_fields) <= told


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
