"""Which operation of which AWS service a request asks for, by what the wire tells."""

import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

Environ = dict[str, Any]

#: S3's operations on an object, by method and the parameter that makes them another one.
OBJECT = {
    ("GET", ""): "GetObject",
    ("GET", "tagging"): "GetObjectTagging",
    ("GET", "uploadId"): "ListParts",
    ("HEAD", ""): "HeadObject",
    ("PUT", ""): "PutObject",
    ("PUT", "partNumber"): "UploadPart",
    ("PUT", "tagging"): "PutObjectTagging",
    ("POST", "uploads"): "CreateMultipartUpload",
    ("POST", "uploadId"): "CompleteMultipartUpload",
    ("DELETE", ""): "DeleteObject",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
}
BUCKET = {
    ("GET", ""): "ListObjects",
    ("GET", "list-type"): "ListObjectsV2",
    ("GET", "location"): "GetBucketLocation",
    ("GET", "uploads"): "ListMultipartUploads",
    ("GET", "versions"): "ListObjectVersions",
    ("HEAD", ""): "HeadBucket",
    ("PUT", ""): "CreateBucket",
    ("PUT", "notification"): "PutBucketNotificationConfiguration",
    ("PUT", "versioning"): "PutBucketVersioning",
    ("POST", "delete"): "DeleteObjects",
    ("DELETE", ""): "DeleteBucket",
}
#: EMR Serverless's, by method and what the path ends in; `*` stands for an id.
SERVERLESS = {
    ("POST", "applications"): "CreateApplication",
    ("GET", "applications/*"): "GetApplication",
    ("POST", "applications/*/jobruns"): "StartJobRun",
    ("GET", "applications/*/jobruns"): "ListJobRuns",
    ("GET", "applications/*/jobruns/*"): "GetJobRun",
    ("DELETE", "applications/*/jobruns/*"): "CancelJobRun",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: `operation` as boto3 names it, `signed` False for an anonymous one, `path` raw."""

    service: str
    operation: str
    signed: bool
    path: str
    headers: dict[str, str]


def asked(environ: Environ) -> Asked:
    """What the request asks for; a form's body is read and put back."""
    service = _service(environ)
    operation = {"s3": _s3, "emr-serverless": _serverless}.get(service, _action)(environ)
    headers = {name[5:].replace("_", "-").lower(): str(environ[name]) for name in environ if name.startswith("HTTP_")}
    return Asked(service, operation, "authorization" in headers, _path(environ), headers)


def _path(environ: Environ) -> str:
    return str(environ["PATH_INFO"]).encode("latin-1").decode("utf-8", "replace")


def _service(environ: Environ) -> str:
    scope = str(environ.get("HTTP_AUTHORIZATION", "")).partition("Credential=")[2].split(",")[0].split("/")
    return scope[3] if len(scope) == 5 else "s3"


def _s3(environ: Environ) -> str:
    _, _, key = str(environ["PATH_INFO"]).lstrip("/").partition("/")
    method, query = str(environ["REQUEST_METHOD"]), parse_qs(str(environ["QUERY_STRING"]), keep_blank_values=True)
    if "HTTP_X_AMZ_COPY_SOURCE" in environ:
        return "UploadPartCopy" if "partNumber" in query else "CopyObject"
    known = OBJECT if key else BUCKET
    special = next((name for name in query if (method, name) in known), "")
    return known.get((method, special), f"{method} {'object' if key else 'bucket'}")


def _serverless(environ: Environ) -> str:
    parts = str(environ["PATH_INFO"]).strip("/").split("/")
    path = "/".join("*" if place % 2 else part for place, part in enumerate(parts))
    return SERVERLESS.get((str(environ["REQUEST_METHOD"]), path), f"{environ['REQUEST_METHOD']} {path}")


def _action(environ: Environ) -> str:
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rpartition(".")[2]
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return parse_qs(body.decode("utf-8", "replace")).get("Action", ["?"])[0]
