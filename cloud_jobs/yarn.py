"""A Hadoop cluster of one's own: spark-submit brings the driver into it, its resource manager tells how it is."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from cloud_jobs.job import Target
from cloud_jobs.job_settings import JobSettings


class YarnSettings(JobSettings):
    """`resource_manager` is its web address; HADOOP_CONF_DIR tells spark-submit of the cluster."""

    takes: ClassVar[tuple[str, ...]] = ("file:",)

    kind: Literal["yarn"]
    resource_manager: str = Field(pattern=r"^https?://[^\s/?#]+$")
    spark_submit: str | None = None
    python_program: str = "python3"

    def target(self) -> Target:
        raise NotImplementedError
