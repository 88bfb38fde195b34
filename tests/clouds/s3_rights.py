"""Rights as docs/how-to/s3.md gives them, which moto does not know: list one prefix, read below it, and no more."""

from collections.abc import Iterable
from urllib.parse import parse_qs

from moto.s3.models import s3_backends

from tests.clouds.aws_requests import Asked, Environ
from tests.clouds.moto_server import ACCOUNT, Fault, StartResponse

_DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


def only_below(prefix: str) -> Fault:
    """A fault for `MotoServer.faulty`. Who may not list without a prefix is denied what is not there, as by S3."""

    def judge(wanted: Asked, environ: Environ, start_response: StartResponse) -> Iterable[bytes] | None:
        if _is_allowed(wanted, environ, prefix):
            return None
        start_response("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(_DENIED)))])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else _DENIED]

    return judge


def _is_allowed(wanted: Asked, environ: Environ, prefix: str) -> bool:
    if wanted.operation == "ListObjectsV2":
        return parse_qs(str(environ["QUERY_STRING"])).get("prefix", [""])[0].startswith(prefix)
    _, bucket, key = wanted.path.split("/", 2)
    if wanted.operation not in ("GetObject", "HeadObject"):
        return False
    found = s3_backends[ACCOUNT]["aws"].get_object(bucket, key)
    return key.startswith(prefix) and found is not None
