"""What a batch of Synapse is, in its client's words: nodes for sizes, and Spark's settings for YARN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cloud_jobs.errors import TargetError
from cloud_jobs.job import JobRequest
from cloud_jobs.rendering import FOLDER, archive, arguments, spark_conf
from cloud_jobs.secret_stores import LINKED_SERVICE
from cloud_jobs.tokens import digest

if TYPE_CHECKING:
    from cloud_jobs.synapse import SynapseSettings

#: GB by cores, of the sizes that nodes of a pool have.
#: https://learn.microsoft.com/azure/synapse-analytics/spark/apache-spark-pool-configurations
NODES: Mapping[int, int] = {4: 28, 8: 56, 16: 112, 32: 224, 64: 400}
TOKEN = "tradewind-token"  # a tag
#: What a batch says in fields of its own.
_FIELDS = (
    "spark.archives",
    "spark.driver.",
    "spark.executor.instances",
    "spark.executor.cores",
    "spark.executor.memory",
)


def told(settings: SynapseSettings, job: JobRequest) -> dict[str, Any]:
    """What the batch is, in the client's words."""
    driver_cores, driver_memory = _node(job.name, job.size.driver_cores, job.size.driver_memory)
    cores, memory = _node(job.name, job.size.executor_cores, job.size.executor_memory)
    return {
        "name": job.name,
        "file": job.package.entry,
        "arguments": arguments(job),
        "archives": [archive(job)],
        "configuration": _conf(settings, job),
        "driver_cores": driver_cores,
        "driver_memory": f"{driver_memory}g",
        "executor_cores": cores,
        "executor_memory": f"{memory}g",
        "executor_count": job.size.executors,
        "tags": {TOKEN: digest(job.token)} if job.token else None,
    }


def _node(name: str, cores: int, memory: int) -> tuple[int, int]:
    """Cores and GB of the smallest node that holds so much, MiB of memory: a pool has no others."""
    for whole, gigabytes in NODES.items():
        if cores <= whole and memory <= gigabytes * 1024:
            return whole, gigabytes
    known = ", ".join(f"{whole} with {gigabytes} GB" for whole, gigabytes in NODES.items())
    raise TargetError(f"{name}: no node of Synapse has {cores} cores and {memory} MiB; there are {known}")


def _conf(settings: SynapseSettings, job: JobRequest) -> dict[str, str]:
    """The driver runs in YARN, so its environment is the application master's.

    https://spark.apache.org/docs/latest/running-on-yarn.html#spark-properties
    """
    common = {name: value for name, value in spark_conf(job).items() if not name.startswith(_FIELDS)}
    driver = {"spark.yarn.appMasterEnv.PYTHONPATH": FOLDER}
    if settings.linked_service:
        driver[f"spark.yarn.appMasterEnv.{LINKED_SERVICE}"] = settings.linked_service
    tries = settings.restarts + 1 if job.long_running else 1
    lasting = {"spark.yarn.maxAppAttempts": str(tries)}
    if job.long_running:
        lasting["spark.yarn.am.attemptFailuresValidityInterval"] = "1h"
    fixed = {"spark.dynamicAllocation.enabled": "false"}
    return {**common, **driver, **lasting, **fixed, **job.conf}
