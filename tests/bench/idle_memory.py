#!/usr/bin/env python3
"""Resident memory of a server per idle connection: the slope between two sizes, each in a fresh process. Linux.

    idle_memory.py websocket                       also: event-stream, poll, tls-websocket
    idle_memory.py poll --headers 1500             every request with the headers of a browser, that many bytes
    idle_memory.py websocket --start "dotnet out/BenchHub.dll --urls http://127.0.0.1:{port}"

event-stream and poll count the connection whose answer is open; its POSTs come over connections that others share.
tls-websocket starts tls_server (see README.md), whose first port is plain and second speaks TLS.
"""
import argparse
import os
import select
import statistics
import sys
import time

from certificate import certificate
from hub_client import ACCEPTED, HANDSHAKE, ask, browser_headers, connect, connect_poll, negotiated, open_socket, opened, read_until, request, source_address, tls_client
from server_process import PROGRAMS, Server, add_server_options, free_port, pin, raise_descriptor_limit

BATCH = 64


class Crowd:
    """Connections of one kind, opened in batches and kept as they are."""

    def __init__(self, kind, port, path, headers):
        self.kind, self.port, self.path, self.headers = kind, port, path, headers
        self.sockets, self._polls, self._by_fd = [], select.epoll(), {}
        self._tls = tls_client() if kind == "tls-websocket" else None

    def grow_to(self, size):
        while len(self.sockets) < size:
            first = len(self.sockets)
            batch = range(first, min(first + BATCH, size))
            with open_socket(self.port, source_address(first)) if self._tls is None else open_socket(self.port, tls=self._tls) as asker:
                for i in batch:
                    self.sockets.append(getattr(self, "_" + self.kind.replace("-", "_"))(source_address(i), asker))
            if self.kind.endswith("websocket"):
                for s in self.sockets[first:]:
                    opened(s)
            self.poll_again(0)

    def _websocket(self, source, _):
        return connect(self.port, self.path, source, self.headers)

    def _tls_websocket(self, source, _):
        return connect(self.port, self.path, source, self.headers, self._tls)

    def _event_stream(self, source, asker):
        target = negotiated(asker, self.path, self.headers)
        s = open_socket(self.port, source)
        s.sendall(request(b"GET", target, b"Accept: text/event-stream\r\n" + self.headers))
        ask(asker, b"POST", target, self.headers, HANDSHAKE)
        read_until(s, ACCEPTED)
        return s

    def _poll(self, source, asker):
        s, target = connect_poll(self.port, self.path, source, asker, self.headers)
        poll = request(b"GET", target, self.headers)
        s.sendall(poll)
        self._by_fd[s.fileno()] = (s, poll)
        self._polls.register(s.fileno(), select.EPOLLIN)
        return s

    def poll_again(self, seconds):
        """Polls that waited in vain are asked again, for some seconds."""
        end = time.monotonic() + seconds
        while True:
            for fd, _ in self._polls.poll(max(0, end - time.monotonic()), 1024):
                s, poll = self._by_fd[fd]
                answer = s.recv(65536)
                if not answer.startswith(b"HTTP/1.1 200"):
                    sys.exit(f"idle_memory: a poll was answered {answer[:200]!r}")
                s.sendall(poll)
            if time.monotonic() >= end:
                return

    def close(self):
        for s in self.sockets:
            s.close()


def resident_with(options, size):
    tls_port = free_port()
    command = options.start
    if options.kind == "tls-websocket":
        command = f"{command} {tls_port} {' '.join(certificate())}"
    with Server(command, threads=options.threads, cpus=options.server_cpus) as server:
        headers = browser_headers(options.headers) if options.headers else b""
        crowd = Crowd(options.kind, tls_port if options.kind == "tls-websocket" else server.port, options.path.encode(), headers)
        try:
            crowd.grow_to(size)
            crowd.poll_again(options.rest)
            return server.resident()
        finally:
            crowd.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["websocket", "event-stream", "poll", "tls-websocket"])
    add_server_options(parser)
    parser.add_argument("--path", default="/bench")
    parser.add_argument("--headers", type=int, default=0, help="bytes of headers of a browser; 0: none")
    parser.add_argument("--sizes", type=int, nargs=2, default=None, help="connections; default 4000 18000, with TLS 500 4000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rest", type=float, default=3, help="seconds of silence before it is looked at: sweeps have run by then")
    options = parser.parse_args()
    if options.kind == "tls-websocket" and options.start == parser.get_default("start"):
        options.start = os.path.join(PROGRAMS, "tls_server")
    small, large = options.sizes or ((500, 4000) if options.kind == "tls-websocket" else (4000, 18000))
    raise_descriptor_limit()
    pin(options.load_cpus)
    slopes = [(resident_with(options, large) - resident_with(options, small)) / (large - small) for _ in range(options.rounds)]
    print(f"idle {options.kind}, {f'{options.headers} bytes of headers' if options.headers else 'small requests'}: "
          f"{statistics.median(slopes):.0f} B per connection (slope {small}..{large}, median of {[round(s) for s in slopes]}, HUBBUB_THREADS={options.threads})")


if __name__ == "__main__":
    main()
