"""Where a load may run besides Airflow's own worker: jobs of tradewind.toml, each by its provider's own operator.

`TRADEWIND_JOBS` names them with their kinds: "nightly=emr,own=standalone". `tradewind submit NAME --dry-run` gives the
service's request, the operator sends it and waits, in the triggerer where it can. A job's connection is called
`tradewind_NAME`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from tradewind_cli import TradewindOperator

Request = Mapping[str, Any]
#: What `submit --dry-run --json` shows: job, kind, settings and the request.
Answer = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """A job of the configuration."""

    name: str
    kind: str

    @property
    def connection(self) -> str:
        return f"tradewind_{self.name}"

    @property
    def first(self) -> str:
        """The task that a run for this place begins with."""
        return f"{self.name}_package"


def _places(told: str) -> list[Place]:
    """Raises ValueError for a kind that no operator is known for."""
    places = [Place(*map(str.strip, one.partition("=")[::2])) for one in told.split(",") if one.strip()]
    for place in places:
        if place.kind not in WAYS:
            raise ValueError(f"TRADEWIND_JOBS: {place.name}={place.kind}: a kind is one of {', '.join(WAYS)}")
    return places


def send(place: Place, commands: Any) -> Any:
    """The tasks that bring the package there, ask for each command's request, and have it sent; gives the first."""
    way = WAYS[place.kind]
    package = TradewindOperator(
        task_id=place.first,
        words=["package", place.name, "--upload", "--json", "--out", f"package-{place.name}"],
    )
    address = f"{{{{ ti.xcom_pull(task_ids='{place.first}')[0]['address'] }}}}"
    # Without a token: what is tried again here is meant to be started again there.
    words = ["submit", place.name, "--dry-run", "--json", "--token=", "--"]
    asking = TradewindOperator.partial(task_id=f"{place.name}_request", environ={"TRADEWIND_PACKAGE": address})
    asked = asking.expand(words=commands.map(_after(words)))
    operator = getattr(import_module(f"airflow.providers.{way.module}"), way.operator)
    sent = operator.partial(task_id=place.name, **{way.connection: place.connection}, **way.always)
    package >> asked
    sent.expand_kwargs(asked.output.map(_first(way.told)))
    return package


def _after(words: Sequence[str]) -> Callable[[Sequence[str]], list[str]]:
    return lambda command: [*words, *command]


def _first(told: Callable[[Request, Request], dict[str, Any]]) -> Callable[[Sequence[Answer]], dict[str, Any]]:
    return lambda answers: told(answers[0]["request"], answers[0]["settings"])


@dataclass(frozen=True)
class Way:
    """A provider's operator, and what it is told of a request and of the job's settings."""

    module: str
    operator: str
    connection: str
    told: Callable[[Request, Request], dict[str, Any]]
    always: Mapping[str, Any]


def spark_submit(request: Request, _: Request) -> dict[str, Any]:
    """The words of a command. Its master is the connection's; and it is waited for, as the operator means it."""
    words, conf, options = list(request["command"][1:]), {}, {}
    while words and words[0].startswith("--"):
        name, value = words.pop(0), words.pop(0)
        if name == "--conf":
            key, _, setting = value.partition("=")
            conf[key] = "true" if key in _WAITS else setting
        else:
            options[name] = value
    return {
        "application": words[0],
        "application_args": words[1:],
        "conf": conf,
        "name": options["--name"],
        "deploy_mode": options["--deploy-mode"],
    }


def emr_steps(request: Request, _: Request) -> dict[str, Any]:
    """AddJobFlowSteps'. Raises AirflowFailException for a job whose cluster is started for it."""
    if "JobFlowId" not in request:
        raise AirflowFailException(
            "this job starts a cluster of its own, which no operator here waits for; run "
            "`tradewind submit JOB --wait` in a task, or name a running cluster in [jobs.JOB] cluster"
        )
    return {
        "job_flow_id": request["JobFlowId"],
        "steps": request["Steps"],
        "execution_role_arn": request.get("ExecutionRoleArn"),
    }


def emr_serverless(request: Request, _: Request) -> dict[str, Any]:
    """StartJobRun's."""
    named = ("applicationId", "executionRoleArn", "jobDriver", "configurationOverrides", "name", "clientToken")
    more = {name: value for name, value in request.items() if name not in named}
    return {
        "application_id": request["applicationId"],
        "execution_role_arn": request["executionRoleArn"],
        "job_driver": request["jobDriver"],
        "configuration_overrides": request.get("configurationOverrides"),
        "name": request["name"],
        "config": more,
    }


def dataproc(request: Request, _: Request) -> dict[str, Any]:
    """SubmitJob's, as the provider's client spells it."""
    from google.cloud.dataproc_v1 import Job

    job = _spelled(Job, request["job"])
    return {"project_id": request["projectId"], "region": request["region"], "job": job}


def dataproc_batch(request: Request, _: Request) -> dict[str, Any]:
    """CreateBatch's; the place is in `parent`, projects/PROJECT/locations/REGION."""
    from google.cloud.dataproc_v1 import Batch

    _, project, _, region = request["parent"].split("/")
    return {"project_id": project, "region": region, "batch": _spelled(Batch, request["batch"])}


def _spelled(message: Any, body: Request) -> dict[str, Any]:
    made = message.from_json(json.dumps(body), ignore_unknown_fields=False)
    told: dict[str, Any] = message.to_dict(made, always_print_fields_with_no_presence=False)
    return told


def synapse(request: Request, settings: Request) -> dict[str, Any]:
    """The batch's options, as the provider's client has them."""
    from azure.synapse.spark.models import SparkBatchJobOptions

    return {"payload": SparkBatchJobOptions.deserialize(dict(request)), "spark_pool": settings["pool"]}


def databricks(request: Request, _: Request) -> dict[str, Any]:
    """The body of jobs/runs/submit."""
    return {"json": dict(request)}


def kubernetes(request: Request, _: Request) -> dict[str, Any]:
    """The SparkApplication."""
    return {"template_spec": dict(request), "namespace": request["metadata"]["namespace"]}


_WAITS = ("spark.yarn.submit.waitAppCompletion", "spark.kubernetes.submission.waitAppCompletion")
_DEFERRED = {"deferrable": True}
_SPARK_SUBMIT = Way(
    "apache.spark.operators.spark_submit",
    "SparkSubmitOperator",
    "conn_id",
    spark_submit,
    {"spark_binary": "spark-submit"},
)
WAYS: Mapping[str, Way] = {
    "standalone": _SPARK_SUBMIT,
    "yarn": _SPARK_SUBMIT,
    "kubernetes-submit": _SPARK_SUBMIT,
    "emr": Way(
        "amazon.aws.operators.emr", "EmrAddStepsOperator", "aws_conn_id", emr_steps,
        {"wait_for_completion": True, **_DEFERRED},
    ),
    "emr-serverless": Way(
        "amazon.aws.operators.emr", "EmrServerlessStartJobOperator", "aws_conn_id", emr_serverless, _DEFERRED
    ),
    "dataproc": Way(
        "google.cloud.operators.dataproc", "DataprocSubmitJobOperator", "gcp_conn_id", dataproc, _DEFERRED
    ),
    "dataproc-serverless": Way(
        "google.cloud.operators.dataproc", "DataprocCreateBatchOperator", "gcp_conn_id", dataproc_batch, _DEFERRED
    ),
    "synapse": Way(
        "microsoft.azure.operators.synapse", "AzureSynapseRunSparkBatchOperator", "azure_synapse_conn_id", synapse, {}
    ),
    "databricks": Way(
        "databricks.operators.databricks", "DatabricksSubmitRunOperator", "databricks_conn_id", databricks, _DEFERRED
    ),
    "kubernetes": Way(
        "cncf.kubernetes.operators.spark_kubernetes", "SparkKubernetesOperator", "kubernetes_conn_id", kubernetes, {}
    ),
}  # fmt: skip
PLACES = _places(os.environ.get("TRADEWIND_JOBS", ""))
