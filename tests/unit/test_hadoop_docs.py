"""The pages on EMR and Dataproc: configurations load, every command is one of its program's, policies are real."""

import json
import re
import runpy
import urllib.request
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from cloud_jobs.dataproc import DataprocSettings
from cloud_jobs.dataproc_serverless import DataprocServerlessSettings
from cloud_jobs.emr import EmrCluster, EmrSettings
from cloud_jobs.emr_serverless import EmrServerlessSettings
from cloud_jobs.job_settings import JobSettings
from tests.clouds import google_sdk
from tests.clouds.dataproc import CLUSTER, PROJECT, DataprocServer
from tests.unit.job_pages import DOCS, commands, configurations, configured, pages, understood

PAGES = pages("emr", "dataproc")
CONFIGURATIONS = configurations(PAGES)
#: Of every command of AWS's: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html
GLOBAL = {"--region", "--profile", "--output", "--query", "--cli-input-json"}
#: Commands that AWS's command line adds to the API: https://docs.aws.amazon.com/cli/latest/reference/emr/
OWN = {("emr", "add-steps"): {"--cluster-id", "--steps"}, ("emr", "create-default-roles"): set()}


@pytest.mark.parametrize(("page", "text"), CONFIGURATIONS)
def test_a_configuration_makes_a_job_of_the_pages_service(page: str, text: str, tmp_path: Path) -> None:
    job = configured(text, tmp_path).jobs["nightly"]
    assert job.kind.startswith(page)
    job.target()


@pytest.mark.parametrize("page", PAGES)
def test_our_own_commands_are_understood(page: str, tmp_path: Path) -> None:
    whole = next(text for of, text in CONFIGURATIONS if of == page and "[feeds." in text)
    seen = understood(PAGES[page], configured(whole, tmp_path))
    assert {"submit", "jobs", "package", "serve", "db", "runs"} <= seen


def test_the_commands_of_aws_are_those_of_its_api() -> None:
    session, found = botocore.session.get_session(), list(commands(PAGES["emr"], "aws"))
    assert len(found) >= 10
    for service, name, *words in found:
        flags = {word.partition("=")[0] for word in words if word.startswith("--")}
        if (service, name) in OWN:
            assert flags <= OWN[service, name] | GLOBAL
            continue
        model = session.get_service_model({"s3api": "s3"}.get(service, service))
        operation = next(each for each in model.operation_names if xform_name(each, "-") == name)
        shape = model.operation_model(operation).input_shape
        assert shape is not None
        known = {f"--{xform_name(member, '-')}" for member in shape.members}
        assert flags <= known | GLOBAL, (service, name)
        needed = {f"--{xform_name(member, '-')}" for member in shape.required_members} - {"--client-token"}
        assert needed <= flags or "--cli-input-json" in flags, (service, name)


@pytest.fixture(scope="module")
def gcloud() -> dict[str, Any]:
    """All of gcloud's commands with their flags, as its own completion has them."""
    tree = google_sdk.found("data/cli/gcloud_completions.py")
    if tree is None:
        pytest.skip("no Google Cloud SDK here")
    known: dict[str, Any] = runpy.run_path(str(tree))["STATIC_COMPLETION_CLI_TREE"]
    return known


def test_the_commands_of_gcloud_are_its_own(gcloud: dict[str, Any]) -> None:
    found = list(commands(PAGES["dataproc"], "gcloud"))
    assert len(found) >= 20
    for whole in found:
        at, words = gcloud, list(whole)
        while words and words[0] in at["commands"]:
            at = at["commands"][words.pop(0)]
        assert not at["commands"], f"{whole}: no command of gcloud"
        for flag in (word.partition("=")[0] for word in words if word.startswith("--")):
            assert flag in {**gcloud["flags"], **at["flags"]}, f"{flag}: no flag of {whole}"


def test_what_curl_sends_is_what_dataproc_takes() -> None:
    sent = list(commands(PAGES["dataproc"], "curl"))
    with DataprocServer() as server:
        for words in sent:
            file, url = words[words.index("--json") + 1].removeprefix("@"), words[-1]
            body = (
                (DOCS.parent / file).read_text().replace("replace-project", PROJECT).replace("replace-cluster", CLUSTER)
            )
            path = url.removeprefix("https://europe-west3-dataproc.googleapis.com")
            with urllib.request.urlopen(f"{server.endpoint}{path}", data=body.encode(), timeout=10) as answer:
                assert answer.status == 200
        assert (len(server.jobs), len(server.batches)) == (1, 1)


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", PAGES[page])
    files = re.findall(r"(?:file://|@|=)((?:docs|cloud_jobs)/[\w./-]+)", PAGES[page])
    assert links and files
    assert [link for link in links if not (DOCS / "how-to" / link).exists()] == []
    assert [file for file in files if not (DOCS.parent / file).exists()] == []


@pytest.mark.parametrize(
    ("page", "model"),
    [
        ("emr", EmrSettings),
        ("emr", EmrServerlessSettings),
        ("emr", EmrCluster),
        ("dataproc", DataprocSettings),
        ("dataproc", DataprocServerlessSettings),
    ],
)
def test_every_setting_of_a_kind_has_its_row(page: str, model: Any) -> None:
    rows = PAGES[page].partition("## Settings")[2]
    shared = set(JobSettings.model_fields)
    for key in set(model.model_fields) - shared:
        assert re.search(rf"^\|[^|]*`{key}`", rows, re.M), key


def actions(name: str) -> set[str]:
    """What a policy of AWS allows."""
    document = json.loads((DOCS / "policies" / name).read_text(encoding="utf-8"))
    lists = [one["Action"] for one in document["Statement"]]
    return {action for each in lists for action in ([each] if isinstance(each, str) else each)}


@pytest.mark.parametrize("path", sorted((DOCS / "policies").glob("aws-emr-*.json")), ids=lambda path: path.name)
def test_a_policy_of_aws_allows_real_actions_and_names_what_on(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["Version"] == "2012-10-17"
    assert {one["Effect"] for one in document["Statement"]} == {"Allow"}
    for one in document["Statement"]:
        listed = one["Action"] if isinstance(one["Action"], list) else [one["Action"]]
        assert all("*" not in action for action in listed)
        if one.get("Resource") == "*":  # no ARN exists before a cluster does, and lists have none
            assert set(listed) <= {"elasticmapreduce:RunJobFlow", "elasticmapreduce:ListClusters"}
        for action in listed:
            assert _exists(action), action


def _exists(action: str) -> bool:
    service, _, name = action.partition(":")
    api = {"elasticmapreduce": "emr"}.get(service, service)
    if name in ("PassRole", "ListBucket"):  # rights without an operation of that name
        return True
    return name in botocore.session.get_session().get_service_model(api).operation_names
