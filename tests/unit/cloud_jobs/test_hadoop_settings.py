"""`[jobs.NAME]` of EMR and Dataproc: what makes a target, and what is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from cloud_jobs.dataproc import DataprocTarget
from cloud_jobs.dataproc_serverless import DataprocServerlessTarget
from cloud_jobs.emr import EmrTarget
from cloud_jobs.emr_cluster import EmrClusterTarget
from cloud_jobs.emr_serverless import EmrServerlessTarget
from cloud_jobs.targets import model_of

EMR = {"kind": "emr", "packages": "s3://trade-jobs/tradewind", "region": "eu-central-1"}
CREATE = {"release": "emr-7.13.0", "subnet": "subnet-0a1b2c3d4e5f60718"}
SERVERLESS = {
    "kind": "emr-serverless",
    "packages": "s3://trade-jobs/tradewind",
    "region": "eu-central-1",
    "application": "00f1abcd2efg3h4i",
    "role": "arn:aws:iam::123456789012:role/tradewind-job",
    "logs": "s3://trade-logs/tradewind",
}
GOVERNMENT = "arn:aws-us-gov:iam::123456789012:role/jobs/tradewind"
DATAPROC = {
    "kind": "dataproc",
    "packages": "gs://trade-jobs/tradewind",
    "project": "trades-project",
    "region": "europe-west3",
    "cluster": "trades",
}
BATCH = {
    "kind": "dataproc-serverless",
    "packages": "gs://trade-jobs/tradewind",
    "project": "trades-project",
    "region": "europe-west3",
    "runtime": "2.3",
    "service_account": "tradewind-job@trades-project.iam.gserviceaccount.com",
}


@pytest.mark.parametrize(
    ("table", "target"),
    [
        ({**EMR, "cluster": "j-2AXXXXXXGAPLF"}, EmrTarget),
        ({**EMR, "create": CREATE}, EmrClusterTarget),
        (SERVERLESS, EmrServerlessTarget),
        ({**SERVERLESS, "region": "us-gov-west-1", "role": GOVERNMENT}, EmrServerlessTarget),
        (DATAPROC, DataprocTarget),
        ({**DATAPROC, "project": "example.com:trades-project", "region": "northamerica-northeast1"}, DataprocTarget),
        (BATCH, DataprocServerlessTarget),
    ],
    ids=["emr", "emr cluster", "emr-serverless", "another partition", "dataproc", "a domain's project", "batch"],
)
def test_a_table_makes_its_target(table: dict[str, Any], target: type) -> None:
    assert isinstance(model_of(table["kind"]).model_validate(table).target(), target)


@pytest.mark.parametrize(
    ("table", "word"),
    [
        ({**EMR, "cluster": "trades"}, "is the id of a cluster, such as j-2AXXXXXXGAPLF, not its name, not 'trades'"),
        ({**EMR, "create": {**CREATE, "subnets": ["a"]}}, "did you mean 'subnet'"),
        ({**SERVERLESS, "region": "Frankfurt"}, "is a region, such as eu-central-1, not 'Frankfurt'"),
        (EMR, "either cluster"),
        ({**EMR, "cluster": "j-2AXXXXXXGAPLF", "create": CREATE}, "either cluster"),
        ({**EMR, "cluster": "trades"}, "cluster"),
        ({**EMR, "create": {**CREATE, "release": "7.13"}}, "release"),
        ({**EMR, "create": {**CREATE, "subnets": ["a"]}}, "subnets"),
        ({**EMR, "cluster": "j-2AXXXXXXGAPLF", "region": "Frankfurt"}, "region"),
        ({**EMR, "cluster": "j-2AXXXXXXGAPLF", "role": "tradewind-job"}, "role"),
        ({**EMR, "cluster": "j-2AXXXXXXGAPLF", "packages": "gs://trade-jobs"}, "s3://"),
        ({**SERVERLESS, "application": "00F1"}, "application"),
        ({**SERVERLESS, "logs": "trade-logs"}, "logs"),
        ({**SERVERLESS, "restarts_per_hour": 11}, "restarts_per_hour"),
        ({**SERVERLESS, "restart_per_hour": 1}, "restarts_per_hour"),
        ({**SERVERLESS, "interpreter": "python3; rm -rf /"}, "interpreter"),
        ({**DATAPROC, "cluster": "Trades"}, "cluster"),
        ({**DATAPROC, "region": "eu-central-1"}, "region"),
        ({**DATAPROC, "project": "X"}, "project"),
        ({**DATAPROC, "labels": {"team": "Trades!"}}, "labels"),
        ({**DATAPROC, "packages": "s3://trade-jobs"}, "gs://"),
        ({**BATCH, "service_account": "tradewind-job"}, "service_account"),
        ({**BATCH, "runtime": "latest"}, "runtime"),
        ({k: v for k, v in BATCH.items() if k != "service_account"}, "service_account"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_slip_is_told_with_the_setting_that_holds_it(table: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        model_of(table["kind"]).model_validate(table)
