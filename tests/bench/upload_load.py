#!/usr/bin/env python3
"""Processor time of a server per item that clients stream to a method. Linux.

    upload_load.py                                                       conformance_server of the release build
    upload_load.py --start "dotnet out/conformance-server.dll" --warm-up 20       any server of docs/spec/conformance-hub.md

Each client calls Sum with a stream, sends small integers, each in a WebSocket message of its own as Microsoft's clients do, ends the
stream and checks the sum. As many items are under way as sockets and server take.
"""
import argparse
import selectors
import statistics
import sys

from hub_client import JSON, MESSAGEPACK, connect, opened
from server_process import Server, add_server_options, pin


class Upload:
    """A client with one call at a time."""

    def __init__(self, port, path, protocol, items):
        self.socket = connect(port, path, protocol=protocol)
        opened(self.socket)
        self.socket.setblocking(False)
        piece = b"".join(protocol.item("s", value % 100) for value in range(100))
        self._begin = protocol.invocation("Sum", id="1", streams=["s"])
        self._end = protocol.end("s")
        self._call = memoryview(self._begin + piece * (items // 100) + self._end)
        total = sum(range(100)) * (items // 100)
        self._answer = str(total).encode() + b"}" if protocol is JSON else b"\xce" + total.to_bytes(4, "big")
        self._got, self._left = b"", self._call

    def begin(self):
        self._got, self._left = b"", self._call

    def send(self):
        """True when everything has been sent."""
        self._left = self._left[self.socket.send(self._left[:262144]):]
        return not self._left

    def receive(self):
        """True when the answer has come."""
        piece = self.socket.recv(65536)
        if not piece:
            sys.exit("upload_load: the server ended a connection")
        self._got += piece
        if b"error" in self._got:
            sys.exit(f"upload_load: {self._got!r}")
        return self._answer in self._got


def run(uploads):
    """One call of each."""
    chooser = selectors.DefaultSelector()
    for one in uploads:
        one.begin()
        chooser.register(one.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, one)
    left = len(uploads)
    while left:
        ready = chooser.select(60)
        if not ready:
            sys.exit("upload_load: nothing happened for 60 s")
        for key, events in ready:
            one = key.data
            if events & selectors.EVENT_READ and one.receive():
                chooser.unregister(one.socket)
                left -= 1
            elif events & selectors.EVENT_WRITE and one.send():
                chooser.modify(one.socket, selectors.EVENT_READ, one)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_server_options(parser)
    parser.add_argument("--path", default="/test")
    parser.add_argument("--protocol", choices=("json", "messagepack"), default="json")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--items", type=int, default=400_000, help="of each client in each round; whole hundreds, 2000 at least")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--warm-up", type=int, default=1, help="rounds that do not count; a server that compiles while it runs needs many")
    options = parser.parse_args()
    if options.items < 2000 or options.items % 100 != 0:
        parser.error("--items: whole hundreds, 2000 at least")
    pin(options.load_cpus)
    with Server(options.start, threads=options.threads, cpus=options.server_cpus) as server:
        protocol = JSON if options.protocol == "json" else MESSAGEPACK
        uploads = [Upload(server.port, options.path.encode(), protocol, options.items) for _ in range(options.clients)]
        for _ in range(options.warm_up):
            run(uploads)
        costs = []
        for _ in range(options.rounds):
            before = server.cpu()
            run(uploads)
            costs.append((server.cpu() - before) / (options.items * options.clients) * 1e6)
        for one in uploads:
            one.socket.close()
    cost = statistics.median(costs)
    print(f"{options.clients} uploads of {options.items} items, {options.protocol}: {cost:.3f} us of the server's processor time per item "
          f"(median of {[round(c, 3) for c in costs]})" + (f", {1e6 / cost:.0f} items per second of processor time" if cost > 0 else ""))


if __name__ == "__main__":
    main()
