"""The templates say what is sent, and nothing else lies beside them."""

import json
import re
from typing import Any

import pytest
import yaml
from databricks.sdk.service.jobs import JobSettings

from cloud_jobs import template_files
from tests.clouds.kubernetes_server import check_application

FILES = template_files.files()
OURS = [name for name in FILES if name.startswith(("databricks", "kubernetes", "synapse"))]


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_template_is_what_its_target_sends(name: str) -> None:
    written = (template_files.FOLDER / name).read_text(encoding="utf-8")
    assert written == FILES[name], "python -m cloud_jobs.template_files writes it again"


def test_nothing_else_lies_there() -> None:
    assert {path.name for path in template_files.FOLDER.iterdir()} == set(FILES)


@pytest.mark.parametrize("name", ["kubernetes-stream.yaml", "kubernetes-backfill.yaml"])
def test_a_spark_application_is_of_the_published_types(name: str) -> None:
    check_application(yaml.safe_load(FILES[name]))


def test_the_bundle_has_jobs_of_the_clients_types() -> None:
    bundle = yaml.safe_load(FILES["databricks.yml"])
    assert set(bundle) == {"bundle", "resources", "targets"}
    jobs: dict[str, Any] = bundle["resources"]["jobs"]
    assert set(jobs) == {"tradewind_stream", "tradewind_ingest"}
    for job in jobs.values():
        assert JobSettings.from_dict(job).as_dict() == job
        assert job["max_concurrent_runs"] == 1
    assert "continuous" in jobs["tradewind_stream"]
    assert jobs["tradewind_ingest"]["trigger"]["file_arrival"]["url"].endswith("/in/")


@pytest.mark.parametrize("name", [name for name in OURS if name.endswith(".tf.json")])
def test_terraform_gets_a_variable_for_each_name_of_ones_own(name: str) -> None:
    document = json.loads(FILES[name])
    assert set(re.findall(r"\$\{var\.([a-z_]+)\}", FILES[name])) == set(document["variable"])
    assert not re.search(r"replace", FILES[name])


@pytest.mark.parametrize("name", OURS)
def test_no_secret_stands_in_a_template(name: str) -> None:
    assert "hunter2" not in FILES[name]
    assert re.search(r"\{\{secrets/tradewind/pgpassword\}\}|tradewind-db|vault\.azure\.net/secrets/", FILES[name])
