"""Clients of the live view as a process of their own: they speak Socket.IO over plain WebSockets, which costs least.

`python -m benchmarks.live_clients ADDRESS COUNT` takes the token from stdin, says when all are connected, and at the
next line from stdin tells what each has seen: when it had how many files of every feed, and what it missed.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import websocket


@dataclass
class Client:
    """One socket and what came over it; times are seconds of the system's clock."""

    address: str
    token: str
    seen: list[tuple[float, str, int]] = field(default_factory=list)  # when, feed, files
    seq: int = 0
    gaps: int = 0
    messages: list[float] = field(default_factory=list)
    failure: str = ""
    shown: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        try:
            self._run()
        except (OSError, websocket.WebSocketException) as error:
            self.failure = repr(error)

    def _run(self) -> None:
        way = websocket.create_connection(f"{self.address.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket")
        way.recv()
        way.send(f"40{json.dumps({'token': self.token})}")
        while said := way.recv():
            at = time.time()
            if said == "2":
                way.send("3")
            elif said.startswith("42"):
                self._take(at, *json.loads(said[2:]))

    def _take(self, at: float, event: str, message: dict[str, Any]) -> None:
        if event == "snapshot":
            self.seq = message["seq"]
            self.shown.set()
        elif event == "feeds":
            self.gaps += message["seq"] != self.seq + 1
            self.seq = message["seq"]
            self.messages.append(at)
        self.seen += [(at, row["feed"], row["files"]) for row in message.get("feeds", ())]


def main(address: str, count: int) -> None:
    token = sys.stdin.readline().strip()
    clients = [Client(address, token) for _ in range(count)]
    for client in clients:
        threading.Thread(target=client.run, daemon=True).start()
    shown = all(client.shown.wait(60) for client in clients)
    started, worked = time.perf_counter(), time.process_time()
    _say({"connected": shown, "failures": [client.failure for client in clients if client.failure]})
    sys.stdin.readline()
    share = (time.process_time() - worked) / (time.perf_counter() - started)
    clients_seen = [{"seen": c.seen, "gaps": c.gaps, "messages": c.messages, "failure": c.failure} for c in clients]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _say({"clients": clients_seen, "processors": share, "megabytes": memory})


def _say(what: Any) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
