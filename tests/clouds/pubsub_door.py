"""A door before Pub/Sub's stand-in that counts calls, holds them up and refuses them, and knows who holds what."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

import grpc  # type: ignore[import-untyped]
from google.pubsub_v1 import AcknowledgeRequest, StreamingPullResponse

HOST = "127.0.0.1"
#: Answers a call by its name with a status in the server's place, or None where it has nothing against it.
Fault = Callable[[str], grpc.StatusCode | None]


class PubSubDoor(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Hands every call of any client on, byte by byte. `with PubSubDoor(pubsub.address) as door`."""

    def __init__(self, behind: str) -> None:
        self.counts: Counter[str] = Counter()
        self.acknowledged: set[str] = set()  # ids of messages
        self._holds: dict[str, str] = {}  # by ack id, the message's
        self._faults: list[Fault] = []
        self._streams: set[_Stream] = set()
        self._channel = grpc.insecure_channel(behind)
        self._server = grpc.server(ThreadPoolExecutor(32), handlers=[self])
        self._port = self._server.add_insecure_port(f"{HOST}:0")

    @property
    def address(self) -> str:
        """host:port of the door."""
        return f"{HOST}:{self._port}"

    def __enter__(self) -> "PubSubDoor":
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(0).wait()
        self._channel.close()

    @property
    def held(self) -> list[str]:
        """The ack ids of what was delivered and is not acknowledged."""
        return [ack for ack, message in self._holds.items() if message not in self.acknowledged]

    @contextlib.contextmanager
    def refusing(self, status: grpc.StatusCode) -> Iterator[None]:
        """Every call ends so, and every open stream now."""
        with self._faulty(lambda _: status):
            for stream in list(self._streams):
                stream.end()
            yield

    @contextlib.contextmanager
    def stuck(self, name: str, until: Event) -> Iterator[None]:
        """Calls of this name do not get through before `until`, and are not carried out."""

        def hold(asked: str) -> grpc.StatusCode | None:
            return grpc.StatusCode.UNAVAILABLE if asked == name and until.wait(60) else None

        with self._faulty(hold):
            yield

    def service(self, handler_call_details: Any) -> Any:
        """How gRPC asks who answers a call."""
        method = handler_call_details.method
        name = method.rpartition("/")[2]
        if name == "StreamingPull":
            return grpc.stream_stream_rpc_method_handler(lambda asked, context: self._stream(method, asked, context))
        return grpc.unary_unary_rpc_method_handler(lambda asked, context: self._call(method, name, asked, context))

    def _call(self, method: str, name: str, asked: bytes, context: Any) -> bytes:
        self._let_in(name, context)
        with _told_to(context):
            answer: bytes = self._channel.unary_unary(method)(asked)
        if name == "Acknowledge":
            done = AcknowledgeRequest.deserialize(asked).ack_ids
            self.acknowledged |= {self._holds[ack] for ack in done if ack in self._holds}
        return answer

    def _stream(self, method: str, asked: Iterator[bytes], context: Any) -> Iterator[bytes]:
        self._let_in("StreamingPull", context)
        stream = _Stream(self._channel.stream_stream(method), asked)
        context.add_callback(stream.end)
        self._streams.add(stream)
        try:
            with _told_to(context):
                for answer in stream.answers:
                    for received in StreamingPullResponse.deserialize(answer).received_messages:
                        self._holds[received.ack_id] = received.message.message_id
                    yield answer
        finally:
            self._streams.discard(stream)

    def _let_in(self, name: str, context: Any) -> None:
        self.counts[name] += 1
        for fault in list(self._faults):
            if (status := fault(name)) is not None:
                context.abort(status, "told to fail")

    @contextlib.contextmanager
    def _faulty(self, fault: Fault) -> Iterator[None]:
        self._faults.append(fault)
        try:
            yield
        finally:
            self._faults.remove(fault)


class _Stream:
    """A stream behind the door. To end it is to end its requests first, and then to cancel it: to one that is only
    cancelled Google's emulator goes on sending, and what it sends there is gone until its deadline."""

    def __init__(self, call: Any, asked: Iterator[bytes]) -> None:
        self._asked: SimpleQueue[bytes | None] = SimpleQueue()
        self._all_asked = Event()
        Thread(target=self._pass_on, args=(asked,), daemon=True).start()
        self.answers = call(self._requests())

    def end(self) -> None:
        self._asked.put(None)
        self._all_asked.wait(1)
        self.answers.cancel()

    def _requests(self) -> Iterator[bytes]:
        yield from iter(self._asked.get, None)
        self._all_asked.set()

    def _pass_on(self, asked: Iterator[bytes]) -> None:
        with contextlib.suppress(grpc.RpcError):  # whoever asks has gone
            for each in asked:
                self._asked.put(each)
        self._asked.put(None)


@contextlib.contextmanager
def _told_to(context: Any) -> Iterator[None]:
    """What the server refused is refused, in its words."""
    try:
        yield
    except grpc.RpcError as refused:
        context.abort(refused.code(), refused.details())
