#!/usr/bin/env python3
"""Processor time of a server per negotiation: kept-alive connections, one request at a time on each. Linux.

    negotiate_load.py                                                        our conformance server, started on a free port
    negotiate_load.py --start "dotnet out/BenchHub.dll --urls http://127.0.0.1:{port}"      any other SignalR server
    negotiate_load.py --pid 4711 --port 5000 --path /chat                    one that runs already

Nobody comes for what was negotiated, and servers keep that for a while (ours 10,000 for each client address and 100,000 in
all; then it answers 503, which fails the run). So it asks for some, from several addresses, rests until they are forgotten,
and asks again.
"""
import argparse
import select
import statistics
import sys
import time

from hub_client import open_socket, request
from server_process import Server, add_server_options, pin

ADDRESSES = 16


def one_round(port, path, connections, count):
    """Negotiates `count` times."""
    asking = request(b"POST", path + b"/negotiate?negotiateVersion=1", b"X-Requested-With: XMLHttpRequest\r\n")
    sockets = [open_socket(port, f"127.0.{1 + i % ADDRESSES}.1") for i in range(connections)]
    poll, by_fd = select.epoll(), {}
    for s in sockets:
        s.setblocking(False)
        by_fd[s.fileno()] = s
        poll.register(s.fileno(), select.EPOLLIN)
    for s in sockets:
        s.send(asking)
    sent, answered = connections, 0
    try:
        while answered < count:
            ready = poll.poll(30)
            if not ready:
                sys.exit(f"negotiate_load: no answer for 30 s after {answered} of {count}")
            for fd, _ in ready:
                s = by_fd[fd]
                got = s.recv(4096)  # an answer is some 400 bytes and comes in one piece
                if not got.startswith(b"HTTP/1.1 200") or b'"connectionToken"' not in got or not got.endswith(b"}"):
                    sys.exit(f"negotiate_load: answered {got[:300]!r}")
                answered += 1
                if sent < count:
                    sent += 1
                    s.send(asking)
    finally:
        for s in sockets:
            s.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_server_options(parser)
    parser.add_argument("--pid", type=int, help="of a server that runs already, at --port")
    parser.add_argument("--port", type=int)
    parser.add_argument("--path", default="/bench")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--count", type=int, default=40_000, help="negotiations of a round")
    parser.add_argument("--rounds", type=int, default=6, help="the first warms up and is not counted")
    parser.add_argument("--rest", type=float, default=8, help="seconds between rounds, until what was negotiated is forgotten")
    options = parser.parse_args()
    if options.pid is not None and options.port is None:
        parser.error("--pid needs --port")
    if options.count < options.connections or options.rounds < 2:
        parser.error("there must be a negotiation for each connection, and two rounds")
    pin(options.load_cpus)
    costs, rates, busy = [], [], []
    with Server(options.start, options.port, options.pid, options.threads, options.server_cpus) as server:
        for number in range(options.rounds):
            if number > 0:
                time.sleep(options.rest)
            cpu, begin = server.cpu(), time.perf_counter()
            one_round(server.port, options.path.encode(), options.connections, options.count)
            cpu, took = server.cpu() - cpu, time.perf_counter() - begin
            if number > 0:
                costs.append(cpu / options.count * 1e6)
                rates.append(options.count / took)
                busy.append(cpu / took)
    print(f"negotiation: {statistics.median(costs):.2f} us of the server's processor time each (median of {[round(c, 2) for c in costs]}), "
          f"{statistics.median(rates):.0f}/s over {options.connections} connections, server busy {statistics.median(busy):.2f} cores, "
          f"{'threads not told' if options.pid is not None else f'HUBBUB_THREADS={options.threads}'}")


if __name__ == "__main__":
    main()
