"""What a request says alike in every service: the program's arguments and Spark's settings."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from cloud_jobs.job import JobRequest

#: The folder that the packed environment is unpacked as, in the working directory of driver and executors.
FOLDER = "environment"


def archive(job: JobRequest) -> str:
    """The environment as Spark takes archives: `uri#environment`. A path with blanks is none that it understands."""
    place = job.package.environment
    quoted = quote(place) if place.startswith("/") else place
    return f"{quoted if quoted == place else f'file:{quoted}'}#{FOLDER}"


def arguments(job: JobRequest, environment: str = FOLDER) -> list[str]:
    """Those of the entry. `environment` is the unpacked folder, or an archive that the driver itself can open."""
    secrets = [f"--secret={one.variable}={one.store}={one.reference}" for one in job.secrets]
    resolved = [text for text, one in zip(secrets, job.secrets, strict=True) if one.store != "kubernetes"]
    return [f"--environment={environment}", *resolved, "--", *job.command]


def spark_conf(job: JobRequest) -> dict[str, str]:
    """Spark's settings for any master: sizes, the environment on executors, connectors; the request's own come last."""
    size, package = job.size, job.package
    conf = {
        "spark.app.name": job.name,
        "spark.archives": archive(job),
        "spark.executorEnv.PYTHONPATH": FOLDER,
        "spark.driver.cores": str(size.driver_cores),
        "spark.driver.memory": f"{size.driver_memory}m",
        "spark.executor.instances": str(size.executors),
        "spark.executor.cores": str(size.executor_cores),
        "spark.executor.memory": f"{size.executor_memory}m",
        **_lists({"spark.jars.packages": package.coordinates, "spark.jars.excludes": package.exclusions}),
    }
    return {**conf, **job.conf}


def _lists(values: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {name: ",".join(value) for name, value in values.items() if value}
