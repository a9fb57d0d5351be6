#!/usr/bin/env python3
"""Processor time of a server per delivery of a broadcast, for several kinds of listeners in turns. Linux.

    broadcast_load.py tls             plain sockets and TLS: tls_server of the release build, one process with both
    broadcast_load.py protocols       JSON, MessagePack, and one half of each: conformance_server
    broadcast_load.py stateful        without stateful reconnect and with it: conformance_server
    broadcast_load.py protocols --pid 4711 --port 5000 --path /bench       a server that runs already

Listeners with stateful reconnect acknowledge once a second, as Microsoft's clients do. Listeners over TLS decrypt what comes while the server warms up; then they
only count it by the lengths of its records. Closed loop: with --window 2 the next broadcast goes out when the deliveries of the one before the last have all come.
"""
import argparse
import select
import socket
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

    def warmed_up(self):
        pass

    def read(self, s):
        """Deliveries that have come."""
        return received(s).count(MARK)

    def received(self, fd, count):
        pass


class TlsListeners(Listeners):
    """Listeners that soon leave their records unopened. Decryption in the same machine would be most of the work, and take the cache from the server: neither is the server's cost."""

    EXTRA = 17  # bytes of a record of TLS 1.3 that are not its text: the kind of its content, and the tag

    def __init__(self, port):
        super().__init__([JSON], port, tls_client())

    def begin(self, by_fd):
        if any(s.version() != "TLSv1.3" for s in by_fd.values()):
            sys.exit("broadcast_load: the server does not speak TLS 1.3, whose records are counted here")
        self._size, self._rests = None, None  # of a delivery; rests are there once records stay closed

    def warmed_up(self):
        self._rests = {}

    def read(self, s):
        if self._rests is None:
            got = self._decrypted(s)
            count = got.count(MARK)
            if count != 0:
                self._size = min(self._size or len(got), len(got) // count)  # the least: a ping may be among them
            return count
        got, at, count = self._rests.pop(s, b"") + socket.socket.recv(s, 65536), 0, 0
        while len(got) - at >= 5 and len(got) - at >= 5 + (size := int.from_bytes(got[at + 3:at + 5], "big")):
            count += (size - self.EXTRA) // self._size  # a ping is shorter than a delivery
            at += 5 + size
        if at != len(got):
            self._rests[s] = got[at:]
        return count

    @staticmethod
    def _decrypted(s):
        got = b""
        try:
            while True:  # a record's rest is kept by the TLS socket, and no poll would tell
                got += received(s)
        except ssl.SSLWantReadError:
            return got


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
                    came = kind.read(by_fd[fd])
                    received += came
                    kind.received(fd, came)
            if received != wanted:
                sys.exit(f"broadcast_load: {received} deliveries instead of {wanted}; perhaps a header has the mark in it: another --payload helps")

        run(options.warm_up)
        kind.warmed_up()
        cpu, begin = server.cpu(), time.perf_counter()
        run(options.broadcasts)
        cpu, took = server.cpu() - cpu, time.perf_counter() - begin
        deliveries = options.broadcasts * options.listeners
        return cpu / deliveries * 1e6, deliveries / took
    finally:
        for s in sockets:
            s.close()


def received(s):
    got = s.recv(65536)
    if not got:
        sys.exit("broadcast_load: the server ended a connection")
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
            kinds = {"plain": Listeners([JSON], server.port), "TLS": TlsListeners(tls_port)}
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
