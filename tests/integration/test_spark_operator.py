"""SparkApplications against the definition that the operator publishes, field by field, and its states."""

from dataclasses import replace
from typing import Any, get_args

import pytest
import yaml
from jsonschema import Draft202012Validator

from cloud_jobs import template_files
from cloud_jobs.kubernetes import STATES, KubernetesSettings, State
from tests.clouds import spark_operator
from tests.clouds.kubernetes_jobs import TABLE, a_pod_job

EVERYTHING: dict[str, Any] = {
    **TABLE,
    "in_image": "/opt/tradewind",
    "pull_policy": "Always",
    "pull_secrets": ["registry"],
    "node_selector": {"pool": "spark"},
}


@pytest.fixture(scope="module")
def published() -> Draft202012Validator:
    return Draft202012Validator(spark_operator.schema())


def faults(published: Draft202012Validator, body: Any) -> list[str]:
    return [f"{'.'.join(map(str, fault.absolute_path))}: {fault.message}" for fault in published.iter_errors(body)]


@pytest.mark.parametrize("name", ["kubernetes-stream.yaml", "kubernetes-backfill.yaml"])
def test_a_template_is_as_the_operator_defines_it(published: Draft202012Validator, name: str) -> None:
    assert faults(published, yaml.safe_load((template_files.FOLDER / name).read_text())) == []


@pytest.mark.parametrize("table", [TABLE, EVERYTHING], ids=["fetched", "in the image, with all settings"])
@pytest.mark.parametrize("long_running", [True, False], ids=["stream", "backfill"])
def test_what_is_sent_is_as_the_operator_defines_it(
    published: Draft202012Validator, table: dict[str, Any], long_running: bool
) -> None:
    job = a_pod_job(long_running=long_running, token="a wish")
    job = replace(job, conf={**job.conf, "spark.jars.packages": "a:b:1", "spark.driver.memory": "7g"})
    body = KubernetesSettings.model_validate(table).target().request(job)
    assert faults(published, body) == []


def test_a_field_that_the_operator_does_not_know_would_be_noticed(published: Draft202012Validator) -> None:
    body: Any = KubernetesSettings.model_validate(TABLE).target().request(a_pod_job())
    body["spec"]["driver"]["coers"] = body["spec"]["driver"].pop("cores")
    body["spec"]["mode"] = "clsuter"
    assert len(faults(published, body)) == 2


def test_every_state_of_the_operators_has_its_own() -> None:
    assert spark_operator.states() == set(STATES) == set(get_args(State))
