"""What a request says alike in every service."""

from dataclasses import replace

import pytest

from cloud_jobs import rendering
from tests.clouds.job_service import PACKAGE, a_job


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("/srv/tradewind/environment.tar.gz", "/srv/tradewind/environment.tar.gz#environment"),
        ("/srv/my desk/50%/environment.tar.gz", "file:/srv/my%20desk/50%25/environment.tar.gz#environment"),
        ("s3://trade-jobs/environment.tar.gz", "s3://trade-jobs/environment.tar.gz#environment"),
    ],
    ids=["a plain path", "a path with blanks", "an address"],
)
def test_the_environment_is_told_as_spark_reads_archives(place: str, told: str) -> None:
    job = a_job(package=replace(PACKAGE, environment=place))
    assert rendering.archive(job) == told
    assert rendering.spark_conf(job)["spark.archives"] == told
    assert rendering.arguments(job, place)[0] == f"--environment={place}"
