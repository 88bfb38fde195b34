"""Messages of Amazon SNS: signed, and to be believed only by a certificate from AWS's own hosts.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from api.hooks.errors import Refused, Unreadable
from api.hooks.fetching import Fetch

OLDEST = timedelta(hours=1)  # SNS itself gives up after an hour
AHEAD = timedelta(minutes=5)  # that clocks may differ
KEPT = 32  # certificates

# A region such as eu-central-1 or us-gov-west-1; `s3` or `s3-eu-west-1` there would be a bucket that is called sns.
_HOST = r"https://sns\.[a-z]{2,}(-[a-z]+)+-\d+\.amazonaws\.com(\.cn)?"
_CERTIFICATE = re.compile(_HOST + r"(/[A-Za-z0-9_-]+)+\.pem")
_CONFIRMATION = re.compile(_HOST + r"/\?[\x21-\x7e]+")
_HASHES: dict[str, Callable[[], HashAlgorithm]] = {"1": SHA1, "2": SHA256}
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}

Message = Mapping[str, Any]


class Sns:
    """Verifies messages of certain topics. `fetch` gets certificates, and confirms subscriptions."""

    def __init__(self, topics: tuple[str, ...], fetch: Fetch, clock: Callable[[], datetime]) -> None:
        self._topics, self._fetch, self._clock = topics, fetch, clock
        self._kept: dict[str, x509.Certificate] = {}
        self._lock = threading.Lock()

    def verified(self, body: bytes) -> Message:
        """A message from one of our topics. Raises Unreadable, Refused and Later.

        What costs nothing is looked at first, so that not everybody can have us fetch something.
        """
        message = _read(body)
        if message["TopicArn"] not in self._topics:
            raise Refused("its topic is not one of hooks.aws-sns.topics")
        self._check_time(message["Timestamp"])
        signature, algorithm = _signature(message)
        try:
            self._key(message["SigningCertURL"]).verify(signature, _text(message), PKCS1v15(), algorithm)
        except InvalidSignature:
            raise Refused("its signature is not that of its text") from None
        return message

    def confirm(self, message: Message) -> None:
        """Tell SNS that the subscription is wanted. Raises Refused and Later."""
        url = str(message.get("SubscribeURL"))
        asked = parse_qs(url.partition("?")[2]) if _CONFIRMATION.fullmatch(url) else {}
        wanted = {"Action": ["ConfirmSubscription"], "TopicArn": [message["TopicArn"]]}
        if any(asked.get(key) != value for key, value in wanted.items()):
            raise Refused("its SubscribeURL is no confirmation by SNS")
        self._fetch(url)

    def _check_time(self, told: str) -> None:
        try:
            at = datetime.fromisoformat(told)
        except ValueError:
            raise Unreadable("its Timestamp is no time") from None
        if at.tzinfo is None or not -AHEAD <= self._clock() - at <= OLDEST:
            raise Refused(f"it was sent at {at.isoformat()}, which is not within the last hour")

    def _key(self, url: str) -> RSAPublicKey:
        if not _CERTIFICATE.fullmatch(url):
            raise Refused("its certificate is not on a host of SNS")
        certificate = self._certificate(url)
        if not certificate.not_valid_before_utc <= self._clock() <= certificate.not_valid_after_utc:
            raise Refused("its certificate is not valid now")
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey):
            raise Refused("its certificate holds no RSA key")
        return key

    def _certificate(self, url: str) -> x509.Certificate:
        with self._lock:
            if kept := self._kept.get(url):
                return kept
        try:
            certificate = x509.load_pem_x509_certificate(self._fetch(url))
        except ValueError:
            raise Refused("its certificate cannot be read") from None
        with self._lock:
            self._kept[url] = certificate
            while len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]
        return certificate


def _read(body: bytes) -> Message:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("it is not JSON") from None
    if not isinstance(message, dict) or not isinstance(kind := message.get("Type"), str) or kind not in _SIGNED:
        raise Unreadable("it is no message of SNS; raw message delivery has to be off, for it is not signed")
    needed = {*_SIGNED[kind], "Signature", "SignatureVersion", "SigningCertURL"} - {"Subject"}
    if not all(isinstance(message.get(name), str) for name in needed):
        raise Unreadable("a part of a message of SNS is missing")
    return message


def _signature(message: Message) -> tuple[bytes, HashAlgorithm]:
    version = message["SignatureVersion"]
    if version not in _HASHES:
        raise Refused("its SignatureVersion is neither 1 nor 2")
    try:
        return base64.b64decode(message["Signature"], validate=True), _HASHES[version]()
    except (binascii.Error, ValueError):
        raise Refused("its signature is no base64") from None


def _text(message: Message) -> bytes:
    """What was signed. A Subject counts where there is one."""
    names = [name for name in _SIGNED[message["Type"]] if isinstance(message.get(name), str)]
    return "".join(f"{name}\n{message[name]}\n" for name in names).encode("utf-8", "surrogatepass")


def utc_now() -> datetime:
    return datetime.now(UTC)
