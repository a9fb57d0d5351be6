#!/usr/bin/env python3
"""Processor time of a server per delivery of a broadcast, over plain sockets and over TLS, in turns. Linux.

    tls_broadcast.py                                       tls_server of the release build: one process, both kinds of sockets
    tls_broadcast.py --pid 4711 --port 5000 --tls-port 5001 --path /bench      a server that runs already

Closed loop: the next broadcast goes out when the deliveries of the one before the last have all come.
"""
import argparse
import select
import ssl
import statistics
import sys
import time

from certificate import certificate
from hub_client import connect, frame, opened, source_address, tls_client
from server_process import Server, add_server_options, free_port, pin, raise_descriptor_limit

MARK = b"#"  # stands in no ping and in no header of a frame: one byte of each delivery, which no read can cut in two


def deliveries_cost(server, port, options, tls):
    """Microseconds of the server's processor time per delivery, and deliveries per second."""
    message = b'{"type":1,"target":"Broadcast","arguments":["' + MARK + b"x" * (options.payload - 1) + b'"]}\x1e'
    received_message = len(message) - len("Broadcast") + len("Receive")
    if options.payload < 100 or MARK[0] in received_message.to_bytes(2, "big"):
        sys.exit("tls_broadcast: another --payload, please")
    sockets = []
    try:
        for i in range(options.listeners):
            sockets.append(connect(port, options.path.encode(), source_address(i), tls=tls))
            opened(sockets[-1])
        poll, by_fd = select.epoll(), {}
        for s in sockets:
            s.setblocking(False)
            by_fd[s.fileno()] = s
            poll.register(s.fileno(), select.EPOLLIN)
        publisher, call = sockets[0], frame(message)

        def run(broadcasts):
            sent, received, wanted = 0, 0, broadcasts * options.listeners
            while received < wanted:
                while sent < broadcasts and sent * options.listeners - received <= (options.window - 1) * options.listeners:
                    publisher.sendall(call)
                    sent += 1
                ready = poll.poll(30)
                if not ready:
                    sys.exit(f"tls_broadcast: nothing came for 30 s after {received} of {wanted} deliveries")
                for fd, _ in ready:
                    received += read_all(by_fd[fd]).count(MARK)
            if received != wanted:
                sys.exit(f"tls_broadcast: {received} deliveries instead of {wanted}")

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
                sys.exit("tls_broadcast: the server ended a connection")
            got += piece
            if not isinstance(s, ssl.SSLSocket):
                return got
    except (ssl.SSLWantReadError, BlockingIOError):
        return got


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_server_options(parser, "tls_server")
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
    if options.pid is not None and (options.port is None or options.tls_port is None):
        parser.error("--pid needs --port and --tls-port")
    raise_descriptor_limit()
    pin(options.load_cpus)
    tls_port = options.tls_port or free_port()
    command = f"{options.start} {tls_port} {' '.join(certificate())}"
    costs, rates = {"plain": [], "TLS": []}, {"plain": [], "TLS": []}
    with Server(command, options.port, options.pid, options.threads, options.server_cpus) as server:
        for _ in range(options.rounds):
            for name, port, tls in (("plain", server.port, None), ("TLS", tls_port, tls_client())):
                cost, rate = deliveries_cost(server, port, options, tls)
                costs[name].append(cost)
                rates[name].append(rate)
    for name, values in costs.items():
        print(f"broadcast of {options.payload} B to {options.listeners}, {name}: {statistics.median(values):.3f} us of the server's processor time per delivery "
              f"(median of {[round(v, 3) for v in values]}), {statistics.median(rates[name]):.0f} deliveries/s")
    plain, tls = statistics.median(costs["plain"]), statistics.median(costs["TLS"])
    print(f"TLS / plain: {f'{tls / plain:.2f}' if plain > 0 else 'too few deliveries to tell'}, "
          f"{'threads not told' if options.pid is not None else f'HUBBUB_THREADS={options.threads}'}")


if __name__ == "__main__":
    main()
