"""AWS on this machine: moto's server in this process, its S3 events mended, its requests counted, its faults made.

One at a time in a process: moto keeps its state in its modules. That state outlives `stop`, until `reset`.
"""

import json
import socket
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import boto3
from botocore.config import Config
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_server import werkzeug_app
from moto.moto_server.utilities import RegexConverter
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import BaseWSGIServer, make_server

from tests.clouds import s3_events, sqs_pace
from tests.clouds.aws_environment import REGION
from tests.clouds.aws_requests import Asked, Environ, asked

ACCOUNT = "123456789012"
StartResponse = Callable[..., Any]
#: Answers a request in moto's place, or None where it has nothing against it.
Fault = Callable[[Asked, Environ, StartResponse], Iterable[bytes] | None]


class _AnyCharacter(RegexConverter):
    """moto's routes do not take a line end in a key; S3 does."""

    def __init__(self, url_map: Any, *items: Any) -> None:
        super().__init__(url_map, *items)
        self.regex = f"(?s:{self.regex})"


class MotoServer:
    """S3, SQS, SNS and EventBridge of one account in one region. Use the fixture `aws`, or `with MotoServer() as aws`.

    `requests` are all that were asked for since the last `forget`, failed ones too.
    """

    region, account = REGION, ACCOUNT

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[Asked] = []
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._clients: dict[str, Any] = {}
        self._faults: list[Fault] = []
        self._sockets: set[socket.socket] = set()
        self._server: BaseWSGIServer | None = None
        self._thread = threading.Thread()
        self._mended = ExitStack()

    @property
    def endpoint(self) -> str:
        """The address for every service, the same after each start."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "MotoServer":
        self._mended.enter_context(s3_events.mended())
        self._mended.enter_context(sqs_pace.quickened())
        s3_events.replace(self._mended, werkzeug_app, "RegexConverter", _AnyCharacter)
        self.reset()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._mended.close()

    def start(self) -> None:
        """Answer, with the state of before `stop` and on the same port."""
        handler = _handler(self._sockets)
        self._server = make_server("127.0.0.1", self.port, self._answer, threaded=True, request_handler=handler)
        self.port = self._server.port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Refuse connections and cut those that are open, long polls too."""
        if self._server is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server = None
        for each in list(self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """An empty account."""
        BackendDict.reset()
        reset_model_data()
        self.forget()

    @contextmanager
    def down(self) -> Iterator[None]:
        """Nobody answers while it lasts."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def failing(self, status: int, code: str, what: str | None = None, times: int = 1_000_000) -> Iterator[None]:
        """The next requests, all or those of one operation or service (s3, sqs), fail with this code: 503 SlowDown…"""
        left = iter(range(times))

        def fail(wanted: Asked, environ: Environ, start_response: StartResponse) -> Iterable[bytes] | None:
            if what not in (None, wanted.operation, wanted.service) or next(left, None) is None:
                return None
            return _refusal(wanted, environ, start_response, status, code)

        with self.faulty(fail):
            yield

    @contextmanager
    def cutting(self, after: int, times: int = 1_000_000) -> Iterator[None]:
        """The next GetObject answers break off after so many bytes of the body, though its length was promised."""
        left = iter(range(times))

        def cut(wanted: Asked, environ: Environ, start_response: StartResponse) -> Iterable[bytes] | None:
            if wanted.operation != "GetObject" or next(left, None) is None:
                return None
            whole = b"".join(self._moto(environ, start_response))
            return _broken_off(whole[:after], environ["werkzeug.socket"])

        with self.faulty(cut):
            yield

    @contextmanager
    def faulty(self, fault: Fault) -> Iterator[None]:
        """Any fault: the first that answers stands in for moto, while it lasts. It may also just wait, or act."""
        self._faults.append(fault)
        try:
            yield
        finally:
            self._faults.remove(fault)

    def forget(self) -> None:
        """Count from nought."""
        self.requests = []

    def count(self, operation: str) -> int:
        """How often it was asked for."""
        return self.counts()[operation]

    def counts(self, service: str | None = None) -> Counter[str]:
        """Requests by operation (GetObject, ReceiveMessage…), of one service (s3, sqs, sns, events) or all."""
        return Counter(each.operation for each in self.requests if service in (None, each.service))

    def client(self, service: str) -> Any:
        """A boto3 client for what tests do by themselves; its requests are counted as well."""
        if service not in self._clients:
            self._clients[service] = self._client(service)
        return self._clients[service]

    def _client(self, service: str) -> Any:
        make: Any = boto3.client  # by a name that no overload knows
        return make(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="tests",
            aws_secret_access_key="tests",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def bucket(self, name: str | None = None, versioned: bool = False) -> str:
        """A new bucket; its name."""
        name, s3 = name or f"bucket-{uuid.uuid4().hex[:12]}", self.client("s3")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        if versioned:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def fill(self, bucket: str, keys: Iterable[str], content: bytes = b"x") -> None:
        """Many objects at once, past the wire; they are told like any others."""
        store = s3_backends[ACCOUNT]["aws"]
        for key in keys:
            store.put_object(bucket, key, content)

    def remove(self, bucket: str, key: str) -> None:
        """An object is gone, past the wire."""
        s3_backends[ACCOUNT]["aws"].delete_object(bucket, key)

    def queue(self, name: str | None = None, **attributes: str) -> str:
        """A new queue; its url. `VisibilityTimeout="2"` and the like."""
        made = self.client("sqs").create_queue(
            QueueName=name or f"queue-{uuid.uuid4().hex[:12]}", Attributes=attributes
        )
        return str(made["QueueUrl"])

    def arn(self, queue: str) -> str:
        """A queue's, by its url."""
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue.rpartition('/')[2]}"

    def notify(self, bucket: str, queue: str, by: str = "sqs") -> None:
        """The bucket's events go to this queue: `by` sqs straight (a TestEvent first), sns or events (EventBridge)."""
        rule: dict[str, Any] = {"Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}
        wanted: dict[str, Any] = {"EventBridgeConfiguration": {}}
        match by:
            case "sqs":
                wanted = {"QueueConfigurations": [{**rule, "QueueArn": self.arn(queue)}]}
            case "sns":
                wanted = {"TopicConfigurations": [{**rule, "TopicArn": self._topic_to(queue)}]}
            case "events":
                self._rule_to(queue)
        self.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted)

    def _topic_to(self, queue: str) -> str:
        sns = self.client("sns")
        topic = str(sns.create_topic(Name=f"topic-{uuid.uuid4().hex[:12]}")["TopicArn"])
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=self.arn(queue))
        return topic

    def _rule_to(self, queue: str) -> None:
        events, name = self.client("events"), f"rule-{uuid.uuid4().hex[:12]}"
        events.put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.s3"]}))
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": self.arn(queue)}])

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        wanted = asked(environ)
        self.requests.append(wanted)
        for fault in list(self._faults):
            if (answer := fault(wanted, environ, start_response)) is not None:
                return answer
        answered: Iterable[bytes] = self._moto(environ, start_response)
        return answered


def _handler(sockets: set[socket.socket]) -> type[MotoRequestHandler]:
    class Handler(MotoRequestHandler):
        def setup(self) -> None:
            super().setup()
            sockets.add(self.connection)

        def finish(self) -> None:
            sockets.discard(self.connection)
            with suppress(OSError):
                super().finish()

        def log(self, *_: object) -> None:
            """Nothing: requests are counted, not told."""

        def connection_dropped(self, *_: object) -> None:
            """Nothing: tests drop connections."""

    return Handler


def _refusal(wanted: Asked, environ: Environ, start_response: StartResponse, status: int, code: str) -> Iterable[bytes]:
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if "HTTP_X_AMZ_TARGET" in environ or wanted.service == "emr-serverless":
        body, kind = json.dumps({"__type": code, "message": code}), "application/x-amz-json-1.0"
    elif wanted.service == "s3":
        body, kind = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>", "application/xml"
    else:
        body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{code}</Message></Error></ErrorResponse>"
        kind = "text/xml"
    start_response(f"{status} {code}", [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body.encode()]


def _broken_off(part: bytes, connection: socket.socket) -> Iterator[bytes]:
    yield part
    connection.shutdown(socket.SHUT_RDWR)
