"""The templates for EMR and Dataproc: they are what is sent, and the clients' own types know every word of them."""

import json
import re
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from google.cloud import dataproc_v1 as dataproc

from cloud_jobs import aws_templates, google_templates
from cloud_jobs.template_files import FOLDER

FILES = {**aws_templates.files("a note"), **google_templates.files("a note")}
TERRAFORM = [name for name in FILES if name.endswith(".tf.json")]


def faults(service: str, operation: str, told: dict[str, Any]) -> str:
    """What the client of AWS has against a request."""
    model = botocore.session.get_session().get_service_model(service).operation_model(operation)
    assert model.input_shape is not None
    report: str = ParamValidator().validate(told, model.input_shape).generate_report()
    return report


@pytest.mark.parametrize("name", ["emr-serverless-stream.json", "emr-serverless-backfill.json"])
def test_a_job_run_of_emr_serverless_has_no_word_that_aws_does_not_know(name: str) -> None:
    told = {"clientToken": "made by the command line", **json.loads(FILES[name])}
    assert faults("emr-serverless", "StartJobRun", told) == ""


@pytest.mark.parametrize("name", ["emr-stream.json", "emr-backfill.json"])
def test_a_step_has_no_word_that_aws_does_not_know(name: str) -> None:
    (step,) = json.loads(FILES[name])
    assert step.pop("Type") == "CUSTOM_JAR"
    jar = {key: step.pop(key) for key in ("Jar", "Args")}
    assert faults("emr", "AddJobFlowSteps", {"JobFlowId": "j-1", "Steps": [{**step, "HadoopJarStep": jar}]}) == ""


def test_a_cluster_of_its_own_has_no_word_that_aws_does_not_know() -> None:
    from cloud_jobs.emr import EmrCluster, EmrSettings
    from tests.clouds.job_service import a_job

    create = EmrCluster(release="emr-7.13.0", subnet="subnet-0a1b2c3d", tags={"team": "trades"})
    settings = EmrSettings(packages="s3://trade-jobs", region="eu-central-1", create=create, logs="s3://trade-logs")
    assert faults("emr", "RunJobFlow", dict(settings.target().request(a_job(token="a wish")))) == ""


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("dataproc-stream.json", dataproc.SubmitJobRequest),
        ("dataproc-backfill.json", dataproc.SubmitJobRequest),
        ("dataproc-backfill.workflow.json", dataproc.WorkflowTemplate),
        ("dataproc-serverless-backfill.json", dataproc.Batch),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_what_dataproc_is_sent_has_no_word_that_its_types_do_not_know(name: str, of: Any) -> None:
    read = of.from_json(FILES[name], ignore_unknown_fields=False)
    assert json.loads(of.to_json(read, always_print_fields_with_no_presence=False, indent=None)) == json.loads(
        FILES[name]
    )


@pytest.mark.parametrize("name", TERRAFORM)
def test_terraform_gets_a_variable_for_each_name_of_ones_own(name: str) -> None:
    document = json.loads(FILES[name])
    used = set(re.findall(r"\$\{var\.([a-z_]+)\}", FILES[name]))
    assert used == set(document["variable"])
    assert not re.search(r"replace|REPLACE|123456789012", FILES[name])


@pytest.mark.parametrize("name", [name for name in FILES if name not in TERRAFORM])
def test_in_a_request_every_name_of_ones_own_says_replace(name: str) -> None:
    for uri in re.findall(r"(?:s3|gs)://([a-z0-9-]+)", FILES[name]):
        assert uri.startswith("replace-")


def test_every_file_is_one_of_these_services_or_of_another() -> None:
    ours = {path.name for path in FOLDER.iterdir() if path.name.startswith(("emr", "dataproc"))}
    assert ours == set(FILES)
