#!/usr/bin/env python3
"""Processor time of a server per delivery of a broadcast, for several kinds of listeners in turns. Linux.

    broadcast_load.py tls             plain sockets and TLS: tls_server of the release build, one process with both
    broadcast_load.py protocols       JSON, MessagePack, and one half of each: conformance_server
    broadcast_load.py stateful        without stateful reconnect and with it: conformance_server
    broadcast_load.py protocols --pid 4711 --port 5000 --path /bench       a server that runs already

Listeners with stateful reconnect acknowledge once a second, as Microsoft's clients do. Closed loop: the next broadcast goes out when the deliveries of the one before the last have all come.
"""
import argparse
import select
import ssl
import statistics
import sys
import time

from certificate import certificate
from hub_client import JSON, MESSAGEPACK, connect, connect_stateful, opened, source_address, tls_client
from server_process import Server, add_server_options, free_port, pin, program, raise_descriptor_limit

MARK = b"#"  # stands in no ping and in no header of a frame: one byte of each delivery, which no read can cut in two


class Listeners:
    """Listeners of one kind: they speak `protocols` in turn."""

    def __init__(self, protocols, port, tls=None):
        self.protocols, self.port, self.tls = protocols, port, tls

    def open(self, count, path):
        sockets = []
        for i in range(count):
            sockets.append(connect(self.port, path, source_address(i), tls=self.tls, protocol=self.protocols[i % len(self.protocols)]))
            opened(sockets[-1])
        return sockets

    def begin(self, by_fd):
        pass

    def received(self, fd, count):
        pass


class StatefulListeners(Listeners):
    """Listeners with stateful reconnect, in JSON."""

    def __init__(self, port):
        super().__init__([JSON], port)

    def open(self, count, path):
        sockets = []
        for i in range(count):
            sockets.append(connect_stateful(self.port, path, source_address(i)))
            opened(sockets[-1])
        return sockets

    def begin(self, by_fd):
        self._by_fd, self._counts, self._acks_at = by_fd, dict.fromkeys(by_fd, 0), time.perf_counter() + 1

    def received(self, fd, count):
        self._counts[fd] += count
        if time.perf_counter() < self._acks_at:
            return
        self._acks_at += 1
        for one, so_far in self._counts.items():
            self._by_fd[one].sendall(JSON.ack(so_far))


def deliveries_cost(server, kind, options):
    """Microseconds of the server's processor time per delivery, and deliveries per second."""
    text = MARK.decode() + "x" * (options.payload - 1)
    sockets = []
    try:
        sockets = kind.open(options.listeners, options.path.encode())
        poll, by_fd = select.epoll(), {}
        for s in sockets:
            s.setblocking(False)
            by_fd[s.fileno()] = s
            poll.register(s.fileno(), select.EPOLLIN)
        kind.begin(by_fd)
        publisher, call = sockets[0], kind.protocols[0].invocation("Broadcast", text)

        def run(broadcasts):
            sent, received, wanted = 0, 0, broadcasts * options.listeners
            while received < wanted:
                while sent < broadcasts and sent * options.listeners - received <= (options.window - 1) * options.listeners:
                    publisher.sendall(call)
                    sent += 1
                ready = poll.poll(30)
                if not ready:
                    sys.exit(f"broadcast_load: nothing came for 30 s after {received} of {wanted} deliveries")
                for fd, _ in ready:
                    came = read_all(by_fd[fd]).count(MARK)
                    received += came
                    kind.received(fd, came)
            if received != wanted:
                sys.exit(f"broadcast_load: {received} deliveries instead of {wanted}; perhaps a header has the mark in it: another --payload helps")

        run(options.warm_up)
        cpu, begin = server.cpu(), time.perf_counter()
        run(options.broadcasts)
        cpu, took = server.cpu() - cpu, time.perf_counter() - begin
        deliveries = options.broadcasts * options.listeners
        return cpu / deliveries * 1e6, deliveries / took
    finally:
        for s in sockets:
            s.close()


def read_all(s):
    """What has come. TLS keeps the rest of a record to itself, which no poll would tell."""
    got = b""
    try:
        while True:
            piece = s.recv(65536)
            if not piece:
                sys.exit("broadcast_load: the server ended a connection")
            got += piece
            if not isinstance(s, ssl.SSLSocket):
                return got
    except (ssl.SSLWantReadError, BlockingIOError):
        return got


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("tls", "protocols", "stateful"))
    add_server_options(parser, None)
    parser.add_argument("--pid", type=int, help="of a server that runs already, at --port and --tls-port")
    parser.add_argument("--port", type=int)
    parser.add_argument("--tls-port", type=int)
    parser.add_argument("--path", default="/bench")
    parser.add_argument("--listeners", type=int, default=1000)
    parser.add_argument("--payload", type=int, default=200, help="bytes of the text that is broadcast")
    parser.add_argument("--broadcasts", type=int, default=500, help="of a round")
    parser.add_argument("--warm-up", type=int, default=50)
    parser.add_argument("--window", type=int, default=2, help="broadcasts under way")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    tls = options.what == "tls"
    if options.pid is not None and (options.port is None or (tls and options.tls_port is None)):
        parser.error("--pid needs --port" + (" and --tls-port" if tls else ""))
    raise_descriptor_limit()
    pin(options.load_cpus)
    tls_port = (options.tls_port or free_port()) if tls else None
    command = options.start or program("tls_server" if tls else "conformance_server")
    if tls:
        command += f" {tls_port} {' '.join(certificate())}"
    with Server(command, options.port, options.pid, options.threads, options.server_cpus) as server:
        if tls:
            kinds = {"plain": Listeners([JSON], server.port), "TLS": Listeners([JSON], tls_port, tls_client())}
        elif options.what == "stateful":
            kinds = {"plain": Listeners([JSON], server.port), "stateful": StatefulListeners(server.port)}
        else:
            kinds = {
                "JSON": Listeners([JSON], server.port),
                "MessagePack": Listeners([MESSAGEPACK], server.port),
                "mixed": Listeners([JSON, MESSAGEPACK], server.port),
            }
        costs, rates = {name: [] for name in kinds}, {name: [] for name in kinds}
        for _ in range(options.rounds):
            for name, kind in kinds.items():
                cost, rate = deliveries_cost(server, kind, options)
                costs[name].append(cost)
                rates[name].append(rate)
    for name, values in costs.items():
        print(f"broadcast of {options.payload} B to {options.listeners}, {name}: {statistics.median(values):.3f} us of the server's processor time per delivery "
              f"(median of {[round(v, 3) for v in values]}), {statistics.median(rates[name]):.0f} deliveries/s")
    base, *others = costs
    for name in others:
        ratio = f"{statistics.median(costs[name]) / statistics.median(costs[base]):.2f}" if statistics.median(costs[base]) > 0 else "too few deliveries to tell"
        print(f"{name} / {base}: {ratio}")
    print("threads not told" if options.pid is not None else f"HUBBUB_THREADS={options.threads}")


if __name__ == "__main__":
    main()
