"""What the clouds publish, on this machine: certificates and keys that are made for a test, and who asked for them."""

from __future__ import annotations

import base64
import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from api.hooks import fetching

TOPIC = "arn:aws:sns:eu-west-1:123456789012:trades"
SNS = "https://sns.eu-west-1.amazonaws.com"
CERTIFICATE = f"{SNS}/SimpleNotificationService-0123456789abcdef.pem"
DAY = timedelta(days=1)


class Internet:
    """Serves what it is told under any https address, by plain HTTP; `asked` are the addresses that were."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.served: dict[str, tuple[int, bytes]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def fetch(self, url: str) -> bytes:
        """As the program does it, but for where it is."""
        return fetching.fetch(url.replace("https://", f"http://127.0.0.1:{self._server.server_port}/", 1))

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        internet = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = f"https:/{self.path}"
                internet.asked.append(url)
                status, body = internet.served.get(url, (404, b""))
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", body.decode())
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        return Handler


@contextmanager
def internet() -> Iterator[Internet]:
    made = Internet()
    try:
        yield made
    finally:
        made.close()


class Signer:
    """A key, and a certificate for it that it signs itself: valid from yesterday until tomorrow."""

    def __init__(self, since: timedelta = -DAY, until: timedelta = DAY) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")]), datetime.now(UTC)
        self._builder = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now + since).not_valid_after(now + until)
        )  # fmt: skip

    @property
    def certificate(self) -> bytes:
        return self._builder.sign(self.key, SHA256()).public_bytes(Encoding.PEM)

    def keys(self, kid: str = "1") -> bytes:
        """As a JSON Web Key Set."""
        public: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return json.dumps({"keys": [{**public, "kid": kid, "use": "sig", "alg": "RS256"}]}).encode()

    def token(self, claims: Mapping[str, Any], kid: str = "1") -> str:
        """A JSON Web Token that was issued now and lasts an hour, unless the claims say otherwise."""
        now = datetime.now(UTC)
        return jwt.encode({"iat": now, "exp": now + timedelta(hours=1), **claims}, self.key, "RS256", {"kid": kid})

    def signed(self, message: Mapping[str, Any], version: str = "2", url: str = CERTIFICATE) -> dict[str, Any]:
        """A message of SNS with its signature over what AWS documents, in the order that it documents."""
        names = (
            ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
            if message["Type"] == "Notification"
            else ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        )
        text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message).encode()
        signature = self.key.sign(text, PKCS1v15(), SHA1() if version == "1" else SHA256())
        told = {"SignatureVersion": version, "Signature": base64.b64encode(signature).decode(), "SigningCertURL": url}
        return {**message, **told}


def sns_message(text: str, ago: timedelta = timedelta(), **more: Any) -> dict[str, Any]:
    """A notification that was sent so long ago, not signed yet."""
    return {
        "Type": "Notification",
        "MessageId": str(uuid.uuid4()),
        "TopicArn": TOPIC,
        "Message": text,
        "Timestamp": f"{datetime.now(UTC) - ago:%Y-%m-%dT%H:%M:%S}.123Z",
        **more,
    }


def s3_records(*names: str, bucket: str = "market", sequencer: str = "0055AED6DCD90281E5") -> str:
    """Objects of 7 bytes that S3 tells of."""
    thing = {"size": 7, "eTag": "d41d8cd98f00b204e9800998ecf8427e", "sequencer": sequencer}
    records = [
        {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "eventTime": "2026-01-02T03:04:05.678Z",
            "s3": {"bucket": {"name": bucket}, "object": {"key": name, **thing}},
        }
        for name in names
    ]
    return json.dumps({"Records": records})


def push(bucket: str, name: str, generation: str = "1700000000000001", message_id: str = "1") -> dict[str, Any]:
    """What Pub/Sub pushes of a new object of Cloud Storage."""
    thing = {"kind": "storage#object", "name": name, "size": "7", "timeCreated": "2026-01-02T03:04:05.678Z"}
    return {
        "subscription": "projects/p/subscriptions/s",
        "message": {
            "messageId": message_id,
            "publishTime": "2026-01-02T03:04:06Z",
            "attributes": {
                "eventType": "OBJECT_FINALIZE",
                "bucketId": bucket,
                "objectId": name,
                "objectGeneration": generation,
                "payloadFormat": "JSON_API_V1",
            },
            "data": base64.b64encode(json.dumps(thing).encode()).decode(),
        },
    }
