"""The files of `templates/` for EMR: what is sent, for the AWS command line and for Terraform."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cloud_jobs import terraform
from cloud_jobs.emr import EmrCluster, EmrSettings
from cloud_jobs.emr_serverless import EmrServerlessSettings
from cloud_jobs.job import JobRequest, Package, Secret

#: The rights that docs/how-to/emr.md gives the job's role.
POLICIES = Path(__file__).parents[1] / "docs" / "policies"
_FOLDER = "s3://replace-jobs/tradewind"
_ACCOUNT, _REGION = "123456789012", "eu-central-1"
_SECRET = f"arn:aws:secretsmanager:{_REGION}:{_ACCOUNT}:secret:replace-secret"
#: Stand-ins that the settings accept, and Terraform's variables for them.
NAMES = {
    "replace-jobs": "jobs_bucket",
    "replace-logs": "logs_bucket",
    "market-data": "trades_bucket",
    "trade-state": "state_bucket",
    _SECRET: "secret_arn",
    _ACCOUNT: "account",
    _REGION: "region",
    "subnet-00000000": "subnet",
}
_PROVIDERS = {"aws": "hashicorp/aws"}


def files(note: str) -> Mapping[str, str]:
    """The text of each by its name."""
    serverless, step = _serverless().target(), _step().target()
    return {
        "emr-serverless-stream.json": _json(serverless.request(_stream())),
        "emr-serverless-backfill.json": _json(serverless.request(_backfill())),
        "emr-serverless.tf.json": _terraform(note, _application()),
        "emr-stream.json": _json(_for_the_command_line(step.request(_stream()))),
        "emr-backfill.json": _json(_for_the_command_line(step.request(_backfill()))),
        "emr-backfill.tf.json": _terraform(note, _cluster()),
    }


def _package() -> Package:
    return Package(f"{_FOLDER}/tradewind_job.py", f"{_FOLDER}/environment.tar.gz", "3.11", "x86_64", "3.5")


def _stream() -> JobRequest:
    secret = Secret("PGPASSWORD", "aws", _SECRET)
    return JobRequest("tradewind-stream", ("stream", "spot"), _package(), (secret,), long_running=True)


def _backfill() -> JobRequest:
    secret = Secret("PGPASSWORD", "aws", _SECRET)
    return JobRequest("tradewind-backfill", ("backfill", "spot"), _package(), (secret,))


def _serverless() -> EmrServerlessSettings:
    return EmrServerlessSettings(
        packages=_FOLDER, region=_REGION, application="00replace", role=f"arn:aws:iam::{_ACCOUNT}:role/tradewind-job",
        logs="s3://replace-logs/tradewind",
    )  # fmt: skip


def _step() -> EmrSettings:
    return EmrSettings(packages=_FOLDER, region=_REGION, cluster="j-REPLACE")


def _for_the_command_line(request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """`aws emr add-steps` has words of its own: https://docs.aws.amazon.com/cli/latest/reference/emr/add-steps.html."""
    return [
        {
            "Type": "CUSTOM_JAR",
            "Name": step["Name"],
            "ActionOnFailure": step["ActionOnFailure"],
            **step["HadoopJarStep"],
        }
        for step in request["Steps"]
    ]


def _application() -> Mapping[str, Any]:
    """An application that stops when it is idle, and the job's role."""
    settings = _serverless()
    return {
        "aws_emrserverless_application": {
            "tradewind": {
                "name": "tradewind",
                "release_label": "emr-7.13.0",
                "type": "spark",
                "architecture": settings.architecture.upper(),
                "auto_start_configuration": {"enabled": True},
                "auto_stop_configuration": {"enabled": True, "idle_timeout_minutes": 15},
                "maximum_capacity": {"cpu": "16 vCPU", "memory": "64 GB"},
            }
        },
        "aws_iam_role": {
            "job": {"name": "tradewind-job", "assume_role_policy": _policy("aws-emr-serverless-trust.json")}
        },
        "aws_iam_role_policy": {
            "job": {
                "name": "tradewind-job",
                "role": "${aws_iam_role.job.id}",
                "policy": _policy("aws-emr-job.json"),
            }
        },
    }


def _policy(name: str) -> str:
    """A policy's text with our stand-ins in the place of the page's examples."""
    text = json.dumps(json.loads((POLICIES / name).read_text(encoding="utf-8")))
    example = f"arn:aws:secretsmanager:{_REGION}:{_ACCOUNT}:secret:tradewind-db-AbCdEf"
    for given, stand_in in ((example, _SECRET), ("trade-jobs", "replace-jobs"), ("trade-logs", "replace-logs")):
        text = text.replace(given, stand_in)
    return text


def _cluster() -> Mapping[str, Any]:
    """A cluster that runs one history and ends."""
    create = EmrCluster(release="emr-7.13.0", subnet="subnet-00000000")
    settings = EmrSettings(packages=_FOLDER, region=_REGION, create=create, logs="s3://replace-logs/tradewind")
    request = settings.target().request(_backfill())
    primary, core = request["Instances"]["InstanceGroups"]
    (step,) = request["Steps"]
    return {
        "aws_emr_cluster": {
            "backfill": {
                "name": request["Name"],
                "release_label": request["ReleaseLabel"],
                "applications": [each["Name"] for each in request["Applications"]],
                "service_role": request["ServiceRole"],
                "log_uri": request["LogUri"],
                "keep_job_flow_alive_when_no_steps": request["Instances"]["KeepJobFlowAliveWhenNoSteps"],
                "termination_protection": request["Instances"]["TerminationProtected"],
                "ec2_attributes": {
                    "subnet_id": request["Instances"]["Ec2SubnetId"],
                    "instance_profile": request["JobFlowRole"],
                },
                "master_instance_group": {"instance_type": primary["InstanceType"]},
                "core_instance_group": {
                    "instance_type": core["InstanceType"],
                    "instance_count": core["InstanceCount"],
                },
                "configurations_json": json.dumps(request["Configurations"]),
                "tags": {tag["Key"]: tag["Value"] for tag in request["Tags"]},
                "step": [
                    {
                        "name": step["Name"],
                        "action_on_failure": step["ActionOnFailure"],
                        "hadoop_jar_step": [
                            {"jar": step["HadoopJarStep"]["Jar"], "args": step["HadoopJarStep"]["Args"]}
                        ],
                    }
                ],
            }
        }
    }


def _terraform(note: str, resources: Mapping[str, Any]) -> str:
    return terraform.document(note, resources, NAMES, _PROVIDERS)


def _json(body: object) -> str:
    return f"{json.dumps(body, indent=2)}\n"
