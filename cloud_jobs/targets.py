"""The kinds of `[jobs.NAME]`, closed: each has a model of settings beside its target, loaded when it is asked for."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, SerializeAsAny, ValidationInfo

from cloud_jobs.job_settings import JobSettings

Kind = Literal[
    "standalone",  # a Spark master of one's own
    "yarn",  # a Hadoop cluster of one's own
    "emr",  # EMR on EC2: a step of a running cluster
    "emr-serverless",  # a job run of an application
    "dataproc",  # a job of a running cluster
    "dataproc-serverless",  # a batch
    "synapse",  # a batch of a Spark pool
    "databricks",  # a job
    "kubernetes",  # a SparkApplication of the Spark operator
    "kubernetes-submit",  # spark-submit to the cluster's API
]
KINDS: tuple[Kind, ...] = get_args(Kind)


def model_of(kind: Kind) -> type[JobSettings]:
    """The model of a kind's table: of "emr-serverless" it is EmrServerlessSettings in the module emr_serverless."""
    module = import_module(f"cloud_jobs.{kind.replace('-', '_')}")
    found: type[JobSettings] = getattr(module, f"{kind.title().replace('-', '')}Settings")
    return found


def _chosen(table: object, info: ValidationInfo) -> JobSettings:
    if isinstance(table, JobSettings):
        return table
    if not isinstance(table, dict):
        raise ValueError(f"is a table, not {table!r}")
    kind = table.get("kind")
    if kind not in KINDS:
        close = difflib.get_close_matches(str(kind), KINDS, n=1)
        given = f"has kind = {kind!r}" if kind is not None else "has no kind"
        meant = f" (did you mean {close[0]!r}?)" if close else ""
        raise ValueError(f"{given}{meant}; it is one of {', '.join(KINDS)}")
    return model_of(kind).model_validate(table, context=info.context)


#: A table of any kind; validated with the model that its `kind` names.
AnyJob = Annotated[SerializeAsAny[JobSettings], BeforeValidator(_chosen)]
