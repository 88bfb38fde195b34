"""The name of a wish: what is sent twice under the same one is started once."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace

from cloud_jobs.job import JobRequest


def with_token(job: JobRequest) -> JobRequest:
    """A wish that nobody named is one of its own."""
    return job if job.token else replace(job, token=uuid.uuid4().hex)


def digest(token: str) -> str:
    """As labels, tags and names take it: 40 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()[:40]
