#!/usr/bin/env python3
"""Clients that do nothing wrong: echoes over WebSockets at a fixed rate, whatever else the server does. Linux.

A process of its own, so that nothing else that is written in Python holds it up. `Bystanders` starts it and asks for its figures.
The rate does not wait for answers, and a latency counts from when the call was due: a server that stalls shows in every call of that time.
"""
import argparse
import collections
import gc
import json
import os
import select
import subprocess
import sys
import time

from hub_client import JSON, connect, opened

TEXT = "y" * 40


class Bystanders:
    """The process. `report` tells what was since the last one; see `Figures.report`."""

    def __init__(self, port, connections, rate, overdue):
        command = [sys.executable, os.path.abspath(__file__), "--port", str(port), "--connections", str(connections), "--rate", str(rate),
                   "--overdue", str(overdue)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.report()

    def report(self):
        try:
            self._process.stdin.write("report\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())
        except ValueError:
            sys.exit("bystanders: the process ended")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(10)


class Client:
    def __init__(self, port, path):
        self._socket = connect(port, path)
        opened(self._socket)
        self._socket.setblocking(False)
        self._waiting, self._got, self._calls = collections.deque(), b"", 0

    def fileno(self):
        return self._socket.fileno()

    def call(self, due):
        self._calls += 1
        message = JSON.invocation("Echo", TEXT, id=str(self._calls))
        if self._socket.send(message) != len(message):
            raise ConnectionError("the server does not read")
        self._waiting.append((str(self._calls), due))

    def answers(self):
        """When the calls were due that have been answered now; raises when something else came."""
        piece = self._socket.recv(65536)
        if not piece:
            raise ConnectionError("the server ended a connection")
        *messages, self._got = (self._got + piece).split(b"\x1e")  # our answers' frames are short: no head has this byte, nor a brace
        for message in messages:
            answer = json.loads(message[message.index(b"{"):])
            if answer["type"] == 6:
                continue
            id, due = self._waiting.popleft()
            if answer != {"type": 3, "invocationId": id, "result": TEXT}:
                raise ConnectionError(f"{answer} to call {id}")
            yield due

    def waiting_since(self, instant):
        """Calls that were due before it and have no answer."""
        return sum(due < instant for _, due in self._waiting)

    def close(self):
        self._socket.close()


class Figures:
    def __init__(self):
        self.latencies, self.lateness, self.failures = [], [], []

    def report(self, overdue):
        """Milliseconds. `late` is what of the latency is this process's own doing before it sends; `failures` are never forgotten."""
        report = {"echoes": len(self.latencies), "overdue": overdue, "failures": self.failures}
        for name, values in (("", self.latencies), ("late_", self.lateness)):
            values.sort()
            report |= {name + key: round(values[min(int(len(values) * share), len(values) - 1)] * 1000, 2) if values else 0
                       for key, share in (("p50", 0.5), ("p99", 0.99), ("max", 1))}
            values.clear()
        return report


def run(clients, rate, overdue):
    figures, calls, due = Figures(), 0, time.perf_counter()

    def failed(client, why):
        figures.failures.append(str(why))
        clients.remove(client)
        client.close()

    while True:
        while clients and due <= time.perf_counter():
            client = clients[calls % len(clients)]
            calls += 1
            figures.lateness.append(time.perf_counter() - due)
            try:
                client.call(due)
            except OSError as why:
                failed(client, why)
            due += 1 / rate
        # select: epoll waits for whole milliseconds.
        ready, _, _ = select.select([sys.stdin, *clients], [], [], max(0, due - time.perf_counter()) if clients else None)
        for one in ready:
            if one is sys.stdin:
                if not sys.stdin.readline():
                    return
                before = time.perf_counter() - overdue
                print(json.dumps(figures.report(sum(client.waiting_since(before) for client in clients))), flush=True)
                continue
            try:
                for was_due in one.answers():
                    figures.latencies.append(time.perf_counter() - was_due)
            except (OSError, ValueError, KeyError, IndexError) as why:
                failed(one, why)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="/test")
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--rate", type=float, default=1000, help="calls per second of all together")
    parser.add_argument("--overdue", type=float, default=1, help="seconds after which a call without an answer is told of")
    options = parser.parse_args()
    gc.disable()
    run([Client(options.port, options.path.encode()) for _ in range(options.connections)], options.rate, options.overdue)


if __name__ == "__main__":
    main()
