"""Where a service's client is not installed, each call says so and how to mend it, before anything is asked."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from cloud_jobs.databricks import DatabricksSettings
from cloud_jobs.errors import MissingClient
from cloud_jobs.job import JobId, JobRequest, Target
from cloud_jobs.kubernetes import KubernetesSettings
from cloud_jobs.kubernetes_submit import KubernetesSubmitSettings
from cloud_jobs.synapse import SynapseSettings
from tests.clouds import databricks_jobs, kubernetes_jobs, synapse_jobs
from tests.clouds.job_service import a_job

DATABRICKS = DatabricksSettings.model_validate(databricks_jobs.TABLE).target()
SYNAPSE = SynapseSettings.model_validate(synapse_jobs.TABLE).target()
OPERATOR = KubernetesSettings.model_validate(kubernetes_jobs.TABLE).target()
SUBMIT = KubernetesSubmitSettings.model_validate({**kubernetes_jobs.TABLE, "server": "https://127.0.0.1:6443"}).target()
CASES: dict[str, tuple[Target, str, JobRequest, str]] = {
    "databricks": (DATABRICKS, "databricks", a_job(package=databricks_jobs.PACKAGE), "run/1"),
    "synapse": (SYNAPSE, "azure", a_job(package=synapse_jobs.PACKAGE), "1"),
    "kubernetes": (OPERATOR, "kubernetes", kubernetes_jobs.a_pod_job(), "name/uid"),
    "kubernetes types": (OPERATOR, "kubeflow_spark_api", kubernetes_jobs.a_pod_job(), ""),
    "kubernetes submit": (SUBMIT, "kubernetes", kubernetes_jobs.a_pod_job(), "pod"),
}


def without(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if it were not there, whatever has been imported of it."""
    names = [name for name in sys.modules if name == package or name.startswith(f"{package}.")]
    for name in [*names, package]:
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.parametrize("case", CASES)
def test_a_missing_client_is_told(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target, package, job, job_id = CASES[case]
    without(package, monkeypatch)
    calls: list[Callable[[], Any]] = [lambda: target.submit(job)]
    if job_id:
        calls += [lambda: target.status(JobId(job_id)), lambda: target.cancel(JobId(job_id))]
    for call in calls:
        with pytest.raises(MissingClient, match=rf"{package}.*pip install 'tradewind\[jobs\]'"):
            call()
